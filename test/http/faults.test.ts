import type { PoolClient } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databaseFailureOf } from '../../src/db/failure.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { ADDED, TestSocket, TestStream } from '../support/follow.ts';
import type { ShownError } from '../support/graphql.ts';
import { untilWaitingForLock, waitingForLock } from '../support/locks.ts';
import { bearer, startTestService, type TestService } from '../support/service.ts';
import { until } from '../support/until.ts';
import { layWire, type Wire } from '../support/wire.ts';

const READ = '{ statements(first: 1) { nodes { text } } }';
const SAVE = 'mutation ($slug: String!) { saveTopic(input: { slug: $slug, name: $slug }) { position } }';
const RECORD = `mutation ($slug: String!) { recordStatement(input: { slug: $slug, text: "It was said.", mode: INDIRECT, act: STATE,
  speakers: ["france"], said: "2025-07-01", source: "SOURCE" }) { position } }`;

let database: TestDatabase;
let recorder: { authorization: string };
let record: string;
beforeAll(async () => {
  database = await createTestDatabase({ seeded: true });
  recorder = await bearer(database.db, 'recorder', 'faults');
  const { rows } = await database.db.pool.query<{ slug: string }>('SELECT slug FROM source LIMIT 1');
  record = RECORD.replace('SOURCE', rows[0]?.slug ?? '');
});
afterAll(() => database.drop());

interface Answered {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly errors: readonly ShownError[];
}

async function post(
  service: TestService,
  query: string,
  variables: object = {},
  signal: AbortSignal | null = null,
): Promise<Answered> {
  const response = await fetch(`${service.origin}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(query.startsWith('mutation') && recorder) },
    body: JSON.stringify({ query, variables }),
    signal,
  });
  const { errors = [] } = (await response.json()) as { errors?: ShownError[] };
  return { status: response.status, retryAfter: response.headers.get('retry-after'), errors };
}

/** Waits until the service answers an operation. */
const answers = (service: TestService, query: string, variables?: object): Promise<boolean> =>
  until('an answer with status 200', async () => (await post(service, query, variables)).status === 200);
const isReady = (service: TestService): Promise<boolean> =>
  until('status 200 of /ready', async () => (await statusOf(service, '/ready')) === 200);

const statusOf = async (service: TestService, path: string): Promise<number> =>
  (await fetch(service.origin + path)).status;
const unavailable = (answered: Answered): void => {
  expect(answered).toMatchObject({ status: 503, errors: [{ extensions: { code: 'UNAVAILABLE' } }] });
  expect(Number(answered.retryAfter)).toBeGreaterThan(0);
  expect(JSON.stringify(answered.errors)).not.toMatch(/ECONN|postgres|127\.0\.0\.1|"http"/i);
};

describe('while PostgreSQL is gone', () => {
  let wire: Wire;
  let service: TestService;
  beforeAll(async () => {
    wire = await layWire(database.url);
    service = await startTestService(wire.url, { QUEUE_WAIT_MS: '2000' });
  });
  afterAll(async () => {
    await service.stop();
    // A connection that the service kept would be waited for until the time limit.
    await until('the end of all connections to PostgreSQL', () => wire.count === 0);
    await wire.stop();
  });

  it.each<['cut' | 'silence']>([['cut'], ['silence']])(
    'reads and writes are refused with a code, and subscriptions stay open and catch up (%s)',
    async (how) => {
      const socket = new TestSocket(service.origin);
      const overSocket = socket.follow({ query: ADDED });
      const stream = new TestStream(service.origin, { query: ADDED });
      await stream.response;
      await answers(service, record, { slug: `before-${how}` });
      await Promise.all([overSocket.count(1), stream.received.count(1)]);

      wire[how]();
      const [read, write] = await Promise.all([post(service, READ), post(service, SAVE, { slug: 'x' })]);
      unavailable(read);
      unavailable(write);
      expect(await statusOf(service, '/health')).toBe(200);
      expect(await statusOf(service, '/ready')).toBe(503);

      const other = await startTestService(database.url);
      await post(other, record, { slug: `meanwhile-${how}` });
      await other.stop();
      wire.mend();
      await Promise.all([overSocket.count(2), stream.received.count(2)]);
      for (const received of [overSocket, stream.received]) {
        expect(received.slugs).toEqual([`before-${how}`, `meanwhile-${how}`]);
        expect(received.hasUnbrokenChain()).toBe(true);
      }
      await answers(service, READ);
      await isReady(service);
      await socket.close();
      stream.stop();
      expect(service.masked).toEqual([]);
    },
  );

  it.each([
    [READ.replace('{', 'query UnderWay {'), {}], // which no client has sent before
    ['query UnderWay { record { statements } }', {}],
    [SAVE, { slug: 'cut-off' }],
  ])('what is under way is refused as well: %s', async (query, variables) => {
    const locked = await database.db.pool.connect();
    await locked.query('BEGIN; LOCK TABLE statement, topic IN ACCESS EXCLUSIVE MODE');
    try {
      let asked = post(service, query, variables);
      await until('an SQL statement that waits for a lock', async () => {
        // It is refused at once while the service has not noticed yet that PostgreSQL is back from the cut before.
        if (await Promise.race([asked.then(() => true), false])) asked = post(service, query, variables);
        return waitingForLock(database.db.pool);
      });
      wire.cut();
      unavailable(await asked);
    } finally {
      wire.mend();
      await locked.query('ROLLBACK');
      locked.release();
    }
    await answers(service, READ);
    expect(service.masked).toEqual([]);
  });

  it('nothing is left behind: no connection is held, none waits, and there are no more than allowed', async () => {
    const { totalCount, idleCount, waitingCount } = service.db.pool;
    expect({ held: totalCount - idleCount, waitingCount }).toEqual({ held: 0, waitingCount: 0 });
    expect(wire.count).toBeLessThanOrEqual(14);
  });
});

describe('when every connection is in use', () => {
  it('new work is refused after a short wait, /ready says so, and open subscriptions go on', async () => {
    const service = await startTestService(database.url, { POOL_MAX: '4', QUEUE_WAIT_MS: '3000' });
    const other = await startTestService(database.url);
    const socket = new TestSocket(service.origin);
    const received = socket.follow({ query: ADDED });
    await answers(other, record, { slug: 'is-open' });
    await received.count(1);

    const held: PoolClient[] = [];
    for (let i = 0; i < 3; i += 1) held.push(await service.db.pool.connect());
    unavailable(await post(service, READ));
    expect(await statusOf(service, '/ready')).toBe(503);
    expect(await statusOf(service, '/health')).toBe(200);
    await post(other, record, { slug: 'goes-on' });
    await received.count(2);
    expect(received.slugs).toEqual(['is-open', 'goes-on']);

    for (const client of held) client.release();
    await answers(service, READ);
    await isReady(service);
    await socket.close();
    await other.stop();
    await service.stop();
  });
});

describe('SQL that is not wanted any more is cancelled', () => {
  let service: TestService;
  let locked: PoolClient;
  beforeAll(async () => {
    // Neither a timeout of PostgreSQL nor one of the operation may end what the tests expect to be cancelled.
    service = await startTestService(database.url, {
      STATEMENT_TIMEOUT_MS: '600000',
      OPERATION_TIMEOUT_MS: '600000',
    });
    locked = await database.db.pool.connect();
  });
  afterAll(async () => {
    locked.release();
    await service.stop();
  });

  /** Waits until this number of the service's reads wait for the tables that the test has locked. */
  const waiting = (count: number): Promise<void> => untilWaitingForLock(database.db.pool, count);

  async function whileLocked(use: () => Promise<void>): Promise<void> {
    await locked.query('BEGIN; LOCK TABLE statement, actor, topic, source, event IN ACCESS EXCLUSIVE MODE');
    try {
      await use();
    } finally {
      await locked.query('ROLLBACK');
    }
  }

  it.each([
    READ,
    '{ statements(filter: { search: "peace" }) { totalCount } }',
    '{ record { statements } }',
    '{ actors(first: 1) { nodes { name } } }',
    '{ actors(search: "kremlin") { nodes { name } } }',
    '{ actor(slug: "france") { name } }',
    '{ topic(slug: "ceasefire") { name } }',
    '{ source(slug: "article") { title } }',
    '{ event(slug: "call") { comparison { verdict } } }',
  ])('when the client of a request over HTTP goes: %s', (query) =>
    whileLocked(async () => {
      const controller = new AbortController();
      const asked = post(service, query, {}, controller.signal).catch((error: Error) => error.name);
      await waiting(1);
      controller.abort();
      expect(await asked).toBe('AbortError');
      await waiting(0);
    }),
  );

  it('when an operation on a WebSocket is completed, and when the socket closes', () =>
    whileLocked(async () => {
      const socket = new TestSocket(service.origin);
      socket.follow({ query: READ }, 'one');
      await waiting(1);
      socket.send({ id: 'one', type: 'complete' });
      await waiting(0);
      socket.follow({ query: READ }, 'two');
      await waiting(1);
      await socket.close();
      await waiting(0);
    }));

  it('when the reader of a stream goes', () =>
    whileLocked(async () => {
      const stream = new TestStream(service.origin, { query: READ }, { plain: false });
      stream.response.catch(() => undefined); // it is this test that ends it
      await waiting(1);
      stream.stop();
      await waiting(0);
    }));

  it('when the operation takes too long, and says so to its client', async () => {
    const hasty = await startTestService(database.url, { OPERATION_TIMEOUT_MS: '300' });
    await whileLocked(async () => {
      const { errors } = await post(hasty, READ);
      expect(errors).toMatchObject([
        { extensions: { code: 'LIMIT_EXCEEDED', limit: 'OPERATION_TIMEOUT_MS', max: 300 } },
      ]);
      await waiting(0);
    });
    await hasty.stop();
  });

  it('and the connections are whole again afterwards', async () => {
    const answers = await Promise.all(Array.from({ length: 30 }, () => post(service, READ)));
    expect(answers.map(({ status }) => status)).toEqual(Array(30).fill(200));
    expect(service.db.pool.totalCount - service.db.pool.idleCount).toBe(0);
  });

  it('by its own timeout as well, with a code', async () => {
    const impatient = await startTestService(database.url, { STATEMENT_TIMEOUT_MS: '150' });
    await whileLocked(async () => {
      const { errors } = await post(impatient, READ);
      const extensions = { code: 'LIMIT_EXCEEDED', limit: 'STATEMENT_TIMEOUT_MS', max: 150 };
      expect(errors).toMatchObject([{ extensions }]);
      expect(errors[0]?.message).toMatch(/took too long/);
    });
    await impatient.stop();
  });
});

describe('a write that PostgreSQL refuses', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await startTestService(database.url);
  });
  afterAll(() => service.stop());

  /** Makes saving a topic fail with a SQLSTATE this number of times; a sequence counts on where a transaction is undone. */
  async function failing(state: string, times: number, use: () => Promise<void>): Promise<void> {
    const { pool } = database.db;
    await pool.query(`CREATE SEQUENCE attempts;
      CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF nextval('attempts') <= ${times} THEN RAISE EXCEPTION 'made up' USING ERRCODE = '${state}'; END IF;
        RETURN NEW; END $$;
      CREATE TRIGGER fail BEFORE INSERT ON topic FOR EACH ROW EXECUTE FUNCTION fail()`);
    try {
      await use();
    } finally {
      await pool.query('DROP TRIGGER fail ON topic; DROP FUNCTION fail; DROP SEQUENCE attempts');
    }
  }

  it.each([['40001'], ['40P01']])('because of another one (%s) is repeated, and succeeds', (state) =>
    failing(state, 2, async () => {
      const { status, errors } = await post(service, SAVE, { slug: `repeated-${state.toLowerCase()}` });
      expect({ status, errors }).toEqual({ status: 200, errors: [] });
    }),
  );

  it('because of others again and again is given up with a code that says to try again', () =>
    failing('40001', 1_000, async () => {
      const answered = await post(service, SAVE, { slug: 'given-up' });
      expect(answered.errors).toMatchObject([{ extensions: { code: 'UNAVAILABLE' } }]);
      expect(answered.errors[0]?.message).toMatch(/Try again/);
    }));

  it('because the disk is full is reported as that, once, and reading goes on', () =>
    failing('53100', 1_000, async () => {
      const { errors } = await post(service, SAVE, { slug: 'no-space' });
      expect(errors).toMatchObject([{ extensions: { code: 'UNAVAILABLE' } }]);
      expect(errors[0]?.message).toMatch(/can be read but not written/);
      expect((await post(service, READ)).status).toBe(200);
    }));

  it.each([
    ['08006', 'unreachable'],
    ['57P01', 'unreachable'],
    ['57P03', 'unreachable'],
    ['53300', 'unreachable'],
    ['ECONNREFUSED', 'unreachable'],
    ['P1001', 'unreachable'],
    ['P2024', 'unreachable'],
    ['53100', 'unwritable'],
    ['25006', 'unwritable'],
    ['40001', 'conflict'],
    ['55P03', 'conflict'],
    ['57014', 'slow'],
    ['42601', null],
    ['23514', null],
  ])('with the code %s counts as %s, however deep in an error it stands', (code, fault) => {
    expect(databaseFailureOf(Object.assign(new Error('x'), { code }))).toBe(fault);
    const wrapped = new Error('outer', {
      cause: Object.assign(new Error('inner'), { cause: { originalCode: code } }),
    });
    expect(databaseFailureOf(wrapped)).toBe(fault);
  });
});
