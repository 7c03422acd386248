import { describe, expect, it } from 'vitest';
import { sha256 } from '../../../src/domain/anchor.ts';
import { retractCollection } from '../../../src/domain/correction/collection.ts';
import type { ImportItem, ItemKind, ItemSource } from '../../../src/import/item.ts';
import type { ImportReport } from '../../../src/import/report.ts';
import { type ImportOptions, runImport } from '../../../src/import/write/engine.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

type Value = Record<string, unknown>;
type Line = readonly [ItemKind, Value];
type Load = (
  lines: readonly Line[],
  options?: Partial<ImportOptions>,
  /** Mentions whose actors the import has found. */
  recognised?: readonly string[],
) => Promise<ImportReport>;

const FRANCE: Line = ['actor', { slug: 'france', name: 'France', kind: 'STATE' }];
const MINISTER: Line = ['actor', { slug: 'minister', name: 'Minister', kind: 'PERSON' }];
const OLD = 'He said yes.';
const NEW = 'On Monday he said yes, at last.';
const gazette = (text: string): Line => ['source', { slug: 'gazette', title: 'Gazette', text }];
const talks = (fields: Value = {}): Line => ['topic', { slug: 'talks', name: 'Talks', ...fields }];
const statement = (key: string, fields: Value = {}): Line => [
  'statement',
  {
    ...{ key, text: `Statement ${key}.`, mode: 'INDIRECT', act: 'STATE' },
    ...{ speakers: ['france'], said: '2025-03-03', source: 'gazette', ...fields },
  },
];
/** “yes” in a text. */
const yesIn = (text: string): Value => {
  const start = text.indexOf('yes');
  return { anchors: [{ start, end: start + 3, digest: sha256('yes') }] };
};

async function* itemsOf(lines: readonly Line[], recognised?: readonly string[]): ItemSource {
  for (const [i, [kind, value]] of lines.entries())
    yield {
      kind,
      value,
      place: { file: 'a.jsonl', line: i + 1 },
      ...(recognised && { recognised }),
    } as ImportItem;
}

/** Runs a test on a separate empty record. */
async function withRecord(use: (load: Load, db: TestDatabase['db']) => Promise<void>): Promise<void> {
  const { db, drop } = await createTestDatabase({ seeded: false });
  try {
    const load: Load = (lines, options, recognised) =>
      runImport(db.prisma, itemsOf(lines, recognised), { by: 'tester', ...options });
    await use(load, db);
  } finally {
    await drop();
  }
}

/** What the record has before, and an import that changes what its own statements refer to. */
const CASES: Record<string, { before: readonly Line[]; lines: readonly Line[] }> = {
  'an anchor after the end of the former text': {
    before: [FRANCE, gazette(OLD), statement('1')],
    lines: [FRANCE, gazette(NEW), statement('1', yesIn(NEW)), statement('2', yesIn(NEW))],
  },
  'a stance on a topic that gets a proposition': {
    before: [FRANCE, talks(), gazette(OLD), statement('1')],
    lines: [
      ...[FRANCE, talks({ proposition: 'There should be talks.' }), gazette(OLD)],
      ...['1', '2'].map((key) => statement(key, { topics: [{ topic: 'talks', stance: 'SUPPORTS' }] })),
    ],
  },
  'a changed statement with a new topic': {
    before: [FRANCE, gazette(OLD), statement('1')],
    lines: [FRANCE, talks(), gazette(OLD), statement('1', { topics: [{ topic: 'talks' }] })],
  },
  'a changed statement with a mention of a new actor': {
    before: [FRANCE, gazette(OLD), statement('1')],
    lines: [
      ...[FRANCE, MINISTER, gazette(OLD)],
      statement('1', { mentions: [{ as: 'the minister', actor: 'minister' }] }),
    ],
  },
  'a changed statement with a link to a new one': {
    before: [FRANCE, gazette(OLD), statement('2')],
    lines: [
      ...[FRANCE, gazette(OLD), statement('1', { slug: 'first' })],
      statement('2', { links: [{ kind: 'ECHOES', to: 'first' }] }),
    ],
  },
};

describe('a dry run', () => {
  for (const [name, { before, lines }] of Object.entries(CASES))
    it(`and an atomic import accept what the import accepts: ${name}`, async () => {
      await withRecord(async (load) => {
        await load(before);
        const dry = await load(lines, { dryRun: true });
        const atomic = await load(lines, { atomic: true });
        expect(dry.refusals).toEqual([]);
        expect(atomic).toMatchObject({ written: true, refused: 0, entries: dry.entries });
        const again = await load(lines, { dryRun: true });
        expect(again.entries.statement, 'the statements of a second import').toMatchObject({
          ...{ added: 0, changed: 0, refused: 0 },
          unchanged: dry.entries.statement.added + dry.entries.statement.changed,
        });
      });
    });

  it('counts entries that the import has several times as the import does', async () => {
    const minister = (fields: Value): Line => ['actor', { slug: 'minister', ...fields }];
    const france = (fields: Value): Line => ['actor', { slug: 'france', ...fields }];
    const source = (fields: Value): Line => ['source', { slug: 'gazette', ...fields }];
    const lines = [
      ...[MINISTER, minister({ description: 'Of Defence.' }), minister({ description: 'Of Defence.' })],
      ...[france({ description: null }), france({ name: 'France' }), france({ description: 'A state.' })],
      ...[source({ title: 'The Gazette' }), source({ text: NEW }), source({ text: NEW })],
      ...[
        source({ licence: 'CC0' }),
        source({ text: null }),
        source({ text: OLD }),
        source({ title: 'Gazette' }),
      ],
      ...['Herald', 'The Herald'].map((title): Line => ['source', { slug: 'herald', title, text: OLD }]),
      ...[talks(), talks({ proposition: 'There should be talks.' }), talks({ proposition: null })],
    ];
    for (const keepExisting of [false, true])
      await withRecord(async (load) => {
        await load([['actor', { ...FRANCE[1], description: 'A republic.' }], gazette(OLD)]);
        const dry = await load(lines, { dryRun: true, keepExisting });
        expect(dry.refusals).toEqual([]);
        const { entries } = await load(lines, { keepExisting });
        expect(dry.entries).toEqual(entries);
        if (keepExisting) return;
        expect(entries.actor).toMatchObject({ added: 1, changed: 3, unchanged: 2 });
        expect(entries.source).toMatchObject({ added: 1, changed: 7, unchanged: 1 });
      });
  });

  it('accepts a collection that was retracted', async () => {
    await withRecord(async (load, { prisma }) => {
      const collection = { slug: 'papers', title: 'Papers' };
      const lines = [
        ...[FRANCE, MINISTER, talks(), gazette(OLD), statement('1', { topics: [{ topic: 'talks' }] })],
        statement('2', { mentions: [{ as: 'the minister', actor: 'minister' }] }),
      ];
      await load(lines, { collection });
      await retractCollection(prisma, 'papers', 'A bad batch.', 'tester');
      const more = [...lines, statement('3')];
      const dry = await load(more, { collection, dryRun: true });
      expect(dry.refusals).toEqual([]);
      expect((await load(more, { collection })).entries).toEqual(dry.entries);
    });
  });

  it('refuses what the import refuses, also beside changed entries', async () => {
    await withRecord(async (load) => {
      await load([FRANCE, talks({ proposition: 'There should be talks.' }), gazette(NEW), statement('1')]);
      const lines = [
        ...[FRANCE, talks({ proposition: null }), gazette(OLD)],
        statement('1', yesIn(NEW)),
        statement('2', { topics: [{ topic: 'talks', stance: 'SUPPORTS' }] }),
      ];
      const dry = await load(lines, { dryRun: true });
      expect(dry.refusals.map(({ line, path }) => `${line} ${path}`)).toEqual([
        '5 topics[0].stance',
        '4 anchors[0].end',
      ]);
      expect((await load(lines)).refusals).toEqual(dry.refusals);
    });
  });

  it('counts the anchors that a new text of their source would leave behind', async () => {
    await withRecord(async (load) => {
      const before = ['1', '2', '3'].map((key) => statement(key, yesIn(OLD)));
      await load([FRANCE, gazette(OLD), ...before]);
      const lines = [
        ...[FRANCE, gazette(NEW), statement('1', yesIn(NEW))],
        statement('2', { ...yesIn(NEW), mentions: [{ as: 'Paris', actor: 'france' }] }),
        statement('4', yesIn(NEW)),
      ];
      const outdated = { anchors: 1, sources: 1, source: 'gazette' };
      expect((await load(lines, { dryRun: true })).outdated).toEqual(outdated);
      expect(
        (await load([FRANCE, gazette(OLD)], { dryRun: true })).outdated,
        'the same text',
      ).toBeUndefined();
      expect((await load(lines)).outdated).toEqual(outdated);
    });
  });
});

it('an import counts the outdated anchors of a statement that it only gives an actor', async () => {
  await withRecord(async (load) => {
    const open = statement('1', { ...yesIn(OLD), speakers: undefined, mentions: [{ as: 'the minister' }] });
    await load([FRANCE, gazette(OLD), open]);
    const found = { ...open[1], mentions: [{ as: 'the minister', actor: 'minister' }] };
    const lines = [MINISTER, gazette(NEW), ['statement', found]] as const;
    for (const dryRun of [true, false]) {
      const report = await load(lines, { dryRun }, ['the minister']);
      expect(report.entries.statement, 'the statement got its actor').toMatchObject({ changed: 1 });
      expect(report.outdated).toEqual({ anchors: 1, sources: 1, source: 'gazette' });
    }
  });
});

it('an import counts no anchors that its file has placed in the new text, and those of statements that it lacks', async () => {
  await withRecord(async (load) => {
    const longer = `${OLD} He left.`; // the anchors stay where they are
    await load([FRANCE, gazette(OLD), statement('1', yesIn(OLD)), statement('2', yesIn(OLD))]);
    const header: Line = ['header', { readout: 1, placed: true }];
    const lines = [header, FRANCE, gazette(longer), statement('1', yesIn(longer))];
    for (const dryRun of [true, false])
      expect((await load(lines, { dryRun })).outdated).toEqual({ anchors: 1, sources: 1, source: 'gazette' });
    const both = [...lines, statement('2', yesIn(longer))].with(2, gazette(`${longer} Slowly.`));
    for (const dryRun of [true, false]) expect((await load(both, { dryRun })).outdated).toBeUndefined();
  });
});

it('an import counts outdated anchors also of a source that is changed again before it ends', async () => {
  await withRecord(async (load) => {
    await load([FRANCE, gazette(OLD), statement('1', yesIn(OLD))]);
    const renamed: Line = ['source', { slug: 'gazette', title: 'The Gazette' }];
    const { outdated } = await load([FRANCE, gazette(NEW), renamed, statement('2', yesIn(NEW))]);
    expect(outdated).toEqual({ anchors: 1, sources: 1, source: 'gazette' });
  });
});
