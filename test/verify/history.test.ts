import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrate } from '../../src/db/migrate.ts';
import type { Transaction } from '../../src/db/sql.ts';
import { recordStatements } from '../../src/domain/statement/record/record.ts';
import { retractStatement } from '../../src/domain/statement/retract.ts';
import { linkStatements, reviseStatement } from '../../src/domain/statement/revise.ts';
import { type HistoryReport, verifyDatabase } from '../../src/verify/history.ts';
import { createEmptyDatabase, createTestDatabase, openTestDatabase } from '../support/database.ts';
import { saveActor, saveEvent, saveSource, saveTopic } from '../support/saves.ts';
import { makeWorld } from '../support/world.ts';

/** Inputs with a value in every field. */
const ACTOR = {
  slug: 'full-actor',
  name: 'Édith “Full”',
  kind: 'PERSON',
  description: 'With everything.',
  aliases: [
    { name: 'E. F.', language: 'fr', metonym: true, from: '0001-01-01', to: '2024-02-29' },
    { name: 'Plain', metonym: false },
  ],
  affiliations: [
    { in: 'daily-news', role: 'Editor', from: '2020-01-01', to: '2021-12-31' },
    { in: 'anna', role: 'Friend', from: '2019~', to: '2024-02' },
  ],
};
const TOPIC = {
  slug: 'full-topic',
  name: 'Full',
  description: 'All.',
  proposition: 'It should be.',
  parent: 'peace',
};
const SOURCE = {
  slug: 'full-source',
  title: 'A full source',
  publisher: 'daily-news',
  url: 'https://example.org/a?b=c',
  publishedOn: '2025-07-01',
  language: 'en',
  text: ' Words 😀 with\ttabs and\r\nline ends. ',
};
const EVENT = {
  slug: 'full-event',
  name: 'Full',
  kind: 'CALL',
  description: 'All.',
  date: '2025-06/2025-07-07',
  participants: ['boris', 'anna'],
};
const STATEMENT = {
  key: 'key-1',
  slug: 'full',
  text: 'Anna says “a truce ✓ is near”.',
  quote: 'a truce ✓ is near',
  language: 'en-GB',
  mode: 'MIXED',
  act: 'PLEDGE',
  speakers: ['boris', 'anna'],
  addressees: ['clara'],
  attribution: [
    { actor: 'anna', form: 'REMARKS' },
    { actor: 'daily-news', form: 'REPORT' },
    { actor: 'anna', form: 'VIDEO' },
  ],
  said: '2025-07~',
  topics: [
    { topic: 'truce', stance: 'SUPPORTS' },
    { topic: 'trade' },
    { topic: 'full-topic', stance: 'MIXED' },
  ],
  events: ['talks', 'full-event'],
  source: 'full-source',
  anchors: [
    { start: 1, end: 6, digest: '0'.repeat(64) },
    {
      start: 7,
      end: 8,
      digest: 'f0443a342c5ef54783a111b51ba56c938e474c32324d90c3a60c9c8e3a37e2d9',
      exact: '😀',
    },
  ],
  links: [
    { to: 'two', kind: 'DISPUTES' },
    { to: 'one', kind: 'ECHOES' },
    { to: 'one', kind: 'AGREES_WITH' },
  ],
};
const bare = (slug: string) => ({
  slug,
  text: `Statement ${slug}.`,
  mode: 'INDIRECT',
  act: 'STATE',
  speakers: ['anna'],
  said: '2025',
  source: 'first-source',
});

let made: Awaited<ReturnType<typeof createEmptyDatabase>>;

beforeAll(async () => {
  made = await createEmptyDatabase();
  await migrate(made.url);
  const db = openTestDatabase(made.url, 2);
  const write = <T>(work: (tx: Transaction) => Promise<T>) => db.prisma.$transaction(work);
  await makeWorld(db.prisma);
  await write((tx) => saveActor(tx, ACTOR, 'test'));
  await write((tx) => saveTopic(tx, TOPIC, 'test'));
  await write((tx) => saveSource(tx, SOURCE, 'test'));
  await write((tx) => saveEvent(tx, EVENT, 'test'));
  await write((tx) => saveActor(tx, { ...ACTOR, aliases: [ACTOR.aliases[0]] }, 'test'));
  const list = [bare('one'), bare('two'), STATEMENT, bare('revised'), bare('retracted')];
  const recorded = await recordStatements(db.prisma, list, 'test');
  const [, , , revised, retracted] = recorded.map(({ id }) => id) as [number, number, number, number, number];
  await write((tx) =>
    reviseStatement(tx, revised, { ...STATEMENT, slug: undefined, key: undefined }, null, 'test'),
  );
  await write((tx) =>
    reviseStatement(tx, revised, { quote: null, mode: 'INDIRECT', topics: [] }, null, 'test'),
  );
  await write((tx) => linkStatements(tx, revised, { to: 'one', kind: 'SHIFTS_FROM' }, 'test'));
  await write((tx) => reviseStatement(tx, retracted, { text: 'Said otherwise.' }, null, 'test'));
  await write((tx) => retractStatement(tx, retracted, 'It was wrong.', 'test'));
  await db.close();
});
afterAll(() => made.drop());

/** The mismatches of a database after a change that is then rolled back. */
async function check(
  sql: string,
  url: string = made.url,
  expected: string | null = null,
): Promise<HistoryReport> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`SET session_replication_role = replica; BEGIN; ${sql}`);
    return await verifyDatabase(client, expected, () => undefined);
  } finally {
    await client.query('ROLLBACK');
    await client.end();
  }
}

const STATEMENT_ID = `(SELECT id FROM statement WHERE slug = 'full')`;
const ADDED = `(SELECT added_position FROM statement WHERE slug = 'full')`;

describe('a history', () => {
  it('matches if nothing was changed, with every field of every input set', async () => {
    const { mismatches, counts } = await check('SELECT 1');
    expect(mismatches).toEqual([]);
    expect(counts).toEqual({ changes: 27, unchained: 0, withoutContent: 0 });
  });

  it('matches for the seed', async () => {
    const seeded = await createTestDatabase({ seeded: true });
    expect((await check('SELECT 1', seeded.url)).mismatches).toEqual([]);
    await seeded.drop();
  });

  it.each([
    ['the text of a statement', `UPDATE statement SET text = text || '!' WHERE slug = 'full'`, '“full”'],
    ['a language', `UPDATE statement SET language = 'fr' WHERE slug = 'full'`, '“full”'],
    ['the source of a statement', `UPDATE statement SET source_id = 1 WHERE slug = 'full'`, '“full”'],
    ['when a statement was recorded', `UPDATE statement SET recorded_at = now() WHERE slug = 'full'`, 'time'],
    [
      'the first day of a statement',
      `UPDATE statement SET said_earliest = '2025-06-01' WHERE slug = 'full'`,
      'days',
    ],
    ['the position of a statement', `UPDATE statement SET position = 27 WHERE slug = 'full'`, 'position'],
    [
      'a retraction',
      `UPDATE statement SET status = 'CURRENT', retraction_reason = NULL WHERE slug = 'retracted'`,
      'retracted',
    ],
    [
      'the reason of a retraction',
      `UPDATE statement SET retraction_reason = 'x' WHERE slug = 'retracted'`,
      'retracted',
    ],
    [
      'a speaker',
      `UPDATE statement_speaker SET actor_id = 3 WHERE statement_id = ${STATEMENT_ID} AND ordinal = 0`,
      '“full”',
    ],
    [
      'the order of speakers',
      `UPDATE statement_speaker SET ordinal = 9 WHERE statement_id = ${STATEMENT_ID} AND ordinal = 0`,
      '“full”',
    ],
    ['an addressee', `DELETE FROM statement_addressee WHERE statement_id = ${STATEMENT_ID}`, '“full”'],
    [
      'a stance',
      `UPDATE statement_topic SET stance = 'OPPOSES' WHERE statement_id = ${STATEMENT_ID} AND ordinal = 0`,
      '“full”',
    ],
    [
      'an event of a statement',
      `UPDATE statement_event SET event_id = 2 WHERE statement_id = ${STATEMENT_ID} AND ordinal = 0`,
      '“full”',
    ],
    [
      'the days in another table',
      `UPDATE statement_event SET said_latest = '2030-01-01' WHERE statement_id = ${STATEMENT_ID}`,
      'days',
    ],
    [
      'a hop',
      `UPDATE attribution SET form = 'REPORT' WHERE statement_id = ${STATEMENT_ID} AND ordinal = 0`,
      '“full”',
    ],
    [
      'an anchor',
      `UPDATE anchor SET "end" = 7 WHERE statement_id = ${STATEMENT_ID} AND ordinal = 0`,
      '“full”',
    ],
    ['a link', `DELETE FROM statement_link WHERE from_id = ${STATEMENT_ID} AND kind = 'ECHOES'`, '“full”'],
    [
      'who is given as its source by another table',
      `UPDATE statement_giver SET actor_id = 3 WHERE statement_id = ${STATEMENT_ID}`,
      'givers',
    ],
    [
      'whom it speaks for',
      `UPDATE statement_giver SET for_id = 3 WHERE statement_id = ${STATEMENT_ID}`,
      'givers',
    ],
    ['all givers', 'DELETE FROM statement_giver', 'givers'],
    ['the side of an actor', 'INSERT INTO actor_side (actor_id, ordinal, side_id) VALUES (3, 0, 1)', 'sides'],
    [
      'what a statement said before',
      `UPDATE revision SET content = jsonb_set(content, '{text}', '"x"') WHERE number = 1`,
      'revis',
    ],
    ['who revised it', `UPDATE revision SET by = 'somebody' WHERE number = 2`, 'recorder'],
    ['a revision', `DELETE FROM revision WHERE number = 3`, 'revised'],
    [
      'a statement without a change',
      `INSERT INTO statement (slug, input_digest, text, mode, act, said_edtf, said_earliest, said_latest, source_id,
         added_position, position)
       SELECT 'smuggled', input_digest, text, mode, act, said_edtf, said_earliest, said_latest, source_id, 999, 999
       FROM statement WHERE slug = 'one'`,
      'smuggled',
    ],
    [
      'the facets of a change',
      `UPDATE change SET facets = jsonb_set(facets, '{after,text}', '"x"') WHERE position = ${ADDED}`,
      'text',
    ],
    [
      'a speaker in the facets',
      `UPDATE change SET facets = jsonb_set(facets, '{after,speakerIds}', '[3]') WHERE position = ${ADDED}`,
      'speakerIds',
    ],
    ['an actor', `UPDATE actor SET name = 'x' WHERE slug = 'full-actor'`, 'full-actor'],
    ['an alias', `UPDATE actor_alias SET "to" = '2024-02-28' WHERE name = 'E. F.'`, 'full-actor'],
    ['a metonym', `UPDATE actor_alias SET metonym = false WHERE name = 'E. F.'`, 'full-actor'],
    ['an affiliation', `UPDATE affiliation SET role = 'x' WHERE role = 'Friend'`, 'full-actor'],
    [
      'the day of a fuzzy date',
      `UPDATE affiliation SET "from" = '2019-02-01' WHERE role = 'Friend'`,
      'full-actor',
    ],
    ['a fuzzy date', `UPDATE affiliation SET to_edtf = '2024-02~' WHERE role = 'Friend'`, 'full-actor'],
    ['a topic', `UPDATE topic SET proposition = 'x' WHERE slug = 'full-topic'`, 'full-topic'],
    ['the parent of a topic', `UPDATE topic SET parent_id = 2 WHERE slug = 'full-topic'`, 'full-topic'],
    ['a source', `UPDATE source SET published_on = '2025-07-02' WHERE slug = 'full-source'`, 'full-source'],
    [
      'the text of a source',
      `UPDATE source SET text = text || '.' WHERE slug = 'full-source'`,
      'full-source',
    ],
    ['an event', `UPDATE event SET description = NULL WHERE slug = 'full-event'`, 'full-event'],
    [
      'the days of an event',
      `UPDATE event SET latest = '2025-07-08' WHERE slug = 'full-event'`,
      'full-event',
    ],
    ['a participant', `DELETE FROM event_participant WHERE ordinal = 1`, 'full-event'],
    [
      'a former version of an actor',
      `UPDATE actor_revision SET content = jsonb_set(content, '{name}', '"x"')`,
      '“full-actor”: the revision',
    ],
    ['who changed an actor', `UPDATE actor_revision SET by = 'somebody'`, '“full-actor”: its revision'],
    [
      'the number of a revision of an actor',
      `UPDATE actor_revision SET number = 2`,
      '“full-actor”: its revision',
    ],
    [
      'a former version that never was',
      `INSERT INTO topic_revision (topic_id, number, content, position, at, by)
       SELECT id, 1, '{}', position, now(), 'test' FROM topic WHERE slug = 'full-topic'`,
      '“full-topic”: it has one revision too many',
    ],
    ['the position of an actor', `UPDATE actor SET position = 1 WHERE slug = 'full-actor'`, 'position 1'],
    [
      'an actor without a change',
      `INSERT INTO actor (slug, name, kind) VALUES ('smuggled', 'S', 'PERSON')`,
      'smuggled',
    ],
  ])('shows an edit of %s', async (_, sql, named) => {
    const { mismatches } = await check(sql);
    expect(mismatches.length).toBeGreaterThan(0);
    expect(mismatches.map(({ fault }) => fault).join()).toContain(named);
  });

  it.each([
    ['the recorder of a change', `UPDATE change SET by = 'x' WHERE position = 5`, 5n],
    ['the time of a change', `UPDATE change SET at = at + interval '1 ms' WHERE position = 6`, 6n],
    ['the kind of a change', `UPDATE change SET kind = 'ACTOR_REVISED' WHERE position = 3`, 3n],
    ['the subject of a change', `UPDATE change SET actor_id = 1 WHERE position = 2`, 2n],
    [
      'the content digest of a change',
      `UPDATE change SET content_digest = sha256('x') WHERE position = 7`,
      7n,
    ],
    ['the digest of a change', `UPDATE change SET digest = sha256('x') WHERE position = 8`, 8n],
    ['a missing digest', `UPDATE change SET digest = NULL, content_digest = NULL WHERE position = 9`, 10n],
    ['a missing change', `DELETE FROM change WHERE position = 11`, 11n],
    ['a slug', `UPDATE topic SET slug = 'else' WHERE slug = 'peace'`, 5n],
    ['the genesis digest', `UPDATE head SET genesis = sha256('x')`, 1n],
    ['the end of the log', `DELETE FROM change WHERE position = (SELECT position FROM head)`, 27n],
    [
      'the end of the log and the head',
      `DELETE FROM change WHERE position = 27; UPDATE head SET position = 26`,
      26n,
    ],
  ])('names the change after an edit of %s', async (_, sql, position) => {
    const { mismatches } = await check(sql);
    expect(mismatches.map((mismatch) => mismatch.position)).toContain(position);
    expect(mismatches[0]?.position).toBe(position);
  });

  it('is distinguished from a completely different one by a digest that was saved', async () => {
    const digest = await digestAt(20);
    expect((await check('SELECT 1', made.url, digest.slice(0, 16))).hasExpected).toBe(true);
    expect((await check('SELECT 1', made.url, '0'.repeat(64))).hasExpected).toBe(false);
  });

  it('counts changes without a content digest, and changes that are not in the chain', async () => {
    const { counts, mismatches } = await check(`
      WITH next AS (UPDATE head SET position = position + 2 RETURNING position - 2 AS base)
      INSERT INTO change (position, kind, by, actor_id)
        SELECT base + n, 'ACTOR_REVISED', 'harness', 1 FROM next, generate_series(1, 2) AS n`);
    expect(mismatches).toEqual([]);
    expect(counts).toEqual({ changes: 29, unchained: 2, withoutContent: 2 });
  });
});

async function digestAt(position: number): Promise<string> {
  const client = new pg.Client({ connectionString: made.url });
  await client.connect();
  const text = `SELECT encode(digest, 'hex') AS digest FROM change WHERE position = $1`;
  const { rows } = await client.query(text, [position]);
  await client.end();
  return rows[0].digest;
}
