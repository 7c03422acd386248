import { expect, it } from 'vitest';
import { useSeededRecord } from '../support/seeded.ts';

const record = useSeededRecord();

it.each([
  ['a syntax error', '{ statements(', {}, 'GRAPHQL_PARSE_FAILED'],
  ['an unknown field', '{ statement(slug: "x") { author } }', {}, 'GRAPHQL_VALIDATION_FAILED'],
  ['a missing argument', '{ event { slug } }', {}, 'GRAPHQL_VALIDATION_FAILED'],
  [
    'a variable of another type',
    'query ($n: Int) { statements(first: $n) { totalCount } }',
    { n: 'x' },
    'INVALID_INPUT',
  ],
  ['a missing variable', 'query ($n: Int!) { statements(first: $n) { totalCount } }', {}, 'INVALID_INPUT'],
  [
    'an invalid day in a variable',
    'query ($d: Date) { statements(filter: { saidTo: $d }) { totalCount } }',
    { d: '2025' },
    'INVALID_INPUT',
  ],
  [
    'an invalid day in the text',
    '{ statements(filter: { saidTo: "2025" }) { totalCount } }',
    {},
    'INVALID_INPUT',
  ],
  ['a day that is a number', '{ statements(filter: { saidTo: 2025 }) { totalCount } }', {}, 'INVALID_INPUT'],
])('%s is an error with a code and its place', async (_, query, variables, code) => {
  const { extensions, locations } = await record.graphql.refusal(query, variables);
  expect(extensions).toMatchObject({ code });
  expect(locations).toHaveLength(1);
});

it('an answer keeps the order of the selection', async () => {
  const text =
    '{ topic(slug: "ukraine-war") { statements(first: 1) { totalCount } name positions { stance } slug } record { position } }';
  const { topic } = await record.ask<{ topic: object }>(text);
  expect(Object.keys(topic)).toEqual(['statements', 'name', 'positions', 'slug']);
});
