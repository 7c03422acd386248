import pg from 'pg';
import { describe, expect, it } from 'vitest';
import type { Database } from '../../../src/db/client.ts';
import { saveActors } from '../../../src/domain/actor.ts';
import { mergeActors } from '../../../src/domain/correction/merge.ts';
import { RENAMED_PER_TRANSACTION_MAX } from '../../../src/domain/correction/renameAll.ts';
import { saveEvents } from '../../../src/domain/event.ts';
import { renameActors } from '../../../src/domain/input/redirect.ts';
import { saveSources } from '../../../src/domain/source.ts';
import { recordStatements } from '../../../src/domain/statement/record/record.ts';
import { saveTopics } from '../../../src/domain/topic.ts';
import { verifyDatabase } from '../../../src/verify/history.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { exportedContent, exportedHistory, restored } from '../../support/exported.ts';
import { CHANGED, TestSocket } from '../../support/follow.ts';
import { recordSql, type ShownError } from '../../support/graphql.ts';
import { randomness } from '../../support/randomRecord.ts';
import { saveActor } from '../../support/saves.ts';
import type { TestService } from '../../support/service.ts';
import { type TestRecorder, useService } from '../../support/useService.ts';
import { record, statementInput } from '../../support/world.ts';

/** More statements than one transaction of a merge takes. */
const STATEMENTS = RENAMED_PER_TRANSACTION_MAX + 30;
const OFFICE = 'office';
const BUREAU = 'bureau';

const identifier = (value: string) => ({ scheme: 'test', value });

/** The actors of a record in which a bureau was taken for two, in the order of their references. */
const ACTORS = [
  { slug: 'france', name: 'France', kind: 'STATE' },
  { slug: 'council', name: 'Council', kind: 'ORGANISATION' },
  { slug: 'daily', name: 'Daily', kind: 'OUTLET' },
  { slug: 'anna', name: 'Anna', kind: 'PERSON', affiliations: [{ in: 'france', role: 'Minister' }] },
];
const ONE_BUREAU = {
  slug: BUREAU,
  name: 'Bureau',
  kind: 'BODY',
  aliases: [{ name: 'The Bureau', metonym: true }],
  affiliations: [{ in: 'france', role: 'Part' }],
  identifiers: [identifier('1')],
};
const THE_OFFICE = {
  slug: OFFICE,
  name: 'Office',
  kind: 'BODY',
  aliases: [{ name: 'The Bureau' }, { name: 'L’office', language: 'fr' }],
  affiliations: [
    { in: 'council', role: 'Member', from: '2025-07' },
    { in: 'france', role: 'Part' },
    { in: BUREAU, role: 'Department' },
  ],
  identifiers: [identifier('2')],
};
const DEPUTY = {
  slug: 'deputy',
  name: 'Deputy',
  kind: 'PERSON',
  affiliations: [
    { in: OFFICE, role: 'Head' },
    { in: BUREAU, role: 'Clerk' },
    { in: BUREAU, role: 'Head' },
  ],
};
/** What remains of both. */
const WHOLE_BUREAU = {
  ...ONE_BUREAU,
  aliases: [...ONE_BUREAU.aliases, { name: 'Office' }, { name: 'L’office', language: 'fr' }],
  affiliations: [...ONE_BUREAU.affiliations, { in: 'council', role: 'Member', from: '2025-07' }],
  identifiers: [identifier('1'), identifier('2')],
};

/** Statements that name both in every way, with shifts between them. */
function madeStatements(seed: number): Record<string, unknown>[] {
  const { below, pick, some } = randomness(seed);
  const named = [BUREAU, OFFICE, 'anna', 'deputy', 'daily'];
  return Array.from({ length: STATEMENTS }, (_, i) => ({
    ...statementInput({ text: `Statement ${i}.`, slug: `statement-${i}` }),
    speakers: some(named, 3, 1),
    addressees: some(named, 2),
    attribution: some(named, 2).map((actor) => ({ actor, form: 'REPORT' })),
    onBehalfOf: below(4) === 0 ? ['france'] : [],
    ...(i % 3 === 0 && {
      mentions: [{ as: 'they', actor: OFFICE }, { as: 'they', actor: BUREAU }, { as: 'who' }],
    }),
    said: `2025-${pick(['06', '07', '08'])}-15`,
    source: 'page',
    topics: [{ topic: 'truce', stance: pick(['SUPPORTS', 'OPPOSES']) }],
  }));
}

/** Shifts between statements of one actor, each of which was recorded under another name. */
const SHIFTS = [
  statementInput({ slug: 'earlier', speakers: [OFFICE], said: '2025-01-01', source: 'page' }),
  statementInput({
    slug: 'later',
    speakers: [OFFICE],
    said: '2025-09-01',
    source: 'page',
    links: [{ to: 'earlier', kind: 'SHIFTS_FROM' }],
  }),
];

const rename = (slug: string): string => (slug === OFFICE ? BUREAU : slug);

/** Fills an empty record. @param whole whether the bureau is one actor from the start. */
async function fill({ prisma }: Database, whole: boolean, seed: number): Promise<void> {
  const of = <Input extends object>(input: Input): Input => (whole ? renameActors(input, rename) : input);
  const by = 'desk';
  await prisma.$transaction(async (tx) => {
    const actors = [...ACTORS, whole ? WHOLE_BUREAU : ONE_BUREAU, DEPUTY];
    await saveActors(tx, whole ? actors.map(of) : [...actors, THE_OFFICE], by);
    await saveTopics(tx, [{ slug: 'truce', name: 'Truce', proposition: 'A truce is near.' }], by);
    await saveSources(tx, [of({ slug: 'page', title: 'Page', publisher: OFFICE })], by);
    const talks = { slug: 'talks', name: 'Talks', kind: 'MEETING', date: '2025' };
    await saveEvents(tx, [of({ ...talks, participants: [OFFICE, 'anna', BUREAU] })], by);
  });
  await recordStatements(prisma, [...madeStatements(seed), ...SHIFTS].map(of), by);
}

/** Everything that is derived from actors, with slugs instead of ids. */
const DERIVED: Readonly<Record<string, string>> = {
  speakers: `SELECT s.slug, a.slug, x.ordinal, x.status FROM statement_speaker x JOIN statement s ON s.id = statement_id JOIN actor a ON a.id = actor_id`,
  givers: `SELECT s.slug, a.slug AS giver, f.slug AS side FROM statement_giver x JOIN statement s ON s.id = statement_id JOIN actor a ON a.id = actor_id JOIN actor f ON f.id = for_id`,
  sides: `SELECT a.slug, side.slug AS side, ordinal, "from", "to" FROM actor_side x JOIN actor a ON a.id = actor_id JOIN actor side ON side.id = side_id`,
  names: `SELECT x.noun, x.name, x.latin, x.sound, x.words, coalesce(a.slug, '') FROM search_name x LEFT JOIN actor a ON x.noun = 'actor' AND a.id = x.subject_id`,
};

/** $1 slugs. What the log says of statements after their latest change. */
const RECORDED: Readonly<Record<string, string>> = {
  facets: `SELECT s.slug, f.facets - ARRAY['speakerIds', 'addresseeIds', 'attributedToIds', 'giverIds', 'sideIds', 'behalfIds', 'offices', 'linkedFromKinds'] AS facets, l.lists
    FROM statement s JOIN change c USING (position) CROSS JOIN LATERAL (SELECT c.facets -> 'after' AS facets) AS f
    CROSS JOIN LATERAL (SELECT jsonb_object_agg(k, (SELECT jsonb_agg(a.slug ORDER BY a.slug) FROM jsonb_array_elements_text(f.facets -> k) AS v JOIN actor a ON a.id = v::int)) AS lists
      FROM unnest(ARRAY['speakerIds', 'addresseeIds', 'attributedToIds', 'giverIds', 'sideIds', 'behalfIds']) AS k) AS l
    WHERE s.slug = ANY ($1::text[])`,
  offices: `SELECT s.slug, a.slug AS place, o ->> 'role' AS role FROM statement s JOIN change c USING (position), jsonb_array_elements(c.facets #> '{after,offices}') AS o
    JOIN actor a ON a.id = (o ->> 'inId')::int WHERE s.slug = ANY ($1::text[])`,
};

/** The kinds of links to a statement, as the log has them after its latest change. */
const LINKED_FROM = `SELECT c.facets #> '{after,linkedFromKinds}' AS kinds FROM statement s JOIN change c USING (position) WHERE s.slug = 'earlier'`;

/** Statements that the merge has revised. Others keep the facets that were known when they were recorded. */
async function revisedSlugs(db: Database): Promise<string[]> {
  const { rows } = await db.pool.query('SELECT slug FROM statement WHERE position > added_position');
  return rows.map(({ slug }) => slug as string);
}

async function derived(db: Database, revised: readonly string[]): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for (const [name, sql] of Object.entries({ ...DERIVED, ...RECORDED })) {
    const { rows } = await db.pool.query(sql, name in RECORDED ? [revised] : []);
    found[name] = rows.map((row) => JSON.stringify(row)).sort();
  }
  return found;
}

async function mismatches(url: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return [...(await verifyDatabase(client, null, () => undefined)).mismatches];
  } finally {
    await client.end();
  }
}

const MERGE = { from: OFFICE, into: BUREAU, reason: 'The same office.' };

/** Empty databases for one test, which are dropped after it. */
async function withDatabases<T>(count: number, use: (tests: TestDatabase[]) => Promise<T>): Promise<T> {
  const tests = await Promise.all(Array.from({ length: count }, () => createTestDatabase({ seeded: false })));
  try {
    return await use(tests);
  } finally {
    await Promise.all(tests.map((test) => test.drop()));
  }
}

describe('a merge', () => {
  it('equals a record that had one actor from the start', () =>
    withDatabases(3, async (tests) => {
      const [two, one, copy] = tests as [TestDatabase, TestDatabase, TestDatabase];
      await fill(two.db, false, 1);
      await fill(one.db, true, 1);
      const merged = await mergeActors(two.db.prisma, MERGE, 'merger');
      expect(merged).toMatchObject({ entries: 3, isComplete: true });
      expect((await exportedContent(two.db)).body).toBe((await exportedContent(one.db)).body);
      const revised = await revisedSlugs(two.db);
      expect(revised.length, 'statements that the merge has revised').toBe(merged.statements);
      expect(await derived(two.db, revised)).toEqual(await derived(one.db, revised));
      expect(await mismatches(two.url)).toEqual([]);
      expect((await two.db.pool.query(LINKED_FROM)).rows).toEqual([{ kinds: ['SHIFTS_FROM'] }]);
      await restored(copy.db, await exportedHistory(two.db));
      expect(await derived(copy.db, revised)).toEqual(await derived(one.db, revised));
      expect(await exportedHistory(copy.db)).toBe(await exportedHistory(two.db));
    }));

  it('that is interrupted, or has too much to do, goes on with the next call', () =>
    withDatabases(1, async ([test]) => {
      const { db } = test as TestDatabase;
      await fill(db, false, 3);
      const first = await mergeActors(db.prisma, MERGE, 'merger', { entriesMax: 50 });
      expect(first).toMatchObject({ entries: 1, statements: 49, isComplete: false });
      const late = await mergeActors(db.prisma, MERGE, 'merger', { timeMaxMs: 0 });
      expect(late, 'a call without time').toMatchObject({ entries: 0, statements: 0, isComplete: false });
      const last = await mergeActors(db.prisma, MERGE, 'merger');
      expect(last.isComplete).toBe(true);
      const named = await db.pool.query(
        `SELECT FROM statement_speaker x JOIN actor a ON a.id = x.actor_id WHERE a.slug = $1`,
        [OFFICE],
      );
      expect(named.rowCount, 'statements that still name the actor').toBe(0);
    }));

  it('writes all statements of a transaction with one SQL statement', () =>
    withDatabases(1, async ([test]) => {
      const { db } = test as TestDatabase;
      await fill(db, false, 4);
      const sql = recordSql(db);
      const { statements } = await mergeActors(db.prisma, MERGE, 'merger');
      const rewrites = sql.filter((text) => text.includes('INSERT INTO revision '));
      expect(statements).toBeGreaterThan(50);
      expect(rewrites.length).toBe(Math.ceil(statements / RENAMED_PER_TRANSACTION_MAX));
    }));
});

describe('through the API', () => {
  let test: TestDatabase;
  let service: TestService;
  let recorder: TestRecorder;

  useService(
    (db) => fill(db, false, 5),
    (used) => {
      ({ test, service, recorder } = used);
    },
  );

  const refusal = (query: string, input: Record<string, unknown>): Promise<ShownError> =>
    recorder.refusal(query, { input });

  const MERGE_ACTORS = `mutation ($input: MergeActorsInput!) { mergeActors(input: $input) {
    statements entries isComplete position actor { slug formerSlugs aliases { name } } } }`;
  const SPLIT = `mutation ($input: SplitActorInput!) { splitActor(input: $input) { statements actor { slug name } } }`;
  const RESOLVE = `mutation ($input: ResolveMentionInput!) { resolveMention(input: $input) { statements isComplete actor { slug } } }`;
  const ACTOR = '{ actor(slug: "office") { slug } }';
  const COUNT = `query ($slugs: [String!]) { statements(filter: { speakers: $slugs }) { totalCount } }`;
  const count = async (slug: string): Promise<number> =>
    (await recorder.data<{ statements: { totalCount: number } }>(COUNT, { slugs: [slug] })).statements
      .totalCount;

  it('refuses actors that can’t be merged, and statements that don’t name the actor', async () => {
    const codes: Record<string, unknown> = {};
    const cases: Record<string, [string, Record<string, unknown>]> = {
      itself: [MERGE_ACTORS, { ...MERGE, into: OFFICE }],
      unknown: [MERGE_ACTORS, { ...MERGE, into: 'nowhere' }],
      reason: [MERGE_ACTORS, { ...MERGE, reason: '' }],
      position: [MERGE_ACTORS, { ...MERGE, ifPosition: '1' }],
      statement: [SPLIT, { actor: 'france', into: { slug: 'anna' }, statements: ['later'], reason: 'R' }],
      mention: [RESOLVE, { as: 'who', actor: 'nowhere', reason: 'R' }],
    };
    for (const [name, [query, input]] of Object.entries(cases)) {
      const { extensions } = await refusal(query, input);
      codes[name] = [extensions?.code, extensions?.inputPath];
    }
    expect(codes).toEqual({
      itself: ['INVALID_INPUT', ['input', 'into']],
      unknown: ['NOT_FOUND', ['input', 'into']],
      reason: ['INVALID_INPUT', ['input', 'reason']],
      position: ['CONFLICT', ['input', 'ifPosition']],
      statement: ['INVALID_INPUT', ['input', 'statements', 0]],
      mention: ['NOT_FOUND', ['input', 'actor']],
    });
    const { errors } = await service.ask(MERGE_ACTORS, { input: MERGE });
    expect(errors?.[0]?.extensions?.code).toBe('UNAUTHENTICATED');
  });

  it('resolves the mentions with some words', async () => {
    const input = { as: 'who', actor: 'anna', source: 'page', reason: 'She said so.' };
    const { resolveMention } = await recorder.data<{ resolveMention: Record<string, unknown> }>(RESOLVE, {
      input,
    });
    const wanted = Math.ceil(STATEMENTS / 3);
    expect(resolveMention).toEqual({ statements: wanted, isComplete: true, actor: { slug: 'anna' } });
    const again = await recorder.data<{ resolveMention: Record<string, unknown> }>(RESOLVE, { input });
    expect(again.resolveMention).toMatchObject({ statements: 0, isComplete: true });
  });

  it('moves the references of some statements to another actor', async () => {
    const into = { slug: 'annex', name: 'Annex', kind: 'BODY' };
    const input = { actor: OFFICE, into, statements: ['earlier', 'later'], reason: 'Two offices.' };
    const { splitActor } = await recorder.data<{ splitActor: Record<string, unknown> }>(SPLIT, { input });
    expect(splitActor).toEqual({ statements: 2, actor: { slug: 'annex', name: 'Annex' } });
    expect(await count('annex')).toBe(2);
    const back = { actor: 'annex', into: { slug: OFFICE }, statements: ['earlier', 'later'], reason: 'One.' };
    await recorder.data(SPLIT, { input: back });
    expect(await count('annex')).toBe(0);
  });

  it('leads former slugs to the actor that remains, in queries, filters, inputs and open subscriptions', async () => {
    expect(await recorder.data(ACTOR)).toEqual({ actor: { slug: OFFICE } });
    const socket = new TestSocket(service.origin);
    await socket.ready();
    const follow = (slug: string) =>
      socket.follow({ query: CHANGED, variables: { filter: { speakers: [slug] } } });
    const [former, present] = [follow(OFFICE), follow(BUREAU)];
    const { head } = await recorder.data<{ head: { position: string } }>('{ head: record { position } }');
    const { mergeActors: merged } = await recorder.data<{
      mergeActors: { statements: number; position: string; actor: Record<string, unknown> };
    }>(MERGE_ACTORS, { input: MERGE });
    expect(merged.actor).toMatchObject({ slug: BUREAU, formerSlugs: [OFFICE] });

    expect(await recorder.data(ACTOR)).toEqual({ actor: { slug: BUREAU } });
    expect(await count(OFFICE)).toBe(await count(BUREAU));
    expect(await count(OFFICE)).toBeGreaterThan(0);
    const { changes } = await recorder.data<{ changes: { kind: string; reason: string | null }[] }>(
      'query ($after: Position) { changes(after: $after, first: 100) { kind reason } }',
      { after: head.position },
    );
    expect(new Set(changes.map(({ reason }) => reason))).toEqual(new Set([MERGE.reason]));

    const { position } = await record(test.db, {
      slug: 'with-former-slug',
      speakers: [OFFICE, BUREAU],
      source: 'page',
    });
    await former.reached(position);
    await present.reached(position);
    const statement = await recorder.data<{ statement: { speakers: unknown } }>(
      '{ statement(slug: "with-former-slug") { speakers { slug } } }',
    );
    expect(statement.statement.speakers).toEqual([{ slug: BUREAU }]);
    await socket.close();
  });

  it('refuses to save, merge or withdraw a former slug, and names the present one', async () => {
    const SAVE = 'mutation ($input: SaveActorInput!) { saveActor(input: $input) { position } }';
    const saved = await refusal(SAVE, { slug: OFFICE, name: 'Office', kind: 'BODY' });
    expect(saved.extensions?.code).toBe('CONFLICT');
    expect(saved.message).toContain(`was merged into “${BUREAU}”`);
    const circle = await refusal(MERGE_ACTORS, { ...MERGE, from: BUREAU, into: OFFICE });
    expect(circle.extensions).toMatchObject({ code: 'INVALID_INPUT', inputPath: ['input', 'into'] });
    expect((await refusal(MERGE_ACTORS, MERGE)).message).toContain(`merged into “${BUREAU}” already`);
  });

  it('of two actors into each other, at the same time, leaves one of them', async () => {
    const { prisma } = test.db;
    for (let i = 0; i < 5; i += 1) {
      const [one, other] = [`one-${i}`, `other-${i}`] as const;
      const actors = [one, other].map((slug) => ({ slug, name: slug, kind: 'PERSON' }));
      await prisma.$transaction((tx) => saveActors(tx, actors, 'desk'));
      const merge = (from: string, into: string, options = {}) =>
        mergeActors(prisma, { from, into, reason: 'The same person.' }, 'desk', options);
      // Both begin before either of them ends.
      await merge(one, other, { entriesMax: 0 });
      await merge(other, one, { entriesMax: 0 });
      const results = await Promise.allSettled([merge(one, other), merge(other, one)]);
      expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(1);
      const left = await prisma.actor.findMany({ where: { slug: { in: [one, other] }, mergedIntoId: null } });
      expect(left).toHaveLength(1);
    }
  });

  it('follows a chain of merges to its end', async () => {
    await test.db.prisma.$transaction((tx) =>
      saveActor(tx, { slug: 'house', name: 'House', kind: 'BODY' }, 'desk'),
    );
    await recorder.data(MERGE_ACTORS, { input: { from: BUREAU, into: 'house', reason: 'One house.' } });
    expect(await recorder.data(ACTOR)).toEqual({ actor: { slug: 'house' } });
    const { actor } = await recorder.data<{ actor: { formerSlugs: string[] } }>(
      '{ actor(slug: "house") { formerSlugs revisionCount } }',
    );
    expect(actor.formerSlugs.toSorted()).toEqual([BUREAU, OFFICE]);
    expect(await count(OFFICE)).toBe(await count('house'));
  });

  it('leaves a history that has the content that its digests name', async () => {
    expect(await mismatches(test.url)).toEqual([]);
  });
});
