import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../../src/db/client.ts';
import type { Item, ItemKind, ItemSource } from '../../../src/import/item.ts';
import { readMentionMap } from '../../../src/import/read/mentionMap.ts';
import { readPopolo } from '../../../src/import/read/popolo/reader.ts';
import type { FoundActors } from '../../../src/import/recognise/foundActors.ts';
import { Recognition } from '../../../src/import/recognise/recognition.ts';
import { type MentionsToReview, Review } from '../../../src/import/recognise/review.ts';
import { reviewFile } from '../../../src/import/recognise/reviewFile.ts';
import type { ImportReport } from '../../../src/import/report.ts';
import { type ImportOptions, runImport } from '../../../src/import/write/engine.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { readItems } from '../../support/items.ts';

type Line = readonly [ItemKind, Readonly<Record<string, unknown>>];

const RECOGNISE: Line = ['header', { readout: 1, recognise: true }];

async function* itemsOf(lines: readonly Line[]): ItemSource {
  for (const [i, [kind, value]] of lines.entries()) yield { kind, value, place: { file: 'a', line: i + 1 } };
}

const actor = (slug: string, name: string, kind: string, rest: object = {}): Line => [
  'actor',
  { slug, name, kind, ...rest },
];
const said = (as: string, day: string, rest: object = {}): Line => [
  'statement',
  { quote: `Words of ${as}`, said: day, mentions: [{ as }], ...rest },
];

/** Two persons of one name, offices that change hands, and names in several scripts. */
const RECORD: readonly Line[] = [
  actor('france', 'France', 'STATE', { aliases: [{ name: 'French Republic' }] }),
  actor('russia', 'Russia', 'STATE', { aliases: [{ name: 'Moscow', metonym: true }] }),
  actor('jean-petit', 'Jean Petit', 'PERSON', {
    affiliations: [{ in: 'france', role: 'President', from: '2007-05-16', to: '2012-05-14' }],
  }),
  actor('anne-roux', 'Anne Roux', 'PERSON', {
    aliases: [{ name: 'Anne Blanc', to: '2010' }],
    affiliations: [
      { in: 'france', role: 'President', from: '2012-05-15' },
      { in: 'france', role: 'Minister of Defence', from: '2009', to: '2011' },
    ],
    identifiers: [{ scheme: 'wikidata', value: 'Q10' }],
  }),
  actor('ivan-popov', 'Ivan Popov', 'PERSON', {
    affiliations: [{ in: 'russia', role: 'Foreign Minister', from: '2004', to: '2019' }],
  }),
  actor('ivan-popov-2', 'Ivan Popov', 'PERSON', {
    affiliations: [{ in: 'russia', role: 'Deputy', from: '2020' }],
  }),
];

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase({ seeded: false });
  await runImport(test.db.prisma, itemsOf(RECORD), { by: 'tester' });
});
afterAll(() => test.drop());

interface Resolved {
  readonly items: Item[];
  readonly unresolved: MentionsToReview;
  readonly found: FoundActors;
}

async function resolve(lines: readonly Line[]): Promise<Resolved> {
  const items: Item[] = [];
  const review = new Review(test.db);
  const recognition = new Recognition(test.db);
  async function* resolved(): ItemSource {
    for await (const item of recognition.resolveActors(itemsOf(lines))) {
      items.push(item);
      yield item;
    }
  }
  await runImport(test.db.prisma, resolved(), { by: 'tester', dryRun: true, review });
  return { items, unresolved: await review.unresolved(), found: recognition.found };
}

const valuesOf = (items: readonly Item[], kind: ItemKind) =>
  items.flatMap((item) =>
    item.kind === kind && 'value' in item ? [item.value as Record<string, unknown>] : [],
  );

/** What the only mention of a statement becomes. */
async function meant(as: string, day: string, before: readonly Line[] = []): Promise<unknown> {
  const { items } = await resolve([...before, said(as, day)]);
  const [statement] = valuesOf(items, 'statement') as { mentions: { as: string; actor?: string }[] }[];
  const mention = statement?.mentions[0];
  expect(mention?.as).toBe(as);
  return mention?.actor;
}

describe('a mention', () => {
  it.each([
    ['its exact name', 'Anne Roux', '2015-01-01', 'anne-roux'],
    ['its name in other case and with other blanks', 'ANNE  ROUX', '2015-01-01', 'anne-roux'],
    ['an alias that was in use on the day', 'Anne Blanc', '2009-03', 'anne-roux'],
    ['the slug', 'jean-petit', '2015-01-01', 'jean-petit'],
    ['a place that stands for it', 'Moscow', '2015-01-01', 'russia'],
    ['an office that it held on the day', 'the president of France', '2015-01-01', 'anne-roux'],
    ['an office of a state under another name', 'President of the French Republic', '2008', 'jean-petit'],
    ['an office with “of” in it', 'Minister of Defence of France', '2010-02-03', 'anne-roux'],
    ['the possessive of an office', 'Russia’s foreign minister', '2010-02-03', 'ivan-popov'],
    ['its role and name', 'President Anne Roux', '2015-01-01', 'anne-roux'],
    ['a name of several, of whom one had an office on the day', 'Ivan Popov', '2010-01-01', 'ivan-popov'],
  ])('is an actor by %s', async (_, as, day, slug) => {
    expect(await meant(as, day)).toBe(slug);
  });

  it.each([
    ['a name in another spelling', 'Anne Rouxe', '2015-01-01'],
    ['a part of a name', 'Roux', '2015-01-01'],
    ['an alias that was no longer in use', 'Anne Blanc', '2012'],
    ['a name of several who had no office on the day', 'Ivan Popov', '1999-01-01'],
    ['an office that changed hands within the time', 'president of France', '2012'],
    ['an office that nobody had', 'president of Russia', '2015-01-01'],
    ['a role that the person of the name did not have', 'President Jean Petit', '2015-01-01'],
    ['a pronoun', 'she', '2015-01-01'],
  ])('stays unresolved by %s', async (_, as, day) => {
    expect(await meant(as, day)).toBeUndefined();
  });

  it('is what the map says, before its name', async () => {
    const map: Line = ['map', { mention: 'anne roux', actor: 'jean-petit' }];
    expect(await meant('Anne Roux', '2015-01-01', [map])).toBe('jean-petit');
  });

  it('is an actor of the same import, which the record does not have yet', async () => {
    const lines = [actor('lena', 'Lena Ott', 'PERSON', { affiliations: [{ in: 'france', role: 'Envoy' }] })];
    expect(await meant('Lena Ott', '2015-01-01', lines)).toBe('lena');
  });

  it('with an identifier is the actor that has it, before the map', async () => {
    const identifier = { scheme: 'wikidata', value: 'Q10' };
    const { items } = await resolve([
      ['map', { mention: 'The President', actor: 'jean-petit' }],
      said('The President', '1990', { mentions: [{ as: 'The President', identifier }] }),
      said('Q10', '1990', { mentions: [{ as: 'Q10', identifier }] }),
      said('', '1990', { mentions: [{ as: 'Nobody', identifier: { scheme: 'wikidata', value: 'Q99' } }] }),
    ]);
    expect(valuesOf(items, 'statement')).toEqual([
      expect.objectContaining({ mentions: [{ as: 'The President', actor: 'anne-roux' }] }),
      { quote: 'Words of Q10', said: '1990', speakers: ['anne-roux'] },
      expect.objectContaining({ mentions: [{ as: 'Nobody' }] }),
    ]);
  });

  it('that is not resolved is counted for review, with actors that it could mean and an example', async () => {
    const { unresolved } = await resolve([
      said('Ivan Popow', '2001'),
      said('=she', '2002'),
      said('Ivan Popow', '2003'),
    ]);
    expect(unresolved).toEqual({
      mentions: [
        {
          mention: 'Ivan Popow',
          count: 2,
          file: 'a',
          line: 1,
          example: 'Words of Ivan Popow',
          candidates: [
            { slug: 'ivan-popov', name: 'Ivan Popov', score: expect.closeTo(0.7, 0) },
            { slug: 'ivan-popov-2', name: 'Ivan Popov', score: expect.closeTo(0.7, 0) },
          ],
        },
        { mention: '=she', count: 1, file: 'a', line: 2, example: 'Words of =she', candidates: [] },
      ],
      further: 0,
    });
  });

  it('is resolved by the review file of an earlier import with slugs filled in', async () => {
    const { unresolved, found } = await resolve([
      said('Ivan, called "the Great"', '2001'),
      said('=she', '2002'),
    ]);
    const table = reviewFile(unresolved, found);
    expect(table.split('\r\n')[0]).toBe(
      '"mention","actor","found","rule","count","candidates","file","line","example"',
    );
    const filled = table
      .replace('the Great""","",', 'the Great""","ivan-popov",')
      .replace(`"'=she","",`, `"'=she","anne-roux",`);
    const map = (await readItems(readMentionMap, [filled], 'review.csv')) as Item[];
    const lines = map.flatMap((item): Line[] =>
      'value' in item ? [[item.kind, item.value as object as Line[1]]] : [],
    );
    expect(await meant('Ivan, called "the Great"', '2001', lines)).toBe('ivan-popov');
    expect(await meant('=she', '2001', lines)).toBe('anne-roux');
  });
});

describe('the report of an import', () => {
  /** A person and a party without identifiers, as two files have them. */
  const namesakes = [actor('lea-ott', 'Lea Ott', 'PERSON'), actor('greens', 'Greens', 'ORGANISATION')];
  const pairs = ({ actors }: FoundActors): string[] =>
    actors.map(
      ({ mention, actor, rule, count, line }) =>
        `${mention} = ${actor} by ${rule}, ${count} from line ${line}`,
    );

  it('names the actors that were found by their names in several of its files', async () => {
    const { found } = await resolve([
      RECOGNISE,
      ...namesakes,
      RECOGNISE,
      ...namesakes,
      RECOGNISE,
      ...namesakes,
    ]);
    expect(pairs(found)).toEqual([
      'Lea Ott = lea-ott by name, 2 from line 5',
      'Greens = greens by name, 2 from line 6',
    ]);
  });

  it('names them also where all belong to one collection, and not those of a file that comes again', async () => {
    const { db, drop } = await createTestDatabase({ seeded: false });
    const collection = { slug: 'parties', title: 'Parties' };
    const load = async (lines: readonly Line[]): Promise<string[]> => {
      const recognition = new Recognition(db, collection);
      await runImport(db.prisma, recognition.resolveActors(itemsOf(lines)), { by: 'tester', collection });
      return pairs(recognition.found);
    };
    const file = [RECOGNISE, ...namesakes];
    const both = ['Lea Ott = lea-ott by name, 1 from line 5', 'Greens = greens by name, 1 from line 6'];
    expect(await load([...file, ...file]), 'of two files').toEqual(both);
    expect(await load([...file, ...file]), 'of two files that come again').toEqual(both);
    expect(await load(file), 'of one file that comes again').toEqual([]);
    await drop();
  });

  it('names the speakers that were found by name or office, and none that an identifier, slug or map decides', async () => {
    const identifiers = [{ scheme: 'wikidata', value: 'Q10' }];
    const { found } = await resolve([
      ['map', { mention: 'the old man', actor: 'jean-petit' }],
      ...[RECOGNISE, actor('a-roux', 'Anne Roux', 'PERSON', { identifiers })],
      ...[said('Anne Roux', '2015'), said('anne-roux', '2015'), said('the old man', '2015')],
      said('Q10', '2015', { mentions: [{ as: 'Roux', identifier: identifiers[0] }] }),
      ...[
        said('president of France', '2015'),
        said('president of France', '2008'),
        said('Anne Roux', '2016'),
      ],
    ]);
    expect(pairs(found)).toEqual([
      'Anne Roux = anne-roux by name, 2 from line 4',
      'president of France = anne-roux by office, 1 from line 8',
      'president of France = jean-petit by office, 1 from line 9',
    ]);
    expect(reviewFile({ mentions: [], further: 0 }, found).split('\r\n')[1]).toBe(
      '"Anne Roux","","anne-roux","name","2","","a","4",""',
    );
  });
});

describe('an actor of a file', () => {
  it('is the one of the record with its identifier, and adds what the file says to it', async () => {
    const { items } = await resolve([
      RECOGNISE,
      actor('a-roux', 'A. Roux', 'PERSON', {
        aliases: [
          { name: 'Anne Blanc', language: 'fr' },
          { name: 'Анна Ру', language: 'ru' },
        ],
        affiliations: [{ in: 'france', role: 'Deputy', from: '2001' }],
        identifiers: [
          { scheme: 'wikidata', value: 'Q10' },
          { scheme: 'viaf', value: '7' },
        ],
      }),
      ['statement', { speakers: ['a-roux'], addressees: ['a-roux', 'france'] }],
      ['source', { slug: 's', publisher: 'a-roux' }],
      ['event', { slug: 'e', participants: ['a-roux'] }],
    ]);
    expect(valuesOf(items, 'actor')).toEqual([
      {
        slug: 'anne-roux',
        aliases: [
          { name: 'Anne Blanc', to: '2010' },
          { name: 'A. Roux' },
          { name: 'Анна Ру', language: 'ru' },
        ],
        affiliations: [
          { in: 'france', role: 'President', from: '2012-05-15' },
          { in: 'france', role: 'Minister of Defence', from: '2009', to: '2011' },
          { in: 'france', role: 'Deputy', from: '2001' },
        ],
        identifiers: [
          { scheme: 'wikidata', value: 'Q10' },
          { scheme: 'viaf', value: '7' },
        ],
      },
    ]);
    expect(valuesOf(items, 'statement')).toEqual([
      { speakers: ['anne-roux'], addressees: ['anne-roux', 'france'] },
    ]);
    expect(valuesOf(items, 'source')).toEqual([{ slug: 's', publisher: 'anne-roux' }]);
    expect(valuesOf(items, 'event')).toEqual([{ slug: 'e', participants: ['anne-roux'] }]);
  });

  it('is the one with its name and kind, but not one of another kind or with another identifier', async () => {
    const { items } = await resolve([
      RECOGNISE,
      actor('jean-petit', 'Jean Petit', 'PERSON'),
      actor('france', 'France', 'ORGANISATION'),
      actor('anne-roux', 'Anne Roux', 'PERSON', { identifiers: [{ scheme: 'wikidata', value: 'Q11' }] }),
      ['statement', { speakers: ['jean-petit', 'anne-roux'], onBehalfOf: ['france'] }],
    ]);
    const [jean, france, anne] = valuesOf(items, 'actor');
    expect(jean).toEqual({ slug: 'jean-petit' });
    expect(france).toMatchObject({
      slug: expect.stringMatching(/^france-[0-9a-f]{8}$/),
      kind: 'ORGANISATION',
    });
    expect(anne).toMatchObject({ slug: expect.stringMatching(/^anne-roux-[0-9a-f]{8}$/), name: 'Anne Roux' });
    expect(valuesOf(items, 'statement')).toEqual([
      { speakers: ['jean-petit', anne?.slug], onBehalfOf: [france?.slug] },
    ]);
  });

  it('of whom the record has several is none of them: its statements keep a mention, which the day can resolve', async () => {
    const { items, unresolved } = await resolve([
      RECOGNISE,
      actor('ivan-popov', 'Ivan Popov', 'PERSON'),
      ['statement', { said: '2010-01-01', mentions: [{ as: 'Ivan Popov', actor: 'ivan-popov' }] }],
      ['statement', { said: '1999-01-01', speakers: ['ivan-popov', 'france'], addressees: ['ivan-popov'] }],
    ]);
    expect(valuesOf(items, 'actor')).toEqual([]);
    expect(valuesOf(items, 'statement')).toEqual([
      { said: '2010-01-01', mentions: [{ as: 'Ivan Popov', actor: 'ivan-popov' }] },
      { said: '1999-01-01', speakers: ['france'], addressees: [], mentions: [{ as: 'Ivan Popov' }] },
    ]);
    expect(unresolved.mentions.map(({ mention, count }) => [mention, count])).toEqual([['Ivan Popov', 1]]);
    expect(items.flatMap((item) => (item.kind === 'omitted' ? [[item.what, item.count]] : []))).toEqual([
      ['actors of whom the record has several, and who stay mentions', 1],
      ['references in “addressees” to actors of whom the record has several', 1],
    ]);
  });

  it('that the collection has added stays that one when a namesake comes later', async () => {
    const { db, drop } = await createTestDatabase({ seeded: false });
    const file = [RECOGNISE, actor('lea-ott', 'Lea Ott', 'PERSON')];
    const load = async (lines: readonly Line[], collection: { slug: string; title: string } | null) =>
      runImport(db.prisma, new Recognition(db, collection).resolveActors(itemsOf(lines)), {
        by: 'tester',
        collection,
      });
    const debates = { slug: 'debates', title: 'Debates' };
    await load(file, debates);
    await load([actor('lea-ott-2', 'Lea Ott', 'PERSON')], null);
    expect((await load(file, debates)).entries.actor).toMatchObject({ added: 0, unchanged: 1, changed: 0 });
    await drop();
  });

  it('that an earlier file of the import adds to its collection stays that one, also in a dry run', async () => {
    const { db, drop } = await createTestDatabase({ seeded: false });
    const greens = (slug: string) => actor(slug, 'Greens', 'ORGANISATION');
    const lines = [
      ...[RECOGNISE, greens('greens')],
      ...[RECOGNISE, greens('greens-0a1b2c3d'), greens('greens-4e5f6a7b')],
      ...[
        RECOGNISE,
        greens('greens'),
        actor('lea-ott', 'Lea Ott', 'PERSON', { affiliations: [{ in: 'greens', role: 'member' }] }),
      ],
    ];
    const collection = { slug: 'parties', title: 'Parties' };
    const load = (dryRun: boolean) =>
      runImport(db.prisma, new Recognition(db, collection).resolveActors(itemsOf(lines)), {
        ...{ by: 'tester', collection, dryRun },
      });
    const dry = await load(true);
    expect(dry).toMatchObject({ omissions: [], entries: { actor: { added: 4, unchanged: 1 } } });
    expect((await load(false)).entries).toEqual(dry.entries);
    await drop();
  });

  it('that was added with other names that differ only in case keeps them all when the file comes again', async () => {
    const { db, drop } = await createTestDatabase({ seeded: false });
    const aliases = [
      { name: 'Justice forum', language: 'fr' },
      { name: 'Justice Forum', language: 'en' },
    ];
    const affiliations = [
      { in: 'house', role: 'part', to: '2001' },
      { in: 'house', role: 'part', to: '2009' },
    ];
    const party = (rest: object) => actor('jeema', 'JEEMA', 'ORGANISATION', rest);
    const file = [RECOGNISE, actor('house', 'House', 'BODY'), party({ aliases, affiliations })];
    const load = async (lines: readonly Line[]) =>
      (await runImport(db.prisma, new Recognition(db).resolveActors(itemsOf(lines)), { by: 'tester' }))
        .entries.actor;
    expect(await load(file)).toMatchObject({ added: 2, refused: 0 });
    expect(await load(file)).toMatchObject({ unchanged: 2, changed: 0, refused: 0 });
    // A file with fewer of them takes nothing away.
    const former = affiliations.slice(0, 1);
    expect(await load([RECOGNISE, party({ affiliations: former })])).toMatchObject({
      unchanged: 1,
      changed: 0,
    });
    await drop();
  });

  it('of whom the file has several of one name is new, and the same at the second import', async () => {
    const db = await createTestDatabase({ seeded: false });
    const POPOLO = JSON.stringify({
      persons: [
        { id: '1', name: 'Kim Chol' },
        { id: '2', name: 'Kim Chol' },
        { id: '3', name: 'Ana Ruiz', identifiers: [{ scheme: 'wikidata', identifier: 'Q1' }] },
      ],
      organizations: [{ id: 'h', name: 'House', classification: 'legislature' }],
      memberships: ['1', '2', '3'].map((person_id) => ({ person_id, organization_id: 'h' })),
    });
    const load = async (text: string): Promise<ImportReport> => {
      const items = readPopolo(Readable.from([Buffer.from(text)]), { file: 'p.json' });
      return runImport(db.db.prisma, new Recognition(db.db).resolveActors(items), { by: 'tester' });
    };
    const counts = async (text: string) => (await load(text)).entries.actor;
    expect(await counts(POPOLO)).toMatchObject({ added: 4, changed: 0, refused: 0 });
    expect(await counts(POPOLO)).toMatchObject({ added: 0, unchanged: 4, changed: 0, refused: 0 });
    // Another file calls her otherwise, and has a namesake.
    const later = POPOLO.replace('"id":"3","name":"Ana Ruiz"', '"id":"9","name":"Ana Maria Ruiz"').replaceAll(
      '"3"',
      '"9"',
    );
    expect(await counts(later)).toMatchObject({ added: 0, unchanged: 3, changed: 1, refused: 0 });
    const { rows } = await db.db.pool.query(
      `SELECT a.slug, a.name, alias.name AS alias FROM actor a JOIN actor_alias alias ON alias.actor_id = a.id`,
    );
    expect(rows).toEqual([{ slug: 'ana-ruiz', name: 'Ana Ruiz', alias: 'Ana Maria Ruiz' }]);
    await db.drop();
  });

  it('passes unchanged where the file does not ask for recognition', async () => {
    const line = actor('a-roux', 'A. Roux', 'PERSON', {
      identifiers: [{ scheme: 'wikidata', value: 'Q10' }],
    });
    const { items } = await resolve([
      ['header', { readout: 1 }],
      line,
      ['statement', { speakers: ['a-roux'] }],
    ]);
    expect(valuesOf(items, 'actor')).toEqual([line[1]]);
    expect(valuesOf(items, 'statement')).toEqual([{ speakers: ['a-roux'] }]);
  });
});

it('a mention or an actor of a wrong form is refused with its row, and the others are imported', async () => {
  const { db, drop } = await createTestDatabase({ seeded: false });
  const wrong = [5, null, [], [5]];
  const rows = wrong.flatMap((value, i): Line[] => [
    ['statement', { said: '2001', mentions: [{ as: value }] }],
    ['statement', { said: '2001', mentions: [{ as: 'Lea', identifier: value }] }],
    actor(`name-${i}`, value as unknown as string, 'PERSON'),
    actor(`alias-${i}`, 'Alias', 'PERSON', { aliases: [{ name: value }], identifiers: [value] }),
  ]);
  const good = actor('lea', 'Lea', 'PERSON');
  for (const header of [[], [RECOGNISE]]) {
    const items = new Recognition(db).resolveActors(itemsOf([...header, ...rows, good]));
    const { entries } = await runImport(db.prisma, items, { by: 'tester', review: new Review(db) });
    const { statement, actor: actors } = entries;
    expect([statement.refused, actors.refused, actors.added + actors.unchanged]).toEqual([8, 8, 1]);
  }
  await drop();
});

it('a mention to which the record has given an actor is not to be reviewed again when its row comes again', async () => {
  const { db, drop } = await createTestDatabase({ seeded: false });
  const lines: Line[] = [
    ['source', { slug: 'herald', title: 'Herald' }],
    ...['Lea', 'Noa', 'Lea'].map((as, i): Line => {
      const rest = { key: `k-${i}`, source: 'herald', mode: 'DIRECT', act: 'STATE' };
      return said(as, `200${i}`, rest);
    }),
  ];
  const lea = actor('lea-ott', 'Lea Ott', 'PERSON');
  const load = async (added: readonly Line[], options: Partial<ImportOptions> = {}) => {
    const review = new Review(db);
    const items = new Recognition(db).resolveActors(itemsOf([...added, ...lines]));
    const { refusals } = await runImport(db.prisma, items, { by: 'tester', review, ...options });
    expect(refusals).toEqual([]);
    const { mentions } = await review.unresolved();
    return mentions.map(({ mention, count, line }) => `${mention} ${count} from line ${line}`);
  };
  expect(await load([]), 'mentions of the first import').toEqual(['Lea 2 from line 2', 'Noa 1 from line 3']);
  const map: Line = ['map', { mention: 'Lea', actor: 'lea-ott' }];
  expect(await load([map, lea]), 'mentions beside the map').toEqual(['Noa 1 from line 5']);
  for (const options of [{}, { dryRun: true }, { atomic: true }, { keepExisting: true }])
    expect(await load([], options), `mentions of a later import, ${JSON.stringify(options)}`).toEqual([
      'Noa 1 from line 3',
    ]);
  lines.push(said('Lea', '2009', { key: 'k-9', source: 'herald', mode: 'DIRECT', act: 'STATE' }));
  expect(await load([]), 'mentions with a new statement').toEqual(['Lea 1 from line 5', 'Noa 1 from line 3']);
  await drop();
});

it('mentions of a thousand statements are looked up together', async () => {
  const sent: string[] = [];
  const query = test.db.prisma.$queryRawUnsafe.bind(test.db.prisma);
  const counting = {
    ...test.db,
    prisma: {
      $queryRawUnsafe: (sql: string, ...values: unknown[]) => {
        sent.push(sql);
        return query(sql, ...values);
      },
    },
  } as unknown as TestDatabase['db'];
  const lines = Array.from({ length: 1_000 }, (_, i) =>
    said(i % 2 ? 'president of France' : `Speaker ${i}`, '2015'),
  );
  for await (const _ of new Recognition(counting).resolveActors(itemsOf(lines)));
  expect(sent.length).toBeLessThanOrEqual(8);
});

describe('what an import brings is looked up in bounded lists', () => {
  it('however many mentions its statements have, and however often one of them says “of”', async () => {
    const lengths: number[] = [];
    const prisma = {
      $queryRawUnsafe: (sql: string, ...values: unknown[]) => {
        lengths.push(...values.map((value) => (Array.isArray(value) ? value.length : 0)));
        return test.db.prisma.$queryRawUnsafe(sql, ...values);
      },
    };
    const mention = (i: number, k: number) => ({ as: `x${i}y${k}${' of z'.repeat(50)}` });
    const lines = Array.from(
      { length: 60 },
      (_, i): Line => [
        'statement',
        { quote: `Words ${i}`, mentions: Array.from({ length: 50 }, (_, k) => mention(i, k)) },
      ],
    );
    const recognition = new Recognition({ prisma } as unknown as Database);
    let count = 0;
    for await (const { kind } of recognition.resolveActors(itemsOf(lines)))
      count += kind === 'statement' ? 1 : 0;
    expect(count).toBe(60);
    // A thousand mentions, the places of up to eight offices each, and up to four names after a role.
    expect(Math.max(...lengths)).toBeLessThanOrEqual(13 * 1_000);
  });

  it('and its map is limited', async () => {
    const map = (i: number): Line => ['map', { mention: `${i}`.padEnd(1_000_000, 'x'), actor: 'france' }];
    const all = async (count: number): Promise<void> => {
      const items = itemsOf(Array.from({ length: count }, (_, i) => map(i)));
      for await (const _ of new Recognition(test.db).resolveActors(items));
    };
    await all(8);
    await expect(all(9)).rejects.toMatchObject({ details: { limit: 'IMPORT_MAP_LENGTH_MAX' } });
  });
});
