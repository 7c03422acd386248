import { type ExecutionResult, execute, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { Chance } from '../../../bench/fuzz/chance.ts';
import { DocumentMaker } from '../../../bench/fuzz/document.ts';
import { Execution } from '../../../src/http/graphql/execution.ts';
import { schema } from '../../../src/schema/schema.ts';
import type { Answer, TestGraphql } from '../../support/graphql.ts';
import { useGraphql } from '../../support/useGraphql.ts';

const DOCUMENTS = 250;

let graphql: TestGraphql;
useGraphql('seed', (used) => {
  graphql = used.graphql;
});

/** What does not depend on chance: fields that fail at once do so in any order, and of those that fail all only one tells. */
function essence({ data, errors }: Answer<unknown>) {
  return {
    data: JSON.stringify(data),
    errors: data === null ? errors !== undefined : errors?.map((e) => JSON.stringify(e)).sort(),
  };
}

describe('a query that is asked again', () => {
  it('has the same answer as the first time, whatever it asks for', async () => {
    const maker = new DocumentMaker(schema, new Chance(20251123));
    let answered = 0;
    for (let i = 0; i < DOCUMENTS; i += 1) {
      const query = maker.operation('query');
      const first = await graphql.answer(query);
      if (first.data) answered += 1;
      for (const again of [await graphql.answer(query), await graphql.answer(query)]) {
        expect(essence(again), query).toEqual(essence(first));
      }
    }
    expect(answered).toBeGreaterThan(DOCUMENTS / 4);
  });

  it('has the same refusal for wrong variables', async () => {
    const query =
      'query ($slug: String!, $first: Int) { actor(slug: $slug) { statements(first: $first) { totalCount } } }';
    for (const variables of [
      {},
      { slug: null },
      { slug: 3 },
      { slug: 'iran', first: 1.5 },
      { slug: 'iran', first: -1 },
    ]) {
      const first = await graphql.answer(query, variables);
      expect(first.errors).toHaveLength(1);
      expect(await graphql.answer(query, variables)).toEqual(first);
      expect(await graphql.answer(query, variables)).toEqual(first);
    }
    expect(await graphql.data(query, { slug: 'iran' })).toMatchObject({ actor: { statements: {} } });
  });

  it('has the same answer for values of all kinds in its variables', async () => {
    const query = `query ($filter: StatementFilter, $order: StatementOrder = SAID_ON_ASC, $topics: [String!], $more: Boolean, $source: String = "macron-putin-call-article") {
      a: statements(first: 3, filter: $filter, orderBy: $order) { totalCount nodes { slug } }
      b: statements(first: 2, filter: { not: $filter, topics: $topics, includeSubtopics: $more, sources: [$source] }) { nodes { slug } }
    }`;
    const nested = {
      not: { speakers: ['donald-trump'] },
      any: [{ saidFrom: '2025-01-01' }, { modes: 'DIRECT' }],
    };
    const answers = new Set<string>();
    const cases = [
      {},
      { filter: null, order: null },
      { filter: {}, order: 'SAID_ON_DESC' },
      { filter: { speakers: 'emmanuel-macron' }, topics: ['iran-nuclear-programme'], more: false },
      { filter: nested, order: 'RECORDED_DESC', topics: [], unknown: 1 },
      { filter: { search: 'ceasefire', acts: ['STATE', 'CALL'] }, order: 'RELEVANCE' },
      { filter: { saidFrom: 'soon' } },
      { topics: ['iran-nuclear-programme'] },
      { topics: ['iran-nuclear-programme'], source: null },
      { filter: { nobody: 1 }, order: 'SIDEWAYS', topics: [null] },
    ];
    for (const [i, variables] of cases.entries()) {
      const another = `${query} # ${i}`; // a document of its own, executed before it is compiled
      const first = await graphql.answer(another, variables);
      expect(await graphql.answer(another, variables)).toEqual(first);
      expect(await graphql.answer(another, variables)).toEqual(first);
      answers.add(JSON.stringify(first));
    }
    expect(answers.size).toBeGreaterThan(cases.length - 2);
  });
});

describe('what is compiled', () => {
  const many = (count: number, make: (i: number) => string) =>
    Array.from({ length: count }, (_, i) => make(i)).join(' ');
  const run = async (text: string, times: number, operationName?: string) => {
    const execution = new Execution(schema);
    const args = { schema, document: parse(text), contextValue: {}, ...(operationName && { operationName }) };
    const results: ExecutionResult[] = [];
    for (let i = 0; i < times; i += 1) results.push(await execution.run(args));
    for (const result of results) expect(result).toEqual(await execute(args));
    return execution.compiled;
  };

  it('is a query, from the second time on, once', async () => {
    expect(await run('{ __typename }', 1)).toBe(0);
    expect(await run('{ __typename }', 4)).toBe(1);
    expect(await run('query A { a: __typename } query B { b: __typename }', 3, 'B')).toBe(1);
    expect(await run('query ($filter: [StatementFilter!]) { __typename }', 3)).toBe(1);
  });

  it('is nothing that a program could get wrong, and nothing large', async () => {
    for (const text of [
      'mutation { __typename }',
      '{ __typename @skip(if: false) }',
      '{ __typename ... @include(if: true) { a: __typename } }',
      '{ __proto__: __typename }',
      '{ __schema { types { name } } }',
      '{ __type(name: "CheckedValue") { name } }',
      `{ ${many(201, (i) => `a${i}: __typename`)} }`,
      `{ ...F0 } ${many(30, (i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`)} fragment F30 on Query { __typename }`,
    ]) {
      expect(await run(text, 3), text).toBe(0);
    }
  });

  it('is no operation that the document does not have', async () => {
    expect(await run('query A { a: __typename } query B { b: __typename }', 3)).toBe(0);
    expect(await run('query A { a: __typename }', 3, 'C')).toBe(0);
  });
});
