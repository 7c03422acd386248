import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { untilWaitingForLock } from '../support/locks.ts';

let test: TestDatabase;

beforeAll(async () => {
  test = await createTestDatabase({ seeded: true });
});
afterAll(() => test.drop());

/** Runs SQL and undoes it; answers what PostgreSQL refused it by, or null where it took it. */
async function refusal(...sql: string[]): Promise<{ state: string; constraint: string | undefined } | null> {
  const client = await test.db.pool.connect();
  try {
    await client.query('BEGIN');
    for (const text of sql) await client.query(text);
    await client.query('SET CONSTRAINTS ALL IMMEDIATE');
    return null;
  } catch (error) {
    const { code, constraint } = error as { code: string; constraint?: string };
    return { state: code, constraint };
  } finally {
    await client.query('ROLLBACK');
    client.release();
  }
}

const CHECK = '23514';
const FOREIGN_KEY = '23503';
const UNIQUE = '23505';
const INVALID_TEXT = '22P02';
const RESTRICT = '23001';

const DIGEST = `'${'0'.repeat(64)}'`;
const statement = (slug: string) => `(SELECT id FROM statement WHERE slug = '${slug}')`;
const topic = (slug: string) => `(SELECT id FROM topic WHERE slug = '${slug}')`;
const actor = (slug: string) => `(SELECT id FROM actor WHERE slug = '${slug}')`;

const QUOTED = statement('macron-reached-out-about-iran');
const CEASEFIRE = statement('macron-ceasefire-needed');

/** Adds a statement; `columns` replaces values of a good one. */
function addStatement(columns: Record<string, string>): string {
  const row = {
    slug: `'new'`,
    input_digest: DIGEST,
    text: `'Something was said.'`,
    mode: `'INDIRECT'`,
    act: `'STATE'`,
    said_edtf: `'2025'`,
    said_earliest: `'2025-01-01'`,
    said_latest: `'2025-12-31'`,
    source_id: '(SELECT min(id) FROM source)',
    added_position: '1000',
    position: '1000',
    ...columns,
  };
  return `INSERT INTO statement (${Object.keys(row).join(', ')}) VALUES (${Object.values(row).join(', ')})`;
}

const addAnchor = (start: number, end: number, digest = DIGEST) =>
  `INSERT INTO anchor (statement_id, ordinal, start, "end", digest) VALUES (${QUOTED}, 9, ${start}, ${end}, ${digest})`;
const addPlace = (row: Readonly<Record<string, string>>) =>
  `INSERT INTO anchor (statement_id, ordinal, ${Object.keys(row).join(', ')}) VALUES (${QUOTED}, 9, ${Object.values(row).join(', ')})`;
const addTopic = (topicId: string, stance: string) =>
  `INSERT INTO statement_topic (statement_id, ordinal, topic_id, stance, said_earliest, said_latest)
   SELECT id, 9, ${topicId}, ${stance}, said_earliest, said_latest FROM statement WHERE id = ${QUOTED}`;

describe('the database by itself', () => {
  it('takes rows that are right', async () => {
    expect(await refusal(addStatement({}))).toBeNull();
    expect(await refusal(addStatement({ mode: `'DIRECT'`, quote: `'Words'` }))).toBeNull();
    expect(await refusal(addAnchor(0, 1))).toBeNull();
    expect(await refusal(addPlace({ page: `'4'` }))).toBeNull();
    expect(await refusal(addStatement({ text: 'NULL', quote: `'Words'` }))).toBeNull();
    expect(await refusal(addTopic(topic('ukraine-ceasefire'), `'OPPOSES'`))).toBeNull();
    expect(await refusal(addTopic(topic('france-russia-relations'), 'NULL'))).toBeNull();
  });

  it.each([
    ['an anchor that ends where it starts', addAnchor(5, 5), CHECK, 'anchor_end_check'],
    ['an anchor that ends before it starts', addAnchor(5, 4), CHECK, 'anchor_end_check'],
    ['an anchor that starts before the text', addAnchor(-1, 4), CHECK, 'anchor_start_check'],
    ['an anchor whose digest is none', addAnchor(1, 4, `'${'Z'.repeat(64)}'`), CHECK, 'anchor_digest_check'],
    [
      'an anchor whose digest is too short',
      addAnchor(1, 4, `'${'a'.repeat(63)}'`),
      CHECK,
      'anchor_digest_check',
    ],
    [
      'a direct statement without a quote',
      addStatement({ mode: `'DIRECT'` }),
      CHECK,
      'statement_quote_check',
    ],
    [
      'the removal of a direct statement’s quote',
      `UPDATE statement SET quote = NULL WHERE id = ${QUOTED}`,
      CHECK,
      'statement_quote_check',
    ],
    [
      'dates that run backwards',
      addStatement({ said_latest: `'2024-12-31'` }),
      CHECK,
      'statement_said_check',
    ],
    [
      'a retraction without a reason',
      `UPDATE statement SET status = 'RETRACTED' WHERE id = ${QUOTED}`,
      CHECK,
      'statement_retraction_check',
    ],
    [
      'a reason without a retraction',
      `UPDATE statement SET retraction_reason = 'x' WHERE id = ${QUOTED}`,
      CHECK,
      'statement_retraction_check',
    ],
    ['a change before the addition', addStatement({ position: '999' }), CHECK, 'statement_position_check'],
    ['a statement of nothing', addStatement({ text: 'NULL' }), CHECK, 'statement_text_check'],
    ['a place before the first', addStatement({ '"order"': '-1' }), CHECK, 'statement_order_check'],
    ['more than full confidence', addStatement({ confidence: '1.1' }), CHECK, 'statement_confidence_check'],
    [
      'confidence that is no number',
      addStatement({ confidence: `'NaN'` }),
      CHECK,
      'statement_confidence_check',
    ],
    ['an anchor without an end', addPlace({ start: '1', digest: DIGEST }), CHECK, 'anchor_span_check'],
    ['an anchor without a digest', addPlace({ start: '1', '"end"': '4' }), CHECK, 'anchor_span_check'],
    ['an anchor with no place', addPlace({ digest: DIGEST }), CHECK, 'anchor_place_check'],
    [
      'a mention of an unknown actor',
      `INSERT INTO statement_mention VALUES (${QUOTED}, 0, 'he', 0)`,
      FOREIGN_KEY,
      'statement_mention_actor_id_fkey',
    ],
    ['a slug in capitals', addStatement({ slug: `'New'` }), CHECK, 'statement_slug_check'],
    ['a slug with two hyphens together', addStatement({ slug: `'a--b'` }), CHECK, 'statement_slug_check'],
    [
      'a slug that is taken',
      addStatement({ slug: `'macron-ceasefire-needed'` }),
      UNIQUE,
      'statement_slug_key',
    ],
    ['a key that is taken', addStatement({ key: `'macron-ceasefire-needed'` }), UNIQUE, 'statement_key_key'],
    [
      'a position that is taken',
      addStatement({ added_position: `(SELECT max(added_position) FROM statement)` }),
      UNIQUE,
      'statement_added_position_key',
    ],
    ['an unknown mode', addStatement({ mode: `'SUNG'` }), INVALID_TEXT, undefined],
    ['an unknown act', addStatement({ act: `'SING'` }), INVALID_TEXT, undefined],
    ['an unknown source', addStatement({ source_id: '0' }), FOREIGN_KEY, 'statement_source_id_fkey'],
    ['an unknown stance', addTopic(topic('ukraine-ceasefire'), `'LOVES'`), INVALID_TEXT, undefined],
    [
      'a stance on a topic without a proposition',
      addTopic(topic('france-russia-relations'), `'SUPPORTS'`),
      CHECK,
      'statement_topic_stance_check',
    ],
    [
      'many stances of which one is on such a topic',
      `INSERT INTO statement_topic (statement_id, ordinal, topic_id, stance, said_earliest, said_latest)
       SELECT s.id, 8 + row_number() OVER (), t.id, 'SUPPORTS', said_earliest, said_latest FROM statement s, topic t
       WHERE s.id = ${QUOTED} AND t.slug IN ('ukraine-ceasefire', 'france-russia-relations')`,
      CHECK,
      'statement_topic_stance_check',
    ],
    [
      'a stance moved to such a topic',
      `UPDATE statement_topic SET topic_id = ${topic('france-russia-relations')} WHERE statement_id = ${CEASEFIRE}`,
      CHECK,
      'statement_topic_stance_check',
    ],
    [
      'the removal of a proposition with stances',
      `UPDATE topic SET proposition = NULL WHERE id = ${topic('ukraine-ceasefire')}`,
      CHECK,
      'topic_proposition_check',
    ],
    [
      'a topic twice on one statement',
      addTopic(topic('nuclear-non-proliferation'), 'NULL'),
      UNIQUE,
      'statement_topic_statement_id_topic_id_key',
    ],
    ['an unknown topic', addTopic('0', 'NULL'), FOREIGN_KEY, 'statement_topic_topic_id_fkey'],
    [
      'a link to itself',
      `INSERT INTO statement_link VALUES (${QUOTED}, ${QUOTED}, 'ECHOES')`,
      CHECK,
      'statement_link_self_check',
    ],
    [
      'a link to nothing',
      `INSERT INTO statement_link VALUES (${QUOTED}, 0, 'ECHOES')`,
      FOREIGN_KEY,
      'statement_link_to_id_fkey',
    ],
    [
      'an unknown kind of link',
      `INSERT INTO statement_link VALUES (${QUOTED}, ${CEASEFIRE}, 'LIKES')`,
      INVALID_TEXT,
      undefined,
    ],
    [
      'a topic as its own parent',
      `UPDATE topic SET parent_id = id WHERE slug = 'ukraine-war'`,
      CHECK,
      'topic_tree_check',
    ],
    [
      'a cycle of two topics',
      `UPDATE topic SET parent_id = ${topic('ukraine-ceasefire')} WHERE slug = 'ukraine-war'`,
      CHECK,
      'topic_tree_check',
    ],
    [
      'a cycle of three topics',
      `UPDATE topic SET parent_id = ${topic('iran-npt-compliance')} WHERE slug = 'nuclear-non-proliferation'`,
      CHECK,
      'topic_tree_check',
    ],
    [
      'a topic inserted as its own parent',
      `INSERT INTO topic (id, slug, name, parent_id) VALUES (900, 'x', 'x', 900)`,
      CHECK,
      'topic_tree_check',
    ],
    [
      'a topic below nothing',
      `INSERT INTO topic (slug, name, parent_id) VALUES ('x', 'x', 0)`,
      FOREIGN_KEY,
      'topic_parent_id_fkey',
    ],
    [
      'an unknown kind of actor',
      `INSERT INTO actor (slug, name, kind) VALUES ('x', 'x', 'GHOST')`,
      INVALID_TEXT,
      undefined,
    ],
    [
      'an actor’s slug that is taken',
      `INSERT INTO actor (slug, name, kind) VALUES ('iran', 'x', 'STATE')`,
      UNIQUE,
      'actor_slug_key',
    ],
    [
      'an actor affiliated with itself',
      `INSERT INTO affiliation VALUES (${actor('iran')}, 9, ${actor('iran')}, 'x')`,
      CHECK,
      'affiliation_self_check',
    ],
    [
      'an affiliation that ends before it begins',
      `INSERT INTO affiliation VALUES (${actor('iran')}, 9, ${actor('france')}, 'x', '2025-02-01', '2025-01-01')`,
      CHECK,
      'affiliation_dates_check',
    ],
    [
      'an event that ends before it begins',
      `UPDATE event SET latest = earliest - 1`,
      CHECK,
      'event_date_check',
    ],
    ['an unknown kind of event', `UPDATE event SET kind = 'PARTY'`, INVALID_TEXT, undefined],
    ['a source of length 0', `UPDATE source SET length = 0`, CHECK, 'source_length_check'],
    [
      'a speaker who is unknown',
      `UPDATE statement_speaker SET actor_id = 0 WHERE statement_id = ${QUOTED}`,
      FOREIGN_KEY,
      'statement_speaker_actor_id_fkey',
    ],
    [
      'a second head of the log',
      `INSERT INTO head (id, genesis, digest) SELECT 2, genesis, digest FROM head`,
      CHECK,
      'head_single_check',
    ],
  ])('refuses %s', async (_, sql, state, constraint) => {
    expect(await refusal(sql)).toEqual({ state, constraint });
  });

  it.each(['actor', 'topic', 'source', 'event', 'statement'])(
    'keeps every %s that something refers to',
    async (table) => {
      expect(await refusal(`DELETE FROM ${table}`)).toMatchObject({
        state: expect.stringMatching(/^2300[13]|23503$/),
      });
    },
  );

  it('refuses to change or remove what is in the log', async () => {
    expect(await refusal(`UPDATE change SET by = 'me' WHERE position = 1`)).toMatchObject({
      state: RESTRICT,
    });
    expect(await refusal('DELETE FROM change WHERE position = 1')).toMatchObject({ state: RESTRICT });
  });

  it.each([
    ['nothing', `(1000, 'ACTOR_ADDED', 'me', NULL, NULL)`],
    ['something of another kind', `(1000, 'ACTOR_ADDED', 'me', NULL, (SELECT min(id) FROM topic))`],
    ['two things', `(1000, 'ACTOR_ADDED', 'me', ${actor('iran')}, (SELECT min(id) FROM topic))`],
  ])('refuses an entry of the log about %s', async (_, row) => {
    const sql = `INSERT INTO change (position, kind, by, actor_id, topic_id) VALUES ${row}`;
    expect(await refusal(sql)).toEqual({ state: CHECK, constraint: 'change_subject_check' });
  });

  it('refuses a position that the log has', async () => {
    const sql = `INSERT INTO change (position, kind, by, actor_id) VALUES (1, 'ACTOR_ADDED', 'me', ${actor('iran')})`;
    expect(await refusal(sql)).toEqual({ state: UNIQUE, constraint: 'change_pkey' });
  });
});

describe('the dates and the status of a statement', () => {
  const COPIES = [
    'statement_speaker',
    'statement_addressee',
    'statement_topic',
    'statement_event',
    'attribution',
  ];

  it('stand in the join tables as in the statement', async () => {
    for (const table of COPIES) {
      const { rows } = await test.db.pool.query(
        `SELECT count(*)::int AS count, count(*) FILTER (WHERE
           (x.said_earliest, x.said_latest, x.status) = (s.said_earliest, s.said_latest, s.status))::int AS equal
         FROM ${table} x JOIN statement s ON s.id = x.statement_id`,
      );
      expect(rows[0].count, table).toBeGreaterThan(0);
      expect(rows[0].equal, table).toBe(rows[0].count);
    }
  });

  it.each([
    ['put right', 'said_earliest = said_earliest - 1000, said_latest = said_latest + 1000'],
    ['retracted', "status = 'RETRACTED', retraction_reason = 'Recorded in error.'"],
  ])('follow the statement when that is %s', async (_, change) => {
    const client = await test.db.pool.connect();
    try {
      await client.query('BEGIN');
      await client.query(`UPDATE statement SET ${change}`);
      for (const table of COPIES) {
        const { rows } = await client.query(
          `SELECT FROM ${table} x JOIN statement s ON s.id = x.statement_id
           WHERE (x.said_earliest, x.said_latest, x.status) <> (s.said_earliest, s.said_latest, s.status)`,
        );
        expect(rows, table).toEqual([]);
      }
    } finally {
      await client.query('ROLLBACK');
      client.release();
    }
  });

  it.each([`said_earliest = '1999-01-01'`, `said_latest = '2099-01-01'`, `status = 'RETRACTED'`])(
    'can’t be others in a join table: %s',
    async (change) => {
      expect(await refusal(`UPDATE statement_speaker SET ${change}`)).toMatchObject({ state: FOREIGN_KEY });
    },
  );
});

describe('a stance and the removal of the proposition at the same time', () => {
  const takeStance = addTopic(topic('ukraine-war'), `'SUPPORTS'`);
  const removeProposition = `UPDATE topic SET proposition = NULL WHERE slug = 'ukraine-war'`;

  /** Runs the first, has the second wait for it, and answers what the second was refused by. */
  async function meet(first: string, second: string): Promise<string | undefined> {
    const [one, two] = [await test.db.pool.connect(), await test.db.pool.connect()];
    try {
      await one.query(`UPDATE topic SET proposition = 'The war must end.' WHERE slug = 'ukraine-war'`);
      await one.query('BEGIN');
      await two.query('BEGIN');
      await one.query(first);
      const waiting = two.query(second).catch((error: { constraint?: string }) => error.constraint);
      await untilWaitingForLock(test.db.pool, 1);
      await one.query('COMMIT');
      return (await waiting) as string | undefined;
    } finally {
      await two.query('ROLLBACK');
      await one.query(
        `DELETE FROM statement_topic WHERE topic_id = ${topic('ukraine-war')} AND stance IS NOT NULL`,
      );
      await one.query(removeProposition);
      one.release();
      two.release();
    }
  }

  it('can’t both exist, in either order', async () => {
    expect(await meet(takeStance, removeProposition)).toBe('topic_proposition_check');
    expect(await meet(removeProposition, takeStance)).toBe('statement_topic_stance_check');
  });
});

describe('two moves of topics, each harmless alone', () => {
  it('can’t make a cycle together', async () => {
    const [one, two] = [await test.db.pool.connect(), await test.db.pool.connect()];
    try {
      await one.query('BEGIN');
      await two.query('BEGIN');
      await one.query(
        `UPDATE topic SET parent_id = ${topic('ukraine-war')} WHERE slug = 'middle-east-escalation'`,
      );
      const refused = expect(
        two.query(
          `UPDATE topic SET parent_id = ${topic('middle-east-escalation')} WHERE slug = 'ukraine-war'`,
        ),
      ).rejects.toMatchObject({ constraint: 'topic_tree_check' });
      await one.query('COMMIT');
      await refused;
    } finally {
      await two.query('ROLLBACK');
      await one.query(`UPDATE topic SET parent_id = NULL WHERE slug = 'middle-east-escalation'`);
      one.release();
      two.release();
    }
  });
});
