import { describe, expect, it } from 'vitest';
import type { Transaction } from '../../../src/db/sql.ts';
import { saveActors } from '../../../src/domain/actor.ts';
import { saveEvents } from '../../../src/domain/event.ts';
import { saveTopics } from '../../../src/domain/topic.ts';
import type { TestDatabase } from '../../support/database.ts';
import { recordSql, type ShownError } from '../../support/graphql.ts';
import type { TestService } from '../../support/service.ts';
import { type TestRecorder, useService } from '../../support/useService.ts';

let test: TestDatabase;
let recorder: TestRecorder;
let service: TestService;

useService('world', (used) => {
  ({ test, recorder, service } = used);
});

const SAVED = 'position created changed warnings { code path }';
const SAVE_ACTOR = `mutation ($input: SaveActorInput!) { saveActor(input: $input) { ${SAVED}
  actor { slug position revisionCount revisions { number by position content } aliases { name } affiliations { in { slug } } } } }`;
const SAVE_SOURCE = `mutation ($input: SaveSourceInput!) { saveSource(input: $input) { ${SAVED} source { digest length text url } } }`;
const SAVE_EVENT = `mutation ($input: SaveEventInput!) { saveEvent(input: $input) { ${SAVED} event { slug } } }`;
const LISTED = 'position created revised changed warnings { code path }';
const SAVE_ACTORS = `mutation ($input: [SaveActorInput!]!) { saveActors(input: $input) { ${LISTED}
  actors { slug position affiliations { in { slug } } } } }`;
const SAVE_TOPICS = `mutation ($input: [SaveTopicInput!]!) { saveTopics(input: $input) { ${LISTED}
  topics { slug position parent { slug } } } }`;
const SAVE_EVENTS = `mutation ($input: [SaveEventInput!]!) { saveEvents(input: $input) { ${LISTED} events { slug } } }`;

const COUNT_WORK = `SELECT relname AS "table", seq_tup_read::int AS read, n_tup_ins::int AS added, n_tup_upd::int AS changed,
  n_tup_del::int AS deleted
  FROM pg_stat_xact_user_tables`;

/** What a transaction has done to a table. */
interface Work {
  table: string;
  read: number;
  added: number;
  changed: number;
  deleted: number;
}

/** What a save does to each table. The counts of PostgreSQL also have what the connection did just before. */
const workOf = (save: (tx: Transaction) => Promise<unknown>): Promise<Work[]> =>
  test.db.prisma.$transaction(async (tx) => {
    const before = await tx.$queryRawUnsafe<Work[]>(COUNT_WORK);
    await save(tx);
    const after = await tx.$queryRawUnsafe<Work[]>(COUNT_WORK);
    return after.map((now): Work => {
      const { read, added, changed, deleted } = before.find(({ table }) => table === now.table) ?? now;
      return {
        table: now.table,
        read: now.read - read,
        added: now.added - added,
        changed: now.changed - changed,
        deleted: now.deleted - deleted,
      };
    });
  });

interface Entry {
  readonly slug: string;
  readonly position: string;
  readonly revisionCount: number;
  readonly revisions: { number: number; by: string; position: string; content: string }[];
  readonly aliases: { name: string }[];
  readonly affiliations: { in: { slug: string } }[];
  readonly parent: { slug: string } | null;
}
interface Answer {
  readonly position: string;
  readonly created: boolean | number;
  readonly revised: number;
  readonly changed: unknown;
  readonly warnings: { code: string; path: string[] }[];
  readonly actor: Entry;
  readonly source: Record<string, unknown>;
  readonly actors: Entry[];
  readonly topics: Entry[];
}

async function run(query: string, input: unknown): Promise<Answer> {
  return Object.values(await recorder.data<Record<string, Answer>>(query, { input }))[0] as Answer;
}

const headOf = async (): Promise<number> => {
  const { rows } = await test.db.pool.query('SELECT position::int FROM head');
  return rows[0].position;
};

/** The error of a save that must be refused, and proof that it has written nothing. */
async function refusal(query: string, input: unknown): Promise<ShownError> {
  const before = await headOf();
  const error = await recorder.refusal(query, { input });
  expect(await headOf()).toBe(before);
  return error;
}

const DORA = {
  slug: 'dora',
  name: 'Dora',
  kind: 'PERSON',
  aliases: [{ name: 'D.' }],
  affiliations: [{ in: 'anna', role: 'Aide' }],
};

describe('a save', () => {
  it('says what changed, keeps the rest, and keeps the former version with its recorder', async () => {
    const first = await run(SAVE_ACTOR, DORA);
    expect(first).toMatchObject({
      created: true,
      changed: ['name', 'kind', 'aliases', 'affiliations'],
      actor: { position: first.position, revisions: [], revisionCount: 0 },
    });
    const second = await run(SAVE_ACTOR, { slug: 'dora', name: 'Dora D.', kind: 'PERSON' });
    expect(second).toMatchObject({
      created: false,
      changed: ['name'],
      actor: {
        position: second.position,
        aliases: [{ name: 'D.' }],
        affiliations: [{ in: { slug: 'anna' } }],
        revisions: [{ number: 1, by: 'Rita', position: second.position }],
      },
    });
    expect(JSON.parse(second.actor.revisions[0]?.content ?? '')).toEqual(DORA);
    const third = await run(SAVE_ACTOR, { slug: 'dora', aliases: [], affiliations: null });
    expect(third).toMatchObject({
      changed: ['aliases', 'affiliations'],
      actor: { aliases: [], affiliations: [], revisionCount: 2 },
    });
    expect(third.actor.revisions.map(({ number }) => number)).toEqual([2, 1]);
  });

  it('writes nothing where nothing differs, and says so', async () => {
    await run(SAVE_ACTOR, { ...DORA, slug: 'same' });
    const before = await headOf();
    const again = await run(SAVE_ACTOR, { slug: 'same', aliases: [{ name: 'D.', metonym: false }] });
    expect(again).toMatchObject({ created: false, changed: [], actor: { revisionCount: 0 } });
    expect(await headOf()).toBe(before);
  });

  it('of a new entry needs its required fields, and names those that are missing', async () => {
    const error = await refusal(SAVE_ACTOR, { slug: 'nobody-yet', description: 'Someone.' });
    expect(error.extensions).toMatchObject({
      code: 'INVALID_INPUT',
      faults: [{ path: ['input', 'name'] }, { path: ['input', 'kind'] }],
    });
    expect(error.message).toContain('The record has no actor “nobody-yet”, and a new one needs it');
    const nameless = await refusal(SAVE_ACTOR, { kind: 'STATE' });
    expect(nameless.message).toContain('give slug to change one that the record has');
  });

  it('can’t clear a field that every entry has', async () => {
    const error = await refusal(SAVE_ACTOR, { slug: 'anna', kind: null });
    expect(error.extensions).toMatchObject({ code: 'INVALID_INPUT', inputPath: ['input', 'kind'] });
    expect(error.message).toContain('every actor has one');
  });

  it('without a slug never changes the entry whose slug its name makes', async () => {
    const error = await refusal(SAVE_ACTOR, { name: 'Anna', kind: 'PERSON' });
    expect(error.extensions).toMatchObject({
      code: 'CONFLICT',
      inputPath: ['input', 'slug'],
      slug: 'anna',
    });
  });

  it('with ifPosition refuses to overwrite, and gives the present position', async () => {
    const { position } = await run(SAVE_ACTOR, { ...DORA, slug: 'guarded', ifPosition: '0' });
    const next = await run(SAVE_ACTOR, { slug: 'guarded', name: 'Next', ifPosition: position });
    for (const ifPosition of [position, '0']) {
      const error = await refusal(SAVE_ACTOR, { slug: 'guarded', name: 'Lost', ifPosition });
      expect(error.extensions).toMatchObject({
        code: 'CONFLICT',
        inputPath: ['input', 'ifPosition'],
        position: next.position,
      });
    }
    const unknown = await refusal(SAVE_ACTOR, { ...DORA, slug: 'not-there', ifPosition: position });
    expect(unknown.extensions).toMatchObject({ code: 'CONFLICT', position: '0' });
  });

  it('lets one of several win that read the same position', async () => {
    const { position } = await run(SAVE_ACTOR, { ...DORA, slug: 'raced' });
    const attempts = ['A', 'B', 'C', 'D'].map((name) =>
      run(SAVE_ACTOR, { slug: 'raced', name, ifPosition: position }).then(
        () => 'won',
        () => 'lost',
      ),
    );
    expect((await Promise.all(attempts)).sort()).toEqual(['lost', 'lost', 'lost', 'won']);
  });

  it('loses nothing of saves of different fields at once', async () => {
    await run(SAVE_ACTOR, { slug: 'shared', name: 'Shared', kind: 'PERSON' });
    await Promise.all([
      run(SAVE_ACTOR, { slug: 'shared', description: 'Both are kept.' }),
      run(SAVE_ACTOR, { slug: 'shared', aliases: [{ name: 'Sh.' }] }),
      run(SAVE_ACTOR, { slug: 'shared', affiliations: [{ in: 'anna', role: 'Aide' }] }),
    ]);
    const { actor } = await run(SAVE_ACTOR, { slug: 'shared' });
    expect(actor).toMatchObject({
      aliases: [{ name: 'Sh.' }],
      affiliations: [{ in: { slug: 'anna' } }],
      revisionCount: 3,
    });
    expect(JSON.parse(actor.revisions.at(-1)?.content ?? '')).toEqual({
      slug: 'shared',
      name: 'Shared',
      kind: 'PERSON',
    });
  });

  it('with a new text computes its digest and length again, and a cleared text leaves them', async () => {
    const first = await run(SAVE_SOURCE, { slug: 'report', title: 'Report', text: 'One.' });
    const second = await run(SAVE_SOURCE, { slug: 'report', text: 'Second.' });
    expect(second.changed).toEqual(['digest', 'length', 'text']);
    expect(second.source.length).toBe(7);
    expect(second.source.digest).not.toBe(first.source.digest);
    const third = await run(SAVE_SOURCE, { slug: 'report', text: null });
    expect(third.changed).toEqual(['text']);
    expect(third.source).toMatchObject({ text: null, length: 7, digest: second.source.digest });
    await run(SAVE_SOURCE, { slug: 'report', text: 'Second.' });
    const error = await refusal(SAVE_SOURCE, { slug: 'report', length: 3 });
    expect(error.extensions?.inputPath).toEqual(['input', 'length']);
  });

  it('warns of what is odd about the entry that results', async () => {
    const event = { slug: 'planned', name: 'Planned', kind: 'SUMMIT', date: '2999' };
    await run(SAVE_EVENT, event);
    const { warnings } = await run(SAVE_EVENT, { slug: 'planned', name: 'Planned summit' });
    expect(warnings).toEqual([{ code: 'EVENT_IN_FUTURE', path: ['input', 'date'] }]);
  });
});

describe('a list of saves', () => {
  it('may refer to earlier and later entries of the list, and gives each its change', async () => {
    const before = await headOf();
    const { position, created, revised, changed, actors } = await run(SAVE_ACTORS, [
      { slug: 'member', name: 'Member', kind: 'PERSON', affiliations: [{ in: 'body', role: 'Head' }] },
      { slug: 'body', name: 'Body', kind: 'BODY', affiliations: [{ in: 'land', role: 'part' }] },
      { slug: 'anna' },
      { slug: 'boris', description: 'Boris himself.' },
      { slug: 'land', name: 'Land', kind: 'STATE' },
    ]);
    expect({ position, created, revised, changed }).toEqual({
      position: String(before + 4),
      created: 3,
      revised: 1,
      changed: [
        ['name', 'kind', 'affiliations'],
        ['name', 'kind', 'affiliations'],
        [],
        ['description'],
        ['name', 'kind'],
      ],
    });
    expect(actors.map(({ slug }) => slug)).toEqual(['member', 'body', 'anna', 'boris', 'land']);
    const { rows } = await test.db.pool.query(
      `SELECT actor.slug, c.kind::text FROM change c JOIN actor ON actor.id = c.actor_id WHERE c.position > $1 ORDER BY c.position`,
      [before],
    );
    expect(rows).toEqual([
      { slug: 'member', kind: 'ACTOR_ADDED' },
      { slug: 'body', kind: 'ACTOR_ADDED' },
      { slug: 'boris', kind: 'ACTOR_REVISED' },
      { slug: 'land', kind: 'ACTOR_ADDED' },
    ]);
    const sides = await test.db.pool.query(
      `SELECT side.slug FROM actor_side JOIN actor side ON side.id = side_id
       WHERE actor_id = (SELECT id FROM actor WHERE slug = 'member')`,
    );
    expect(sides.rows, 'sides of the member').toEqual([{ slug: 'land' }]);
  });

  it('exchanges places in the tree of topics, and refuses a cycle that only the list makes', async () => {
    await run(SAVE_TOPICS, [
      { slug: 'lower', name: 'Lower', parent: 'upper' },
      { slug: 'upper', name: 'Upper' },
    ]);
    const { topics } = await run(SAVE_TOPICS, [
      { slug: 'upper', parent: 'lower' },
      { slug: 'lower', parent: null },
    ]);
    expect(topics.map(({ parent }) => parent?.slug ?? null)).toEqual(['lower', null]);
    const error = await refusal(SAVE_TOPICS, [
      { slug: 'lower', parent: 'upper' },
      { slug: 'another', name: 'Another' },
    ]);
    expect(error.extensions).toMatchObject({ code: 'INVALID_INPUT', inputPath: ['input', 0, 'parent'] });
    const ring = ['ring-1', 'ring-2', 'ring-3'].map((slug, i) => ({
      slug,
      name: slug,
      parent: `ring-${((i + 1) % 3) + 1}`,
    }));
    expect((await refusal(SAVE_TOPICS, ring)).extensions?.faults).toHaveLength(3);
  });

  it('is written as a whole or not at all, and an error names every faulty item', async () => {
    const error = await refusal(SAVE_ACTORS, [
      { slug: 'right', name: 'Right', kind: 'PERSON' },
      { slug: 'wrong', name: ' ', kind: 'PERSON' },
      { slug: 'lost', name: 'Lost', kind: 'PERSON', affiliations: [{ in: 'not-there', role: 'R' }] },
      { slug: 'right', name: 'Right again', kind: 'PERSON' },
    ]);
    const faults = (error.extensions as { faults: { path: unknown }[] }).faults;
    expect(faults.map(({ path }) => path)).toEqual(
      expect.arrayContaining([
        ['input', 1, 'name'],
        ['input', 2, 'affiliations', 0, 'in'],
        ['input', 3, 'slug'],
      ]),
    );
    const { position } = await run(SAVE_ACTOR, { slug: 'anna', description: 'Moved on.' });
    const conflict = await refusal(SAVE_ACTORS, [
      { slug: 'boris', ifPosition: '1' },
      { slug: 'anna', description: 'Late.', ifPosition: '1' },
    ]);
    expect(conflict.extensions).toMatchObject({
      code: 'CONFLICT',
      faults: [{ path: ['input', 0, 'ifPosition'] }, { path: ['input', 1, 'ifPosition'], position }],
    });
  });

  it('needs as many SQL statements for 500 entries as for two', async () => {
    const list = (prefix: string, length: number) =>
      Array.from({ length }, (_, i) => ({
        slug: `${prefix}-${i}`,
        name: `${prefix} ${i}`,
        kind: 'CALL',
        date: '2025-07',
        participants: ['anna', 'boris'],
      }));
    const count = async (items: Record<string, unknown>[]): Promise<number> => {
      const texts = recordSql(test.db);
      await test.db.prisma.$transaction((tx) => saveEvents(tx, items, 'test'));
      return texts.length;
    };
    const two = await count(list('two', 2));
    expect(two).toBeGreaterThan(3);
    expect(await count(list('many', 500))).toBe(two);
    const revised = list('many', 500).map(({ slug }) => ({ slug, participants: ['boris'] }));
    expect(await count(revised)).toBeLessThanOrEqual(two + 2);
  });

  it('looks nothing up for entries that refer to nothing', async () => {
    const lookUps = async (item: Record<string, unknown>): Promise<string[]> => {
      const texts = recordSql(test.db);
      await test.db.prisma.$transaction((tx) => saveActors(tx, [item], 'test'));
      return texts.filter((text) => text.includes("'actor' AS noun, slug"));
    };
    const slug = 'alone';
    expect(await lookUps({ slug, name: 'Alone', kind: 'PERSON' })).toEqual([]);
    expect(await lookUps({ slug, description: 'Has no affiliation.' })).toEqual([]);
    expect(await lookUps({ slug, affiliations: [{ in: 'anna', role: 'Guest' }] })).toHaveLength(1);
  });

  it('writes only the parts that changed, and reads not all affiliations for the sides of 500 actors', async () => {
    await test.db.pool.query(
      `WITH crowd AS (INSERT INTO actor (slug, name, kind)
         SELECT 'crowd-' || i, 'Crowd ' || i, 'PERSON' FROM generate_series(1, 3000) AS i RETURNING id)
       INSERT INTO affiliation (actor_id, ordinal, in_id, role)
         SELECT id, 0, (SELECT id FROM actor WHERE slug = 'anna'), 'Guest' FROM crowd`,
    );
    await test.db.pool.query('ANALYZE');
    const list = Array.from({ length: 500 }, (_, i) => ({
      slug: `member-${i}`,
      name: `Member ${i}`,
      kind: 'PERSON',
      aliases: [{ name: `Delegate ${i}` }],
      affiliations: [{ in: 'crowd-1', role: 'Member' }],
      identifiers: [{ scheme: 'members', value: String(i) }],
    }));
    const described = list.map(({ slug }) => ({ slug, description: 'A member.' }));
    const first = await workOf((tx) => saveActors(tx, list, 'test'));
    expect(first.find(({ table }) => table === 'actor_alias')).toMatchObject({ added: 500 });
    const again = await workOf((tx) => saveActors(tx, described, 'test'));
    for (const table of ['actor_alias', 'affiliation', 'actor_identifier', 'actor_side', 'search_name'])
      expect(
        again.find((row) => row.table === table),
        `rows of ${table} for a new description`,
      ).toMatchObject({
        added: 0,
        deleted: 0,
      });
    const { read } = first.find(({ table }) => table === 'affiliation') as Work;
    expect(read, 'affiliations that were read from the whole table').toBe(0);
  });

  it('writes a new topic below another one of the list once, and once more with its position', async () => {
    const topics = Array.from({ length: 50 }, (_, i) => ({
      slug: `level-${i}`,
      name: `Level ${i}`,
      ...(i < 49 && { parent: `level-${i + 1}` }),
    }));
    const work = await workOf((tx) => saveTopics(tx, topics, 'test'));
    expect(work.find(({ table }) => table === 'topic')).toMatchObject({ added: 50, changed: 50 });
    const { rows } = await test.db.pool.query(
      `SELECT count(*)::int AS count FROM topic JOIN topic parent ON parent.id = topic.parent_id WHERE topic.slug LIKE 'level-%'`,
    );
    expect(rows).toEqual([{ count: 49 }]);
  });

  it('reads the saved entries only for a client that selects them', async () => {
    const texts = recordSql(service.db);
    const readsOf = async (selection: string): Promise<number> => {
      const before = texts.length;
      const query = `mutation ($input: [SaveActorInput!]!) { saveActors(input: $input) { ${selection} } }`;
      await run(query, [{ slug: 'anna', description: `Selects ${selection}` }]);
      return texts.slice(before).filter((text) => text.includes('"public"."actor"."description"')).length;
    };
    expect(await readsOf('created revised')).toBe(0);
    expect(await readsOf('actors { slug }')).toBe(1);
  });

  it('takes an empty list', async () => {
    expect(await run(SAVE_EVENTS, [])).toMatchObject({ created: 0, revised: 0, changed: [] });
  });
});
