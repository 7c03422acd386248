import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { restoreBackup } from '../../../src/backup/restore.ts';
import { writeBackup } from '../../../src/backup/write.ts';
import type { Database } from '../../../src/db/client.ts';
import { migrate } from '../../../src/db/migrate.ts';
import { readLog } from '../../../src/log/change.ts';
import { readDigest } from '../../../src/log/head.ts';
import type { Feed } from '../../../src/log/hub/delivery.ts';
import { Replay } from '../../../src/log/hub/replay.ts';
import { TopicTree } from '../../../src/read/memory/topicTree.ts';
import { makeFolder } from '../../support/archive.ts';
import { backUp } from '../../support/backup.ts';
import { cursorAt, headCursor, positionOf } from '../../support/cursor.ts';
import { createEmptyDatabase, openTestDatabase } from '../../support/database.ts';
import { ADDED, TestSocket, TestStream } from '../../support/follow.ts';
import { startTestService, type TestService } from '../../support/service.ts';
import { until } from '../../support/until.ts';
import { makeWorld, record } from '../../support/world.ts';

/** Both histories have the same number of statements with different content. */
const LISTED = '/graphql?query={statements(orderBy:RECORDED_DESC,first:2){nodes{slug}}}';

let test: Awaited<ReturnType<typeof createEmptyDatabase>>;
let db: Database;
let service: TestService;
let removeFolder: () => Promise<void>;
let backup: Awaited<ReturnType<typeof backUp>>;
/** The cursor at the backup, and those of two statements that were recorded after it and are lost. */
let kept: string;
let lost: string[];
let lostTag: string;

const open = () => openTestDatabase(test.url, 2);
const write = async (slug: string): Promise<string> => {
  const { position } = await record(db, { slug, text: `Statement ${slug}.` });
  return cursorAt(db, position);
};
const listed = (headers: Record<string, string> = {}) => fetch(`${service.origin}${LISTED}`, { headers });

beforeAll(async () => {
  test = await createEmptyDatabase();
  await migrate(test.url);
  db = open();
  await makeWorld(db.prisma);
  await db.close();
  backup = await backUp(test.url);
  const made = await makeFolder();
  removeFolder = made.remove;
  const file = join(made.folder, 'record.sql.gz');
  await writeBackup(test.url, createWriteStream(file));
  db = open();
  kept = await headCursor(db);
  lost = [await write('lost-1'), await write('lost-2')];
  service = await startTestService(test.url);
  lostTag = (await listed()).headers.get('etag') as string;
  await service.stop();
  await db.close();
  await restoreBackup({ url: test.url, file, replace: true });
  db = open();
  for (const slug of ['other-1', 'other-2', 'other-3']) await write(slug);
  service = await startTestService(test.url);
});
afterAll(async () => {
  await service.stop();
  await db.close();
  await test.drop();
  await backup.drop();
  await removeFolder();
});

describe('after a restore, a cursor of what was lost', () => {
  it('gets RESYNC over WebSocket', async () => {
    const socket = new TestSocket(service.origin);
    for (const after of lost) {
      const end = await socket.follow({ query: ADDED, variables: { after } }).ended();
      expect(end).toMatchObject({ type: 'errors', errors: [{ extensions: { code: 'RESYNC' } }] });
    }
    await socket.close();
  });

  it('gets RESYNC over server-sent events, in both protocols', async () => {
    for (const after of lost) {
      const plain = new TestStream(service.origin, { query: ADDED, variables: { after } });
      expect((await plain.response).statusCode).toBe(410);
      const named = new TestStream(service.origin, { query: ADDED, variables: { after } }, { plain: false });
      await named.received.ended();
      expect(named.received.failures).toMatchObject([[{ extensions: { code: 'RESYNC' } }]]);
    }
  });

  it('gets RESYNC as the Last-Event-ID of an EventSource', async () => {
    for (const id of lost) {
      const headers = { 'last-event-id': id };
      const stream = new TestStream(service.origin, { query: ADDED }, { headers });
      expect((await stream.response).statusCode).toBe(410);
    }
  });

  it('gets RESYNC if it is ahead of the record, and a bare position gets POSITION_AHEAD', async () => {
    const socket = new TestSocket(service.origin);
    const code = async (after: string): Promise<unknown> => {
      const end = await socket.follow({ query: ADDED, variables: { after } }).ended();
      return end.type === 'errors' && end.errors[0]?.extensions?.code;
    };
    const ahead = positionOf(await headCursor(db)) + 5;
    expect(await code(`${ahead}.${lost[1]?.split('.')[1]}`)).toBe('RESYNC');
    expect(await code(String(ahead))).toBe('POSITION_AHEAD');
    await socket.close();
  });

  it('is refused as the start of a list of changes', async () => {
    const ask = (after: string | undefined) =>
      service.ask('query ($after: Position) { changes(after: $after) { slug } }', { after });
    expect(await ask(lost[0])).toMatchObject({ errors: [{ extensions: { code: 'RESYNC' } }] });
    const slugs = ['other-1', 'other-2', 'other-3'];
    expect(await ask(kept)).toEqual({ data: { changes: slugs.map((slug) => ({ slug })) } });
  });
});

describe('after a restore', () => {
  it('the cursor at the backup stays valid, and every change since is delivered', async () => {
    const socket = new TestSocket(service.origin);
    const received = socket.follow({ query: ADDED, variables: { after: kept } });
    await received.count(3);
    expect(received.slugs).toEqual(['other-1', 'other-2', 'other-3']);
    expect(received.hasUnbrokenChain(kept)).toBe(true);
    await socket.close();
  });

  it('a bare position belongs to the current history', async () => {
    const socket = new TestSocket(service.origin);
    const received = socket.follow({ query: ADDED, variables: { after: String(positionOf(kept)) } });
    await received.count(3);
    expect(received.hasUnbrokenChain(kept)).toBe(true);
    await socket.close();
  });

  it('an ETag of a lost answer gets the current answer', async () => {
    const now = await listed({ 'if-none-match': lostTag });
    expect(now.status).toBe(200);
    const again = await listed({ 'if-none-match': now.headers.get('etag') as string });
    expect(again.status).toBe(304);
  });
});

describe('a database that is replaced under a running service', () => {
  it('ends every subscription with RESYNC and answers from the new history, even without a new change', async () => {
    const socket = new TestSocket(service.origin);
    const received = socket.follow({ query: ADDED });
    const stream = new TestStream(service.origin, { query: ADDED });
    await stream.response;
    await until('2 readers', () => service.hub.counts.readers >= 2);
    const before = await listed();
    await db.close();
    await backup.restore();
    db = open();
    expect(await received.ended()).toMatchObject({ errors: [{ extensions: { code: 'RESYNC' } }] });
    await stream.received.ended();
    expect(stream.received.failures).toMatchObject([[{ extensions: { code: 'RESYNC' } }]]);
    await until('a ready service', async () => (await fetch(`${service.origin}/ready`)).status === 200); // its connections were cut
    const now = await listed({ 'if-none-match': before.headers.get('etag') as string });
    expect([now.status, await now.json()]).toEqual([200, { data: { statements: { nodes: [] } } }]);
    const recorded = await write('first-after-it');
    const resumed = socket.follow({ query: ADDED, variables: { after: kept } });
    await resumed.reached(positionOf(recorded));
    expect(resumed.slugs).toEqual(['first-after-it']);
    await socket.close();
  });
});

it('no page of a replay follows a change that the record no longer has', async () => {
  const feed = { key: 'any', renderPoints: 1 } as Feed<null>;
  const replay = new Replay<null>(
    { newBatch: () => null, readPage: (...range) => readLog(db.pool, ...range), tree: new TopicTree() },
    () => true,
  );
  const position = positionOf(lost[0] as string);
  const digest = await readDigest(db.pool, BigInt(position));
  const former = { position: BigInt(position), digest: (digest as string).replace(/./g, '0') };
  await expect(replay.page(feed, former, former.position + 1n, null)).rejects.toThrow(/other changes at/);
});

it('a record that is replaced on open connections is read without an error', async () => {
  const query =
    '{ statements(filter: { acts: [STATE] }, first: 1) { nodes { act attribution { form } } } actors(first: 1) { nodes { kind } } }';
  const ask = async () => {
    const headers = { 'content-type': 'application/json', 'x-readout-cost': '1' }; // no answer from the cache
    const sent = { method: 'POST', headers, body: JSON.stringify({ query }) };
    return (await fetch(`${service.origin}/graphql`, sent)).json();
  };
  for (let i = 0; i < 10; i += 1) await ask(); // until PostgreSQL keeps the statements prepared
  const before = service.tailer.head.genesis;
  const { rows } = await db.pool.query<{ user: string }>('SELECT current_user AS user');
  await db.pool.query(`DROP SCHEMA public CASCADE; CREATE SCHEMA public AUTHORIZATION "${rows[0]?.user}"`);
  await migrate(test.url);
  await db.close();
  db = open();
  await makeWorld(db.prisma);
  await until('another history', () => service.tailer.head.genesis !== before);
  for (let i = 0; i < 10; i += 1) {
    expect(await ask()).toMatchObject({ data: { actors: { nodes: [{ kind: 'PERSON' }] } } });
  }
});
