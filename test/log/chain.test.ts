import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/client.ts';
import { topicInput } from '../../src/domain/input/noun.ts';
import { recordStatements } from '../../src/domain/statement/record/record.ts';
import { retractStatement } from '../../src/domain/statement/retract.ts';
import { linkStatements, reviseStatement } from '../../src/domain/statement/revise.ts';
import { chainDigest, readChain } from '../../src/log/chain.ts';
import { readHead } from '../../src/log/head.ts';
import { createTestDatabase, openTestDatabase, type TestDatabase } from '../support/database.ts';
import { untilWaitingForLock } from '../support/locks.ts';
import { saveActor, saveEvent, saveSource, saveTopic } from '../support/saves.ts';
import { makeWorld, record, statementInput } from '../support/world.ts';

const ALL = 2n ** 62n;

let test: TestDatabase;
let db: Database;
beforeAll(async () => {
  test = await createTestDatabase({ seeded: false });
  db = openTestDatabase(test.url, 8);
  await makeWorld(test.db.prisma);
});
afterAll(async () => {
  await db.close();
  await test.drop();
});

/** Positions whose digest is not that of the digest before and of what they say. */
async function broken(): Promise<string[]> {
  const { genesis } = await readHead(test.db.pool);
  const links = await readChain(test.db.pool, 0n, ALL, 100_000);
  let before = genesis;
  return links.flatMap((link) => {
    if (link.digest === null) return [];
    const fits = chainDigest(before, link) === link.digest;
    before = link.digest;
    return fits ? [] : [link.position];
  });
}

const inTransaction = <T>(
  write: (tx: Parameters<Parameters<Database['prisma']['$transaction']>[0]>[0]) => Promise<T>,
) => db.prisma.$transaction(write);

describe('the chain of digests', () => {
  it('goes on over single statements, lists of five hundred, revisions, links, retractions and saves', async () => {
    const { id } = await record(
      db,
      { slug: 'first', text: 'A “quoted” line \\ with ✓,\nand a new line.' },
      'Zoë "Z"\t',
    );
    const list = Array.from({ length: 500 }, (_, i) => statementInput({ text: `Of a list: ${i}.` }));
    await recordStatements(db.prisma, list, 'lister');
    const other = await record(db, { slug: 'second' });
    await inTransaction((tx) => reviseStatement(tx, id, { text: 'Another text.' }, null, 'reviser'));
    await inTransaction((tx) => linkStatements(tx, other.id, { to: 'first', kind: 'ECHOES' }, 'linker'));
    await inTransaction((tx) => retractStatement(tx, id, 'It was wrong.', 'retractor'));
    await inTransaction((tx) => saveActor(tx, { name: 'Dora', kind: 'PERSON' }, 'saver'));
    await inTransaction((tx) => saveTopic(tx, { name: 'Grain' }, 'saver'));
    await inTransaction((tx) => saveSource(tx, { title: 'A third source', text: 'Words.' }, 'saver'));
    const event = { name: 'A call', kind: 'CALL', date: '2025-07-01' };
    await inTransaction((tx) => saveEvent(tx, event, 'saver'));
    const links = await readChain(test.db.pool, 0n, ALL, 100_000);
    expect(links.filter(({ digest, contentDigest }) => digest === null || contentDigest === null)).toEqual(
      [],
    );
    expect(await broken()).toEqual([]);
    expect((await readHead(test.db.pool)).digest).toBe(links.at(-1)?.digest);
  });

  it('is one chain, whose times never run backwards, with concurrent writers', async () => {
    const topic = (n: number) =>
      topicInput.parse({ slug: 'trade', name: 'trade', description: `as of ${n}` });
    await Promise.all(
      Array.from({ length: 60 }, async (_, n) => {
        if (n % 3 === 0)
          await inTransaction((tx) => saveTopic(tx, topic(n), `saver ${n}`)).catch(() => undefined);
        else if (n % 3 === 1) await record(db, { text: `Of writer ${n}.` }, `recorder ${n}`);
        else {
          const list = Array.from({ length: 5 }, (_, i) => statementInput({ text: `Of writer ${n}: ${i}.` }));
          await recordStatements(db.prisma, list, `lister ${n}`);
        }
      }),
    );
    expect(await broken()).toEqual([]);
    const { rows } = await test.db.pool.query(
      'SELECT position FROM (SELECT position, at, lag(at) OVER (ORDER BY position) AS before FROM change) c WHERE at < before',
    );
    expect(rows).toEqual([]);
  });

  it('takes the time when it has the counter row, not when its transaction began', async () => {
    const holder = await test.db.pool.connect();
    try {
      await holder.query('BEGIN');
      await holder.query('UPDATE head SET at = at');
      const waiting = record(db, { text: 'Waits for the counter row.' });
      await untilWaitingForLock(test.db.pool, 1);
      const { rows } = await holder.query<{ at: Date }>('SELECT clock_timestamp()::timestamptz(3) AS at');
      await holder.query('COMMIT');
      const { position } = await waiting;
      const change = await test.db.prisma.change.findUniqueOrThrow({ where: { position } });
      expect(change.at.getTime()).toBeGreaterThanOrEqual((rows[0] as { at: Date }).at.getTime());
    } finally {
      holder.release();
    }
  });

  it('keeps the time of the last change if the clock was set back since', async () => {
    const { rows } = await test.db.pool.query<{ at: Date }>(
      `UPDATE head SET at = clock_timestamp() + interval '1 hour' RETURNING at`,
    );
    const { position } = await record(test.db, { text: 'Recorded after the clock was set back.' });
    const change = await test.db.prisma.change.findUniqueOrThrow({ where: { position } });
    expect(change.at).toEqual(rows[0]?.at);
    await test.db.pool.query('UPDATE head SET at = (SELECT max(at) FROM change)');
  });

  it('says the same of a statement as its change does: when it was recorded', async () => {
    const { id, position } = await record(test.db, { text: 'When was this?' });
    const { rows } = await test.db.pool.query(
      'SELECT recorded_at = at AS same FROM statement JOIN change ON change.position = $2 WHERE id = $1',
      [id, position],
    );
    expect(rows).toEqual([{ same: true }]);
  });

  it('escapes every character that JSON escapes as JavaScript does', async () => {
    const names = Array.from({ length: 0x20 }, (_, code) => String.fromCharCode(code)).slice(1);
    const texts = [
      ...names,
      '\u007f',
      '\u2028',
      '"\\/',
      'é✓😀',
      randomBytes(40).toString('latin1').replaceAll('\0', ''),
    ];
    const { rows } = await test.db.pool.query<{ text: string }>(
      `SELECT change_text(7, 'ACTOR_ADDED', '2025-07-01T10:00:00.5Z', name, 'actor', 'a', NULL) AS text
       FROM unnest($1::text[]) AS name`,
      [texts],
    );
    const wanted = texts.map((by) =>
      JSON.stringify(['7', 'ACTOR_ADDED', '2025-07-01T10:00:00.500Z', by, 'actor', 'a', null]),
    );
    expect(rows.map(({ text }) => text)).toEqual(wanted);
  });

  it('skips changes that were written to the tables directly, and continues after them', async () => {
    const before = await readHead(test.db.pool);
    await test.db.pool.query(`SET session_replication_role = replica;
      WITH next AS (UPDATE head SET position = position + 3 RETURNING position - 3 AS base)
      INSERT INTO change (position, kind, by, actor_id) SELECT base + n, 'ACTOR_REVISED', 'harness', 1
      FROM next, generate_series(1, 3) AS n; SET session_replication_role = origin`);
    const now = await readHead(test.db.pool);
    expect(now).toEqual({ genesis: before.genesis, position: before.position + 3n, digest: before.genesis });
    const { position } = await record(test.db, { text: 'After the harness.' });
    const [link] = await readChain(test.db.pool, position - 1n, position, 1);
    expect(link?.digest).toBe(chainDigest(before.digest, link as NonNullable<typeof link>));
    expect(await broken()).toEqual([]);
  });
});
