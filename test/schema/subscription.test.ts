import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { retractStatement } from '../../src/domain/statement/retract.ts';
import { reviseStatement } from '../../src/domain/statement/revise.ts';
import { cursorAt, headCursor, positionOf } from '../support/cursor.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { ADDED, CHANGED, type Operation, type Received, TestSocket, TestStream } from '../support/follow.ts';
import { recordSql } from '../support/graphql.ts';
import { bearer, delivered, startTestService, type TestService } from '../support/service.ts';
import { until } from '../support/until.ts';
import { makeWorld, record, statementInput, WORLD } from '../support/world.ts';

let test: TestDatabase;
let a: TestService;
let b: TestService;
const sockets: TestSocket[] = [];
const streams: TestStream[] = [];

beforeAll(async () => {
  test = await createTestDatabase({ seeded: false });
  await makeWorld(test.db.prisma);
  a = await startTestService(test.url);
  b = await startTestService(test.url);
});
afterAll(async () => {
  await a.stop();
  await b.stop();
  await test.drop();
});
afterEach(async () => {
  await Promise.all(sockets.splice(0).map((socket) => socket.close()));
  for (const stream of streams.splice(0)) stream.stop();
});

function open(service: TestService, operation: Operation): TestStream {
  const stream = new TestStream(service.origin, operation);
  streams.push(stream);
  return stream;
}

function connect(service: TestService): TestSocket {
  const socket = new TestSocket(service.origin);
  sockets.push(socket);
  return socket;
}

async function head(): Promise<string> {
  return headCursor(test.db);
}

/** Positions of the additions that a filter's query finds. */
async function queried(filter: object, after: string): Promise<number[]> {
  const { data } = await a.ask<{ statements: { nodes: { position: string; added: string }[] } }>(
    '{ record { position } }',
  );
  expect(data).not.toBeNull();
  const positions: number[] = [];
  let cursor: string | null = null;
  do {
    const answer: { data: { statements: Page } | null } = await a.ask(
      `query ($filter: StatementFilter, $cursor: String) {
        statements(filter: $filter, orderBy: RECORDED_DESC, first: 100, after: $cursor) {
          nodes { position } pageInfo { endCursor hasNextPage }
        } }`,
      { filter, cursor },
    );
    const page = answer.data?.statements as Page;
    positions.push(...page.nodes.map(({ position }) => Number(position)));
    cursor = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
  } while (cursor);
  const start = positionOf(after);
  return positions.filter((position) => position > start).sort((x, y) => x - y);
}
interface Page {
  nodes: { position: string }[];
  pageInfo: { endCursor: string; hasNextPage: boolean };
}

let serial = 0;
function write(fields: Record<string, unknown> = {}) {
  serial += 1;
  return record(test.db, { text: `Followed statement ${serial}.`, ...fields });
}

describe('following', () => {
  it('begins at the present, and delivers what is recorded anywhere', async () => {
    const start = await head();
    const received = [a, b].map((service) => connect(service).follow({ query: ADDED }));
    await Promise.all(sockets.map((socket) => socket.ready()));
    for (const service of [a, b]) await until('a reader', () => service.hub.counts.readers > 0);
    const { position } = await write({ slug: 'news' });
    for (const reader of received) {
      await reader.reached(position);
      expect(reader.slugs).toEqual(['news']);
      expect(reader.hasUnbrokenChain(start)).toBe(true);
    }
  });

  it('replays everything after "0", the first change naming the beginning as previous', async () => {
    const { position } = await write();
    const received = connect(a).follow({ query: ADDED, variables: { after: '0' } });
    await received.reached(position);
    const beginning = await cursorAt(test.db, 0);
    expect(received.positions).toEqual(await queried({}, beginning));
    expect(received.hasUnbrokenChain(beginning)).toBe(true);
  });

  it('delivers revisions and retractions of what met the filter before or meets it after', async () => {
    const start = await head();
    const mine = connect(a).follow({
      query: CHANGED,
      variables: { after: start, filter: { speakers: ['anna'] } },
    });
    const boris = await write({ slug: 'moving', speakers: ['boris'] });
    await test.db.prisma.$transaction(async (tx) => {
      await reviseStatement(tx, boris.id, { speakers: ['anna'] }, null, 'test');
      await reviseStatement(tx, boris.id, { speakers: ['clara'] }, null, 'test');
      await reviseStatement(tx, boris.id, { act: 'WARN' }, null, 'test');
      await reviseStatement(tx, boris.id, { speakers: ['anna'] }, null, 'test');
      await retractStatement(tx, boris.id, 'Wrong.', 'test');
    });
    const last = await write({ slug: 'last' });
    await mine.reached(last.position);
    const kinds = mine.changes.map(({ kind }) => kind);
    expect(kinds).toEqual([
      'STATEMENT_REVISED',
      'STATEMENT_REVISED',
      'STATEMENT_REVISED',
      'STATEMENT_RETRACTED',
      'STATEMENT_ADDED',
    ]);
    expect(mine.hasUnbrokenChain(start)).toBe(true);
  });

  it('takes up a slug that the record did not have when the subscription began', async () => {
    const start = await head();
    const received = connect(a).follow({
      query: ADDED,
      variables: { after: start, filter: { speakers: ['dora'] } },
    });
    await received.count(0);
    await until('a reader', () => a.hub.counts.readers > 0);
    const token = await bearer(test.db, 'recorder', 'for-dora');
    await b.ask(
      'mutation ($input: SaveActorInput!) { saveActor(input: $input) { position } }',
      { input: { slug: 'dora', name: 'Dora', kind: 'PERSON' } },
      token,
    );
    const { position } = await write({ slug: 'dora-speaks', speakers: ['dora'] });
    await received.reached(position);
    expect(received.slugs).toEqual(['dora-speaks']);
  });

  it('refuses a cursor that is ahead, of another history, or none, and leaves the socket alone', async () => {
    const socket = connect(a);
    const healthy = socket.follow({ query: ADDED, variables: { after: await head() } });
    const present = await head();
    const ahead = String(positionOf(present) + 1_000);
    const other = `${positionOf(present) - 1}.${'0'.repeat(16)}`;
    const codes: unknown[] = [];
    for (const after of [ahead, other, 'elsewhere.3', 'rubbish', '-1', '9'.repeat(40)]) {
      const end = await socket.follow({ query: ADDED, variables: { after } }).ended();
      codes.push(end.type === 'errors' && end.errors[0]?.extensions?.code);
    }
    const refused = ['INVALID_INPUT', 'INVALID_INPUT', 'INVALID_INPUT'];
    expect(codes).toEqual(['POSITION_AHEAD', 'RESYNC', 'RESYNC', ...refused]);
    await write({ slug: 'still-alive' });
    await healthy.count(1);
    expect(healthy.slugs).toEqual(['still-alive']);
  });

  it('keeps a syntax error, an invalid operation and a bad argument to themselves', async () => {
    const socket = connect(a);
    const healthy = socket.follow({ query: ADDED, variables: { after: await head() } });
    for (const query of [
      'subscription {',
      'subscription { nothing }',
      'subscription { statementAdded(filter: {saidFrom: "x"}) { cursor } }',
    ]) {
      const end = await socket.follow({ query }).ended();
      expect(end.type).toBe('errors');
    }
    await write({ slug: 'unharmed' });
    await healthy.count(1);
    expect(healthy.slugs).toEqual(['unharmed']);
  });

  it('answers queries and mutations on the same socket', async () => {
    const socket = new TestSocket(a.origin, await bearer(test.db, 'recorder', 'of the socket'));
    sockets.push(socket);
    const operations = [
      'mutation { saveTopic(input: { slug: "by-socket", name: "By socket" }) { created } }',
      '{ topic(slug: "by-socket") { name } }',
    ];
    for (const query of operations)
      expect(await socket.follow({ query }).ended(), query).toEqual({ type: 'complete' });
    const results = socket.messages.filter(({ type }) => type === 'next');
    expect(results).toMatchObject([
      { payload: { data: { saveTopic: { created: true } } } },
      { payload: { data: { topic: { name: 'By socket' } } } },
    ]);
  });
});

describe('joining while a recorder writes without a pause', () => {
  const FILTERS = [
    {},
    { speakers: ['anna'] },
    { topics: ['peace'] },
    { not: { acts: ['WARN'] } },
    { search: 'even' },
  ];

  /** Writes until it is told to stop; answers the last position. */
  function keepWriting(): { stop(): Promise<bigint> } {
    let stopped = false;
    const writing = (async () => {
      let last = 0n;
      for (let i = 0; !stopped; i += 1) {
        const { position } = await write({
          speakers: [WORLD.actors[i % 3]],
          topics: i % 2 ? [{ topic: 'truce' }] : [],
          act: i % 3 ? 'STATE' : 'WARN',
          text: `Statement ${i} is ${i % 2 ? 'odd' : 'even'} (${serial}).`,
        });
        last = position;
      }
      return last;
    })();
    return {
      stop() {
        stopped = true;
        return writing;
      },
    };
  }

  it('gives everybody every matching change once, in order, wherever and whenever they join', async () => {
    const begin = positionOf(await head());
    const writer = keepWriting();
    const readers: { received: Received; filter: object; after: string }[] = [];
    for (let i = 0; i < 40; i += 1) {
      const service = i % 2 ? a : b;
      const now = positionOf(await head());
      const after = await cursorAt(test.db, i % 4 === 0 ? now : begin + ((i * 7) % (now - begin + 1)));
      const filter = FILTERS[i % FILTERS.length] as object;
      const operation = { query: ADDED, variables: { filter, after } };
      const received = i % 5 === 4 ? open(service, operation).received : connect(service).follow(operation);
      readers.push({ received, filter, after });
    }
    await Promise.all(readers.map(({ received }) => received.count(1)));
    await writer.stop();
    // One change that every filter meets, so that all know when they have everything.
    const end = await write({ text: 'This one is even.', topics: [{ topic: 'peace' }], speakers: ['anna'] });
    await Promise.all(readers.map(({ received }) => received.reached(end.position)));
    for (const { received, filter, after } of readers) {
      expect(received.positions).toEqual(await queried(filter, after));
      expect(received.hasUnbrokenChain(after)).toBe(true);
    }
  });

  it('goes on with one cursor over another transport and in another process', async () => {
    const after = await head();
    const writer = keepWriting();
    const operation = (cursor: string) => ({ query: ADDED, variables: { after: cursor } });
    const seen: Received[] = [];
    let cursor = after;
    for (let leg = 0; leg < 6; leg += 1) {
      const service = leg % 2 ? b : a;
      const stream = leg % 3 ? open(service, operation(cursor)) : null;
      const received = stream?.received ?? connect(service).follow(operation(cursor));
      await received.count(5);
      stream?.stop();
      await sockets.pop()?.close();
      await received.ended();
      seen.push(received);
      cursor = received.changes.at(-1)?.cursor as string;
    }
    await writer.stop();
    const last = positionOf(cursor);
    const all = seen.flatMap((received) => received.changes);
    expect(all.map(({ position }) => Number(position))).toEqual(
      (await queried({}, after)).filter((position) => position <= last),
    );
    expect(all.every(({ previous }, i) => previous === (i === 0 ? after : all[i - 1]?.cursor))).toBe(true);
  });

  it('misses nothing between loading and following', async () => {
    const writer = keepWriting();
    const LOAD =
      '{ record { cursor } statements(orderBy: RECORDED_DESC, first: 100) { nodes { slug position } } }';
    for (let i = 0; i < 10; i += 1) {
      const { data } = await (i % 2 ? a : b).ask<{ record: { cursor: string }; statements: Page }>(LOAD);
      const cursor = data?.record.cursor;
      const loaded = (data?.statements.nodes ?? []).map(({ position }) => Number(position));
      const received = connect(i % 2 ? b : a).follow({ query: ADDED, variables: { after: cursor } });
      await received.count(3);
      const from = Math.min(...loaded);
      const until = Math.max(...received.positions);
      const have = new Set([...loaded, ...received.positions]);
      const wanted = (await queried({}, String(from))).filter((position) => position <= until);
      expect(wanted.filter((position) => !have.has(position))).toEqual([]);
    }
    await writer.stop();
  });
});

/** Resolves when `count` readers have caught up. */
async function joined(readers: number): Promise<void> {
  await until(
    `${readers} readers that have caught up`,
    () => a.hub.counts.readers >= readers && a.hub.counts.replays === 0,
  );
}

describe('sharing', () => {
  /** Follows with anchors, which the log lacks. */
  const ANCHORED = ADDED.replace('{ slug }', '{ slug anchors { start } }');

  /** SQL statements that a delivery to all these readers takes, and the feeds that they share; then they go. */
  async function costOfOne(
    readers: readonly ReturnType<TestSocket['follow']>[],
  ): Promise<{ sql: number; feeds: number }> {
    await joined(readers.length);
    const { feeds } = a.hub.counts;
    const texts = recordSql(a.liveDb);
    const before = texts.length;
    await write({ act: 'DENY' });
    await Promise.all(readers.map((reader) => reader.count(1)));
    const sql = texts.length - before;
    await Promise.all(sockets.splice(0).map((socket) => socket.close()));
    await until('the end of all readers', () => a.hub.counts.readers === 0);
    return { sql, feeds };
  }

  it('costs the same SQL for one subscriber and for fifty, however each says where it resumes', async () => {
    const one = async (count: number) => {
      const after = await head();
      const literal = ANCHORED.replace(', $after: Position', '').replace('$after', JSON.stringify(after));
      const readers = Array.from({ length: count }, (_, i) => {
        const filter =
          i % 2 ? { speakers: ['anna'], acts: ['DENY'] } : { acts: ['DENY'], speakers: ['anna'] };
        const variables = i % 3 ? { filter, after: i % 2 ? after : undefined } : { filter };
        return connect(a).follow({ query: i % 3 ? ANCHORED : literal, variables });
      });
      return costOfOne(readers);
    };
    await one(2); // what is read once and kept
    const alone = await one(1);
    const many = await one(50);
    expect(many).toEqual({ sql: alone.sql, feeds: 1 });
    expect(alone.sql).toBeGreaterThan(0);
  });

  it('costs the same SQL for one filter and for fifty that ask for the same, however each says it', async () => {
    const one = async (count: number) => {
      const after = await head();
      const readers = Array.from({ length: count }, (_, i) => {
        const saidFrom = `2020-01-${String(1 + (i % 25)).padStart(2, '0')}`;
        const filter = { acts: ['DENY'], saidFrom, ...(i < 25 ? {} : { modes: ['INDIRECT'] }) };
        const inline = JSON.stringify(filter)
          .replaceAll(/"(\w+)":/g, '$1:')
          .replaceAll(/\["(\w+)"\]/g, '[$1]');
        const query = ANCHORED.replace('$filter: StatementFilter, ', '').replace('$filter', inline);
        return connect(a).follow({ query: i % 2 ? query : ANCHORED, variables: { filter, after } });
      });
      return costOfOne(readers);
    };
    const alone = await one(1);
    expect(await one(50)).toEqual({ sql: alone.sql, feeds: 50 });
  });

  it('costs no SQL for filters that a change can’t meet', async () => {
    const after = await head();
    const filters = [
      { speakers: ['boris'] },
      { topics: ['trade'] },
      { events: ['summit'] },
      { acts: ['WARN'] },
      { saidFrom: '2030-01-01' },
    ];
    for (const filter of filters) connect(a).follow({ query: ADDED, variables: { filter, after } });
    await joined(filters.length);
    const texts = recordSql(a.liveDb);
    const before = texts.length;
    const { position } = await write({ speakers: ['clara'] });
    await delivered(a, position);
    expect(texts.slice(before)).toEqual([]);
  });

  it('keeps the errors of one execution from the others', async () => {
    const after = await head();
    const failing = connect(a).follow({
      query:
        'subscription ($after: Position) { statementAdded(after: $after) { cursor statement { source { statements(first: 100000) { totalCount } } } } }',
      variables: { after },
    });
    const healthy = connect(a).follow({ query: ADDED, variables: { after } });
    await write({ slug: 'one-fails' });
    await healthy.count(1);
    const end =
      failing.failures.length > 0
        ? null
        : await Promise.race([failing.ended(), healthy.count(1).then(() => null)]);
    expect(healthy.slugs).toEqual(['one-fails']);
    expect(end?.type ?? 'errors').toBe('errors');
  });
});

describe('reading what was written elsewhere', () => {
  it('waits until this process has seen the position that is asked for', async () => {
    const QUERY = '{ record { position } }';
    for (let i = 0; i < 10; i += 1) {
      const { position } = await write();
      const { data } = await b.ask<{ record: { position: string } }>(
        QUERY,
        {},
        { 'x-readout-min-position': String(position) },
      );
      expect(BigInt(data?.record.position ?? 0)).toBeGreaterThanOrEqual(position);
      const socket = new TestSocket(a.origin, { 'x-readout-min-position': String(position) });
      sockets.push(socket);
      await socket.follow({ query: QUERY }).ended();
      const next = socket.messages.find(({ type }) => type === 'next') as {
        payload: { data: { record: { position: string } } };
      };
      expect(BigInt(next.payload.data.record.position)).toBeGreaterThanOrEqual(position);
    }
  });

  it('refuses an invalid position', async () => {
    const { errors } = await b.ask('{ record { position } }', {}, { 'x-readout-min-position': 'soon' });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'INVALID_INPUT' });
  });

  it('is so for a mutation and the next query in the same process', async () => {
    const token = await bearer(test.db, 'recorder', 'reads-own-writes');
    for (let i = 0; i < 10; i += 1) {
      const input = statementInput({ text: `Read at once ${i}.` });
      const written = await a.ask<{ recordStatement: { position: string } }>(
        'mutation ($input: RecordStatementInput!) { recordStatement(input: $input) { position } }',
        { input },
        token,
      );
      const { data } = await a.ask<{ record: { position: string } }>('{ record { position } }');
      expect(Number(data?.record.position)).toBeGreaterThanOrEqual(
        Number(written.data?.recordStatement.position),
      );
    }
  });
});

describe('another history', () => {
  it('ends subscriptions with RESYNC, and its cursors are refused', async () => {
    const own = await createTestDatabase({ seeded: false });
    await makeWorld(own.db.prisma);
    const service = await startTestService(own.url);
    const socket = connect(service);
    const received = socket.follow({ query: ADDED });
    const stream = open(service, { query: ADDED });
    await until('2 readers', () => service.hub.counts.readers >= 2);
    const old = await headCursor(own.db);
    // The last change is another one now.
    await own.db.pool.query(`ALTER TABLE change DISABLE TRIGGER change_append_only;
      UPDATE change SET digest = sha256('other') WHERE position = ${positionOf(old)}`);
    const end = await received.ended();
    expect(end).toMatchObject({
      type: 'errors',
      errors: [{ extensions: { code: 'RESYNC', epoch: service.tailer.head.genesis.slice(0, 8) } }],
    });
    await stream.received.ended();
    expect(stream.received.failures[0]).toMatchObject([{ extensions: { code: 'RESYNC' } }]);
    const again = await socket.follow({ query: ADDED, variables: { after: old } }).ended();
    expect(again).toMatchObject({ type: 'errors', errors: [{ extensions: { code: 'RESYNC' } }] });
    const refused = new TestStream(service.origin, { query: ADDED, variables: { after: old } });
    expect((await refused.response).statusCode).toBe(410);
    await socket.close();
    await service.stop();
    await own.drop();
  });
});
