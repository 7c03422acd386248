import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportText } from '../../../src/cli/import/screen.ts';
import { sha256 } from '../../../src/domain/anchor.ts';
import { retractCollection } from '../../../src/domain/correction/collection.ts';
import { reanchorSource } from '../../../src/domain/statement/reanchor/reanchor.ts';
import { retractStatement } from '../../../src/domain/statement/retract.ts';
import type { ImportItem, ItemKind, ItemSource, Unread } from '../../../src/import/item.ts';
import type { ImportReport } from '../../../src/import/report.ts';
import { type ImportOptions, runImport } from '../../../src/import/write/engine.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { recordSql } from '../../support/graphql.ts';
import { until } from '../../support/until.ts';

type Value = Record<string, unknown>;
type Line = readonly [ItemKind, unknown];

const FRANCE = ['actor', { slug: 'france', name: 'France', kind: 'STATE' }] as const;
const MINISTER = [
  'actor',
  { slug: 'minister', name: 'Minister', kind: 'PERSON', affiliations: [{ in: 'france', role: 'Minister' }] },
] as const;
const TALKS = ['topic', { slug: 'talks', name: 'Talks', proposition: 'There should be talks.' }] as const;
const GAZETTE = [
  'source',
  { slug: 'gazette', title: 'Gazette', publishedOn: '2025-03-05', length: 100 },
] as const;
const MEETING = [
  'event',
  { slug: 'meeting', name: 'Meeting', kind: 'MEETING', date: '2025-03', participants: ['france'] },
] as const;
const NOUNS: readonly Line[] = [FRANCE, MINISTER, TALKS, GAZETTE, MEETING];

const statement = (i: number, extra: Value = {}): readonly ['statement', Value] => [
  'statement',
  {
    ...{
      text: `Statement ${i}.`,
      mode: 'INDIRECT',
      act: 'STATE',
      speakers: ['minister'],
      said: '2025-03-03',
      source: 'gazette',
    },
    ...extra,
  },
];
const statements = (from: number, to: number, extra?: (i: number) => Value) =>
  Array.from({ length: to - from }, (_, i) => statement(from + i, extra?.(from + i)));

async function* itemsOf(lines: readonly Line[]): ItemSource {
  for (const [i, [kind, value]] of lines.entries()) {
    const place = { file: 'a.jsonl', line: i + 1 };
    yield kind === ('unread' as ItemKind)
      ? ({ kind: 'unread', place, ...(value as Value) } as Unread)
      : ({ kind, value, place } as ImportItem);
  }
}

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase({ seeded: false });
});
afterAll(() => test.drop());

/** Runs a test on a separate empty record. */
async function withRecord<T>(
  use: (
    load: (lines: readonly Line[], options?: Partial<ImportOptions>) => Promise<ImportReport>,
    db: TestDatabase['db'],
  ) => Promise<T>,
): Promise<void> {
  const { db, drop } = await createTestDatabase({ seeded: false });
  await use((lines, options) => runImport(db.prisma, itemsOf(lines), { by: 'tester', ...options }), db);
  await drop();
}

const headOf = async (db: TestDatabase['db']): Promise<number> =>
  Number((await db.pool.query('SELECT position FROM head')).rows[0].position);

const added = ({ entries }: ImportReport): Record<string, number> =>
  Object.fromEntries(Object.entries(entries).map(([kind, counts]) => [kind, counts.added]));

describe('an import', () => {
  it('counts the anchors that stay behind when a source gets another text, until they are placed in it', async () => {
    await withRecord(async (load, { prisma }) => {
      const [old, text] = ['He said yes.', 'On Monday he said yes, at last.'];
      const source = (of: string) =>
        [...NOUNS.slice(0, 3), ['source', { slug: 'gazette', title: 'Gazette', text: of }]] as const;
      const anchored = (i: number, of: string) => {
        const start = of.indexOf('said yes');
        return statement(i, {
          key: `k-${i}`,
          anchors: [{ start, end: start + 8, digest: sha256('said yes') }],
        });
      };
      const first = await load([...source(old), anchored(1, old), anchored(2, old), statement(3)]);
      expect(first.outdated, 'outdated anchors of the first import').toBeUndefined();
      const second = await load([...source(text), anchored(1, text)]);
      expect(second.outdated).toEqual({ anchors: 1, sources: 1, source: 'gazette' });
      expect(reportText(second)).toContain('Anchors that were not placed in it: 1.');
      const { anchors } = await reanchorSource(prisma, { source: 'gazette', text }, 'tester');
      expect(anchors.map(({ outcome, start }) => `${outcome} ${start}`).sort()).toEqual([
        'MOVED 13',
        'SAME 13',
      ]);
      const third = await load([...source(text), anchored(1, text)]);
      expect(third.outdated, 'outdated anchors after they were placed').toBeUndefined();
    });
  });

  it('adds entries of every kind, and changes nothing the second time', async () => {
    await withRecord(async (load, db) => {
      const lines = [
        ...NOUNS,
        ...statements(0, 3, (i) => ({ slug: `s-${i}`, topics: [{ topic: 'talks', stance: 'SUPPORTS' }] })),
      ];
      expect(added(await load(lines))).toEqual({ actor: 2, topic: 1, source: 1, event: 1, statement: 3 });
      expect(await headOf(db)).toBe(8);
      const again = await load(lines);
      expect(again).toMatchObject({ complete: true, refused: 0, refusals: [] });
      expect(Object.values(again.entries).map(({ unchanged }) => unchanged)).toEqual([2, 1, 1, 1, 3]);
      expect(await headOf(db)).toBe(8);
    });
  });

  it('adds statements in the order of its lines, also where a later list is written sooner', async () => {
    await withRecord(async (load, db) => {
      await load(NOUNS);
      const waiting = async (event: string): Promise<boolean> =>
        (
          await db.pool.query(
            `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND wait_event = $1`,
            [event],
          )
        ).rowCount === 1;
      const locker = await db.pool.connect();
      await locker.query('BEGIN; SELECT FROM topic FOR UPDATE');
      const stance = (): Value => ({ topics: [{ topic: 'talks', stance: 'SUPPORTS' }] });
      const loading = load([...statements(0, 500, stance), ...statements(500, 600)]);
      await until('the first list waits for the topic', () => waiting('transactionid'));
      await until('the second list waits for its turn', () => waiting('advisory'));
      await locker.query('COMMIT');
      locker.release();
      expect(added(await loading).statement).toBe(600);
      const rows = await db.prisma.statement.findMany({ orderBy: { addedPosition: 'asc' } });
      expect(rows.map(({ text }) => text)).toEqual(statements(0, 600).map(([, { text }]) => text));
    });
  });

  it('adds statements without key or slug once, also where a row comes twice', async () => {
    await withRecord(async (load, db) => {
      const lines = [...NOUNS, ...statements(0, 3), ...statements(0, 2)];
      expect((await load(lines, { collection: { slug: 'papers' } })).entries.statement).toMatchObject({
        added: 3,
        unchanged: 2,
      });
      expect((await load(lines, { collection: { slug: 'papers' } })).entries.statement).toMatchObject({
        added: 0,
        unchanged: 5,
      });
      expect((await load(lines, { collection: { slug: 'other' } })).entries.statement).toMatchObject({
        added: 3,
        unchanged: 2,
      });
      expect(await db.prisma.statement.count()).toBe(6);
    });
  });

  it('refuses rows with faults, each with its line, path and reason, and takes the others', async () => {
    await withRecord(async (load, db) => {
      const seen: unknown[] = [];
      const report = await load(
        [
          ...NOUNS,
          ['actor', { slug: 'nobody', name: 'Nobody', kind: 'GHOST' }],
          ['unread' as ItemKind, { path: [], reason: 'is not JSON' }],
          statement(1, { slug: 'good' }),
          statement(2, { slug: 'bad', speakers: ['ministre'] }),
          statement(3, { slug: 'linked', links: [{ to: 'bad', kind: 'ECHOES' }] }),
          statement(4, { topics: [{ topic: 'talks', stance: 'YES' }] }),
          statement(5, { slug: 'better', links: [{ to: 'good', kind: 'ECHOES' }] }),
        ],
        { onRefusal: (refusal) => seen.push(refusal) },
      );
      expect(report.refusals.map(({ line, path }) => [line, path]).sort()).toEqual(
        [
          [10, 'links[0].to'],
          [11, 'topics[0].stance'],
          [6, 'kind'],
          [7, ''],
          [9, 'speakers[0]'],
        ].sort(),
      );
      expect(report.refusals.find(({ line }) => line === 9)?.reason).toContain('names the actor “ministre”');
      expect(seen).toEqual(report.refusals);
      expect(report.refused).toBe(5);
      expect(report.entries.statement).toMatchObject({ added: 2, refused: 3 });
      expect(await db.prisma.statementLink.count()).toBe(1);
    });
  });

  it('changes what it brings with other content, and then finds it unchanged', async () => {
    await withRecord(async (load, db) => {
      const first = [...NOUNS, statement(1, { slug: 's', quote: 'Words' })];
      await load(first);
      const second: Line[] = [
        ['actor', { slug: 'france', name: 'French Republic' }],
        statement(2, { slug: 's' }),
      ];
      const report = await load(second);
      expect([report.entries.actor.changed, report.entries.statement.changed, report.refused]).toEqual([
        1, 1, 0,
      ]);
      expect(await db.prisma.statement.findFirst()).toMatchObject({ text: 'Statement 2.', quote: null });
      expect(await db.prisma.revision.count()).toBe(1);
      const head = await headOf(db);
      expect((await load(second)).entries.statement).toMatchObject({ changed: 0, unchanged: 1 });
      expect(await headOf(db)).toBe(head);
      expect((await load(first)).entries.statement, 'the first version again').toMatchObject({ changed: 1 });
    });
  });

  it('revises a list in one transaction, without those that have faults or links', async () => {
    await withRecord(async (load, db) => {
      const key = (i: number) => ({ key: `k-${i}` });
      const linked = { slug: 'linked', links: [{ to: 's-0', kind: 'ECHOES' }] };
      await load([
        ...NOUNS,
        ...statements(0, 60, (i) => ({ ...key(i), slug: `s-${i}` })),
        statement(90, linked),
      ]);
      const texts = recordSql(db);
      const changed = (i: number): Value => ({
        ...{ ...key(i), slug: `s-${i}`, text: `Changed ${i}.` },
        ...(i % 2 === 0 && { mentions: [{ as: 'the minister' }] }),
      });
      const report = await load([
        ...statements(0, 59, changed),
        statement(59, { ...changed(59), topics: [{ topic: 'nothing' }] }),
        statement(90, { ...linked, text: 'Changed with its link.' }),
      ]);
      expect(report.entries.statement).toMatchObject({ changed: 60, refused: 1, added: 0 });
      expect(report.refusals).toMatchObject([{ line: 60, path: 'topics[0].topic' }]);
      // One for the list; s-0, to which a statement links, and the linked one.
      expect(texts.filter((text) => text.includes('STATEMENT_REVISED'))).toHaveLength(3);
      const { rows } = await db.pool.query(
        `SELECT count(*)::int AS revisions, bool_and(content ->> 'text' LIKE 'Statement %' OR number = 2) AS kept,
          (SELECT text FROM statement WHERE slug = 's-7') AS text,
          (SELECT count(*)::int FROM statement_link) AS links FROM revision`,
      );
      const expected = { revisions: 60, kept: true, text: 'Changed 7.', links: 1 };
      expect(rows).toEqual([expected]);
      expect((await load(statements(2, 59, changed))).entries.statement).toMatchObject({ unchanged: 57 });
    });
  });

  it('refuses the second of two rows of a statement that differ, in one list or far apart, so that a second import changes nothing', async () => {
    await withRecord(async (load) => {
      const first = statement(1, { key: 'k' });
      const other = statement(2, { key: 'k' });
      const lines: Line[] = [
        ...NOUNS,
        first,
        other,
        statement(3, { slug: 's' }),
        statement(4, { slug: 's' }),
      ];
      lines.push(...statements(10, 1_200), other);
      const refused = [
        { line: NOUNS.length + 2, path: 'key' },
        { line: NOUNS.length + 4, path: 'slug' },
        { line: NOUNS.length + 1_195, path: 'key' },
      ];
      const dry = await load(lines, { dryRun: true });
      expect(dry.refusals).toMatchObject(refused);
      for (const [added, unchanged] of [
        [1_192, 0],
        [0, 1_192],
      ]) {
        const report = await load(lines);
        expect(report.refusals).toMatchObject(refused);
        expect(report.refusals[2]?.reason).toContain('earlier row');
        expect(report.entries.statement).toMatchObject({ added, unchanged, changed: 0, refused: 3 });
      }
    });
  });

  it('takes an empty list for a list that is left out', async () => {
    await withRecord(async (load, db) => {
      await load([...NOUNS, statement(1, { slug: 's' })]);
      const head = await headOf(db);
      const { entries } = await load([statement(1, { slug: 's', events: [], topics: [] })]);
      expect(entries.statement).toMatchObject({ changed: 0, unchanged: 1 });
      expect(await headOf(db)).toBe(head);
      expect(await db.prisma.revision.count()).toBe(0);
    });
  });

  it('refuses to record again what was retracted', async () => {
    await withRecord(async (load, db) => {
      await load([...NOUNS, statement(1, { slug: 's' })]);
      await db.pool.query(`UPDATE statement SET status = 'RETRACTED', retraction_reason = 'Wrong.'`);
      for (const text of ['Statement 1.', 'Other.']) {
        const { refusals } = await load([statement(1, { slug: 's', text })]);
        expect(refusals).toMatchObject([
          { reason: expect.stringContaining('was retracted from the record') },
        ]);
      }
    });
  });

  it('makes current again what was retracted with its collection', async () => {
    await withRecord(async (load, db) => {
      const lines = [...NOUNS, statement(1, { slug: 's' }), statement(2, { slug: 't' })];
      await load(lines, { collection: { slug: 'batch' } });
      const { id } = await db.prisma.statement.findUniqueOrThrow({ where: { slug: 't' } });
      await db.prisma.$transaction((tx) => retractStatement(tx, id, 'It was never said.', 'test'));
      await retractCollection(db.prisma, 'batch', 'Wrong encoding.', 'test');
      const report = await load(lines, { collection: { slug: 'batch' } });
      expect(report.entries.statement).toMatchObject({ added: 1, refused: 1 });
      expect(report.refusals).toMatchObject([{ reason: expect.stringContaining('“t”') }]);
      const { status } = await db.prisma.statement.findUniqueOrThrow({ where: { slug: 's' } });
      expect(status).toBe('CURRENT');
      expect((await load(lines, { collection: { slug: 'batch' } })).entries.statement).toMatchObject({
        unchanged: 1,
      });
    });
  });

  it('takes links and keys across its batches', async () => {
    await withRecord(async (load, db) => {
      const link = (i: number): Value => ({
        slug: `s-${i}`,
        ...(i >= 600 && { links: [{ to: `s-${i - 600}`, kind: 'ECHOES' }] }),
      });
      const report = await load([...NOUNS, ...statements(0, 1_400, link), ...statements(1_390, 1_400, link)]);
      expect(report.entries.statement).toMatchObject({ added: 1_400, unchanged: 10, refused: 0 });
      expect(await db.prisma.statementLink.count()).toBe(800);
    });
  });

  it('takes affiliations and parents that point forward, also in circles, and refuses those that point to nothing', async () => {
    await withRecord(async (load, db) => {
      const actors = Array.from(
        { length: 1_200 },
        (_, i): Line => [
          'actor',
          {
            slug: `a-${i}`,
            name: `A ${i}`,
            kind: 'BODY',
            affiliations: [{ in: i < 600 ? `a-${i + 600}` : 'france', role: 'Part' }],
          },
        ],
      );
      const report = await load([
        ...actors,
        [
          'actor',
          { slug: 'lost', name: 'Lost', kind: 'BODY', affiliations: [{ in: 'nowhere', role: 'Part' }] },
        ],
        [
          'actor',
          { slug: 'left', name: 'Left', kind: 'BODY', affiliations: [{ in: 'right', role: 'Part' }] },
        ],
        ['topic', { slug: 'child', name: 'Child', parent: 'mother' }],
        [
          'actor',
          { slug: 'right', name: 'Right', kind: 'BODY', affiliations: [{ in: 'left', role: 'Part' }] },
        ],
        FRANCE,
        ['topic', { slug: 'mother', name: 'Mother' }],
      ]);
      expect(report.refusals).toMatchObject([{ line: 1_201, path: 'affiliations[0].in' }]);
      expect(added(report)).toMatchObject({ actor: 1_203, topic: 2 });
      expect(await headOf(db), 'each is written once').toBe(1_205);
    });
  });

  it('ends after the current batch when its client has gone, and is completed by the next run', async () => {
    await withRecord(async (load, db) => {
      const gone = new AbortController();
      const lines = [...NOUNS, ...statements(0, 1_500, (i) => ({ slug: `s-${i}` }))];
      const broken = await load(lines, { signal: gone.signal, onProgress: () => gone.abort() });
      expect(broken.complete).toBe(false);
      expect(broken.entries.statement.added).toBe(500);
      expect((await load(lines)).entries.statement).toMatchObject({ added: 1_000, unchanged: 500 });
      expect(await db.prisma.statement.count()).toBe(1_500);
    });
  });

  it('that is atomic writes nothing where one row is refused', async () => {
    await withRecord(async (load, db) => {
      const lines = [...NOUNS, ...statements(0, 700), statement(0, { speakers: ['ministre'] })];
      const report = await load(lines, { atomic: true });
      expect(report).toMatchObject({ written: false, refusals: [{ line: 706, path: 'speakers[0]' }] });
      expect(reportText(report)).toContain('Nothing was written');
      expect(await headOf(db)).toBe(0);
      const whole = await load(lines.slice(0, -1), { atomic: true });
      expect(whole.written).toBe(true);
      expect(reportText(whole)).not.toContain('Nothing was written');
      expect(added(whole)).toMatchObject({ actor: 2, statement: 700 });
    });
  });

  it('as a dry run gives the report of the import, and writes nothing', async () => {
    await withRecord(async (load, db) => {
      await load([...NOUNS, statement(0, { slug: 's-0' }), statement(1, { slug: 's-1' })]);
      const head = await headOf(db);
      const lines: Line[] = [
        [
          'actor',
          { slug: 'poet', name: 'Poet', kind: 'PERSON', affiliations: [{ in: 'guild', role: 'Member' }] },
        ],
        ['actor', { slug: 'guild', name: 'Guild', kind: 'ORGANISATION' }],
        ['topic', { slug: 'bread', name: 'Bread', proposition: 'Bread is good.', parent: 'food' }],
        ['topic', { slug: 'food', name: 'Food' }],
        ['topic', { slug: 'talks', name: 'Chats' }],
        ['source', { slug: 'herald', title: 'Herald', length: 10 }],
        statement(0, { slug: 's-0' }),
        statement(1, { slug: 's-1', text: 'Other.' }),
        ...statements(2, 600, (i) => ({
          slug: `s-${i}`,
          speakers: ['poet'],
          source: 'herald',
          topics: [{ topic: 'bread', stance: 'OPPOSES' }],
        })),
        ...statements(600, 620, (i) => ({ slug: `s-${i}`, links: [{ to: `s-${i - 600}`, kind: 'ECHOES' }] })),
        ...statements(610, 612, (i) => ({ slug: `s-${i}`, links: [{ to: `s-${i - 600}`, kind: 'ECHOES' }] })),
        statement(700, { source: 'herald', anchors: [{ start: 0, end: 11, digest: '0'.repeat(64) }] }),
        statement(701, { topics: [{ topic: 'food', stance: 'OPPOSES' }] }),
        statement(702, { links: [{ to: 'nothing', kind: 'ECHOES' }] }),
      ];
      const dry = await load(lines, { dryRun: true });
      expect(await headOf(db)).toBe(head);
      const real = await load(lines);
      expect(dry).toEqual({ ...real, dryRun: true, written: false });
      expect(real.refusals.map(({ path }) => path)).toEqual([
        'anchors[0].end',
        'topics[0].stance',
        'links[0].to',
      ]);
      expect(real.entries.topic).toMatchObject({ added: 2, changed: 1 });
      expect(real.entries.statement).toMatchObject({ added: 618, changed: 1, unchanged: 3 });
    });
  });

  it('as a dry run names only the faults that the import would have, also beside changed statements', async () => {
    await withRecord(async (load, db) => {
      await load([...NOUNS, statement(1, { slug: 's' })]);
      const head = await headOf(db);
      const lines: Line[] = [
        ['actor', { slug: 'envoy', name: 'Envoy', kind: 'PERSON' }],
        statement(2, { slug: 's' }),
        statement(3, { speakers: ['envoy'], links: [{ to: 'nothing', kind: 'ECHOES' }] }),
      ];
      const dry = await load(lines, { dryRun: true });
      expect(dry.refusals.map(({ path }) => path)).toEqual(['links[0].to']);
      expect(await headOf(db)).toBe(head);
      expect((await load(lines)).refusals).toEqual(dry.refusals);
    });
  });

  it('compares a newer version of a collection with the record, and retracts what is gone where asked', async () => {
    await withRecord(async (load, db) => {
      const header = (version: string): Line => [
        'header',
        { readout: 1, collection: { slug: 'papers', title: 'Papers', version } },
      ];
      const keyed = (i: number): Value => ({ key: `k-${i}` });
      await load([...NOUNS, statement(99)]);
      const extra: Line = ['event', { slug: 'walk', name: 'Walk', kind: 'OTHER', date: '2025' }];
      await load([header('1'), extra, ...statements(0, 600, keyed)]);
      const second = [header('2'), ...statements(0, 3, keyed), statement(4, { key: 'k-3' })];
      const dry = await load(second, { dryRun: true });
      expect(dry).toMatchObject({ collection: 'papers', compared: true });
      expect(dry.entries.statement).toMatchObject({ added: 0, unchanged: 3, changed: 1, gone: 596 });
      expect(dry.entries.event).toMatchObject({ gone: 1 });
      expect((await load(second)).entries).toEqual(dry.entries);
      expect(await db.prisma.statement.count({ where: { status: 'CURRENT' } }), 'only counted').toBe(601);
      const faulty = [...second, statement(5, { speakers: ['nobody'] })];
      expect(await load(faulty, { retractGone: true })).toMatchObject({
        compared: false,
        entries: { statement: { gone: 0 } },
      });
      await load(second, { retractGone: true });
      expect(await db.prisma.statement.count({ where: { status: 'CURRENT' } })).toBe(5);
      expect(await db.prisma.event.findFirst({ where: { slug: 'walk' } })).toMatchObject({
        withdrawalReason: expect.any(String),
      });
      expect(await db.prisma.collection.findFirst()).toMatchObject({ title: 'Papers', version: '2' });
      expect((await load(second)).entries.statement).toMatchObject({ unchanged: 4, gone: 0 });
      const again = await load([header('3'), ...statements(2, 5, keyed)]);
      expect(again.entries.statement, 'one was gone').toMatchObject({
        added: 1,
        unchanged: 1,
        changed: 1,
        refused: 0,
      });
    });
  });
});
