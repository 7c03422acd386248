import { type OperationDefinitionNode, parse } from 'graphql';
import type { PoolClient, QueryResult } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Case, comparedEvent, fieldCases } from '../../../bench/cost/cases.ts';
import { coordinatesIn, coordinatesOfQueries } from '../../../bench/cost/coverage.ts';
import { DEFAULT_LIMITS } from '../../../src/config/limits.ts';
import { costOf } from '../../../src/http/cost/cost.ts';
import { mostExpensiveOf } from '../../../src/http/cost/mostExpensive.ts';
import { REQUEST_POINTS } from '../../../src/http/cost/prices.ts';
import { schema } from '../../../src/schema/schema.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { createTestGraphql, type TestGraphql } from '../../support/graphql.ts';
import { untilWaitingForLock } from '../../support/locks.ts';
import { makeRandomRecord } from '../../support/randomRecord.ts';
import { startTestService, type TestService } from '../../support/service.ts';

/** Bounds of the prices, in points: the least for a SQL statement, and the most for a row and a byte. */
const POINTS_PER_STATEMENT_MIN = 200;
const POINTS_PER_ROW_MIN = 1;
const POINTS_PER_BYTE_MIN = 1 / 50;

/** The estimate of the only operation of a document. */
function estimate(query: string) {
  const document = parse(query);
  const [operation] = document.definitions as [OperationDefinitionNode];
  const counted = { schema, document, operation, variables: {} };
  return { ...costOf(counted), mostExpensive: mostExpensiveOf(counted) };
}

describe('the estimate of every field, argument and condition', () => {
  let test: TestDatabase;
  let graphql: TestGraphql;
  let cases: Case[] = [];
  let work = { statements: 0, rows: 0 };
  beforeAll(async () => {
    test = await createTestDatabase({ seeded: false });
    // As many as the cases name: suggestions for unknown slugs are not estimated, but charged by their SQL.
    const nouns = { actors: 101, topics: 101, sources: 101, events: 101, collections: 101 };
    await makeRandomRecord(test.db, { seed: 11, length: 200, nouns });
    graphql = await createTestGraphql(test.db);
    cases = fieldCases(await comparedEvent(async (query) => (await graphql.answer(query)).data));
    countWork();
  });
  afterAll(async () => {
    await graphql.stop();
    await test.drop();
  });

  /** Counts the SQL statements that are sent from now on, and their rows. */
  function countWork(): void {
    const watched = new WeakSet<PoolClient>();
    test.db.pool.on('acquire', (client) => {
      if (watched.has(client)) return;
      watched.add(client);
      const send = client.query.bind(client) as (...args: unknown[]) => unknown;
      const query = (...args: unknown[]): unknown => {
        const done = args.pop() as (error: Error | null, result?: QueryResult) => void;
        return send(...args, (error: Error | null, result?: QueryResult) => {
          work.statements += 1;
          work.rows += result?.rows.length ?? 0;
          done(error, result);
        });
      };
      Object.assign(client, { query });
    });
  }

  it('is made for everything that a query can name', () => {
    const named = new Set(cases.flatMap(({ query }) => [...coordinatesIn(query)]));
    const missing = [...coordinatesOfQueries()].filter((coordinate) => !named.has(coordinate));
    expect(missing).toEqual([]);
  });

  it('is no less than its statements of SQL, its rows and the bytes of its answer', async () => {
    const cheap: string[] = [];
    for (const { name, query } of cases) {
      work = { statements: 0, rows: 0 };
      const answer = await graphql.answer(query);
      expect(answer.errors, `${name}: ${query}`).toBeUndefined();
      const { statements, rows } = work;
      const bytes = JSON.stringify(answer).length;
      const points = REQUEST_POINTS + estimate(query).points;
      const least = Math.max(
        statements * POINTS_PER_STATEMENT_MIN,
        rows * POINTS_PER_ROW_MIN,
        bytes * POINTS_PER_BYTE_MIN,
      );
      if (points < least) {
        cheap.push(`${name}: ${points} points for ${statements} statements, ${rows} rows and ${bytes} bytes`);
      }
    }
    expect(cheap).toEqual([]);
  });

  it('of a condition grows with the lists that it is applied to', () => {
    const conditions = cases.filter(({ name }) => name.startsWith('Query.statements {'));
    expect(conditions.length).toBeGreaterThan(30);
    const plain = estimate('{ statements(first: 10) { nodes { id } } }').points;
    const free = conditions.filter(({ query }) => estimate(query).points <= plain);
    expect(free.map(({ name }) => name)).toEqual([]);
  });
});

describe('an operation that once was too expensive', () => {
  it.each(['sides', 'offices'])('costs what it takes: 100 values of %s', (name) => {
    const value = (i: number) => (name === 'sides' ? `"actor-${i}"` : `{ role: "member", in: "actor-${i}" }`);
    const values = Array.from({ length: 100 }, (_, i) => value(i)).join(', ');
    const filtered = (filter: string) =>
      estimate(`{ statements(filter: ${filter}) { nodes { id } } }`).points;
    // It reads as many rows as a list of speakers. Many holders of an office are paid by their SQL.
    expect(filtered(`{ ${name}: [${values}] }`)).toBeLessThan(
      3 * filtered(`{ speakers: [${values.replaceAll(/\{.*?in: |\}/g, '')}] }`),
    );
  });
});

describe('an operation that once was too cheap', () => {
  let database: TestDatabase;
  let service: TestService;
  beforeAll(async () => {
    database = await createTestDatabase({ seeded: true });
    service = await startTestService(database.url, { CACHE_BYTES_MAX: '0' });
  });
  afterAll(async () => {
    await service.stop();
    await database.drop();
  });

  const conditions = (count: number, one: string) => Array(count).fill(one).join(' ');
  const EMPTY = '{ speakers: [], addressees: [], attributedTo: [], events: [], sources: [], topics: [] }';

  it('costs what it takes: a count without a page, and invalid ids', () => {
    const page = estimate('{ statements(first: 20) { nodes { id } } }').points;
    expect(estimate('{ statements(first: 0) { totalCount } }').points).toBeGreaterThan(page);
    const node = 'id ... on Statement { speakers { name } topics { topic { name } } }';
    const one = estimate(`{ nodes(ids: ["a"]) { ${node} } }`).points;
    expect(estimate(`{ nodes(ids: []) { ${node} } }`).points).toBeGreaterThan(one - 10);
  });

  it('costs what it takes: many conditions without values', () => {
    const one = estimate(`{ statements(first: 0, filter: ${EMPTY}) { nodes { id } } }`).points;
    const many = `{ statements(first: 0, filter: { any: [${conditions(12, EMPTY)}] }) { nodes { id } } }`;
    expect(estimate(many).points).toBeGreaterThan(one + 11 * 6 * 90);
    const not = `{ not: { any: [${conditions(100, '{ topics: ["x"] }')}] } }`;
    expect(estimate(`{ statements(filter: ${not}) { totalCount } }`).points).toBeGreaterThan(100 * 90);
  });

  it('is refused: every topic with every position on it, and all statements of the accounts of events', () => {
    const topics = estimate(
      '{ topics(first: 100) { nodes { name positions { stance actor { name } statement { text } } } } }',
    );
    expect(topics.points).toBeGreaterThan(DEFAULT_LIMITS.COST_MAX);
    expect(topics.mostExpensive?.path).toBe('topics.nodes.positions');
    const events = estimate(
      '{ events(first: 100) { nodes { accounts { statements { text speakers { name } } } } } }',
    );
    expect(events.points).toBeGreaterThan(DEFAULT_LIMITS.COST_MAX);
  });

  it('is refused: a search for a name with too many words', async () => {
    const { errors } = await service.ask('query ($s: String) { actors(search: $s) { nodes { id } } }', {
      s: 'a b c d e f g h i j k',
    });
    expect(errors?.[0]?.extensions).toMatchObject({
      code: 'LIMIT_EXCEEDED',
      limit: 'SEARCH_WORDS_MAX',
      max: 10,
    });
  });

  it('is charged at settlement where the estimate was too low', async () => {
    const query = '{ record { statements } }';
    const locked = await database.db.pool.connect();
    await locked.query('BEGIN; LOCK TABLE statement IN ACCESS EXCLUSIVE MODE');
    const asked = service.ask(query, {}, { 'x-readout-cost': '1' });
    await untilWaitingForLock(database.db.pool, 1);
    await locked.query('SELECT pg_sleep(1)'); // this process is idle, so the time is PostgreSQL's
    await locked.query('ROLLBACK');
    locked.release();
    const { extensions } = (await asked) as unknown as { extensions: { cost: number } };
    expect(extensions.cost).toBeGreaterThan(estimate(query).points + 20_000);
  });
});
