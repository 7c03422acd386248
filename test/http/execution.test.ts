import { type ExecutionResult, execute, parse } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Chance } from '../../bench/fuzz/chance.ts';
import { DocumentMaker } from '../../bench/fuzz/document.ts';
import { Execution } from '../../src/http/execution.ts';
import { schema } from '../../src/schema/schema.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { type Answer, createTestGraphql, type TestGraphql } from '../support/graphql.ts';

const DOCUMENTS = 250;

let database: TestDatabase;
let graphql: TestGraphql;
beforeAll(async () => {
  database = await createTestDatabase({ seeded: true });
  graphql = await createTestGraphql(database.db);
});
afterAll(async () => {
  await graphql.stop();
  await database.drop();
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
  });

  it('is nothing that a program could get wrong, and nothing large', async () => {
    for (const text of [
      'mutation { __typename }',
      '{ __typename @skip(if: false) }',
      '{ __typename ... @include(if: true) { a: __typename } }',
      '{ __proto__: __typename }',
      'query ($filter: StatementFilter) { __typename }',
      'query ($filter: [StatementFilter!]) { __typename }',
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
