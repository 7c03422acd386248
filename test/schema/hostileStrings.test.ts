import {
  type GraphQLArgument,
  type GraphQLInputType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { expect, it } from 'vitest';
import { schema } from '../../src/schema/schema.ts';
import { useSeededRecord } from '../support/seeded.ts';

const record = useSeededRecord();

const HOSTILE = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\ud800',
  'x\udfff',
  '\u202e',
  '🦊'.repeat(50),
  "'; DROP TABLE statement; --",
  '$1',
  '%',
  '\\',
  '"',
  '{}',
  'null',
  '2025-02-30',
  '9999-12-31',
  '-1',
  '1e400',
  'x'.repeat(10_000),
  Buffer.from('["SAID_ON_DESC","9999-12-31",2147483647]').toString('base64url'),
  Buffer.from('["NAME","\\u0000",1]').toString('base64url'),
  Buffer.from('["DATE","2025-02-29",-2147483649]').toString('base64url'),
  Buffer.from('[[]]').toString('base64url'),
];

const STRINGS = ['String', 'ID', 'Date', 'Position'];

/** Values of an argument that hold `text` in each place where a text can be, but for filters within filters. */
function holding(type: GraphQLInputType, text: string, above: readonly GraphQLInputType[] = []): unknown[] {
  if (isNonNullType(type)) return holding(type.ofType, text, above);
  if (isListType(type)) return holding(type.ofType, text, above).map((value) => [value]);
  if (isInputObjectType(type)) {
    if (above.includes(type)) return [];
    const fields = Object.values(type.getFields());
    const required = fields.flatMap(({ name, type: own }): [string, unknown][] => {
      const named = getNamedType(own);
      return isNonNullType(own) ? [[name, isEnumType(named) ? named.getValues()[0]?.name : 'x']] : [];
    });
    return fields.flatMap((field) =>
      holding(field.type, text, [...above, type]).map((value) => ({
        ...Object.fromEntries(required),
        [field.name]: value,
      })),
    );
  }
  return STRINGS.includes(getNamedType(type).name) ? [text] : [];
}

const isRequired = (arg: GraphQLArgument): boolean =>
  isNonNullType(arg.type) && arg.defaultValue === undefined;

/** Every argument that takes a text, with its place: at the top, or below another field. */
const PARENTS: [string, string, string][] = [
  ['Query', '', ''],
  ['Actor', 'actor(slug: "emmanuel-macron") {', '}'],
  ['Topic', 'topic(slug: "ukraine-war") {', '}'],
  ['Source', 'source(slug: "macron-putin-call-article") {', '}'],
  ['Event', 'event(slug: "call-2025-07-01") {', '}'],
];
const FIELDS = PARENTS.flatMap(([typeName, before, after]) => {
  const type = schema.getType(typeName);
  return Object.values(isObjectType(type) ? type.getFields() : {}).flatMap((field) =>
    field.args
      .filter(
        (arg) =>
          // The filter of every list is the same: at the top and in one list below is enough.
          (arg.name !== 'filter' || ['Query', 'Topic'].includes(typeName)) &&
          holding(arg.type, 'x').length > 0 &&
          field.args.every((a) => a === arg || !isRequired(a)),
      )
      .map((arg): [string, string, GraphQLArgument] => [
        `${typeName}.${field.name}(${arg.name}:)`,
        `query ($value: ${arg.type}) { ${before} ${field.name}(${arg.name}: $value) ${isLeafType(getNamedType(field.type)) ? '' : '{ __typename }'} ${after} }`,
        arg,
      ]),
  );
});

it('there are enough places to try', () => {
  expect(FIELDS.length).toBeGreaterThan(25);
});

it.each(FIELDS)('%s takes any text, or refuses it with a code', async (_, query, arg) => {
  for (const text of HOSTILE) {
    const values = holding(arg.type, text);
    const answers = await Promise.all(values.map((value) => record.graphql.answer(query, { value })));
    for (const [i, { errors = [] }] of answers.entries()) {
      for (const { extensions, message } of errors) {
        const shown = `${JSON.stringify(values[i]).slice(0, 80)}: ${message.slice(0, 200)}`;
        expect(extensions?.code, shown).toMatch(/^(INVALID_INPUT|LIMIT_EXCEEDED|NOT_FOUND)$/);
      }
    }
  }
  expect(record.graphql.masked).toEqual([]);
});
