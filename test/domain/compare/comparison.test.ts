import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { ActorKind, LinkKind, Stance } from '../../../src/db/generated/enums.ts';
import {
  type ComparisonBasis,
  type ComparisonRow,
  type ComparisonTopic,
  compare as stepsOf,
} from '../../../src/domain/compare/comparison.ts';
import {
  accounts,
  type ComparedStatement,
  type ComparisonActor,
  giverIds,
  sidesOf,
} from '../../../src/domain/compare/sides.ts';
import { parseFuzzyDate } from '../../../src/domain/input/date.ts';

const [FRANCE, RUSSIA, IRAN, UN, MACRON, PUTIN, KREMLIN, BFMTV, POET, CABINET] = [
  1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
];
const [NUCLEAR, ENERGY, WAR, CEASEFIRE, TERRITORY] = [1, 2, 3, 4, 5];

function actor(id: number, kind: ActorKind, ...inIds: number[]): ComparisonActor {
  return { id, kind, affiliations: inIds.map((inId) => ({ inId, from: null, to: null })) };
}

const ACTORS = [
  actor(FRANCE, 'STATE', UN),
  actor(RUSSIA, 'STATE', UN),
  actor(IRAN, 'STATE'),
  actor(UN, 'ORGANISATION'),
  actor(MACRON, 'PERSON', CABINET),
  actor(CABINET, 'BODY', FRANCE),
  actor(PUTIN, 'PERSON', RUSSIA),
  actor(KREMLIN, 'BODY', RUSSIA),
  actor(BFMTV, 'OUTLET', FRANCE),
  actor(POET, 'PERSON'),
];

const TOPICS: ComparisonTopic[] = [
  { id: NUCLEAR, parentId: null, name: 'Nuclear matters' },
  { id: ENERGY, parentId: NUCLEAR, name: 'Nuclear energy' },
  { id: WAR, parentId: null, name: 'War' },
  { id: CEASEFIRE, parentId: WAR, name: 'Ceasefire' },
  { id: TERRITORY, parentId: WAR, name: 'Territory' },
];

const byId = <Value extends { id: number }>(values: readonly Value[]) =>
  new Map(values.map((value) => [value.id, value]));

function statement(
  id: number,
  speakers: number | number[],
  topics: Record<number, Stance | null>,
  hops: number[] = [],
): ComparedStatement {
  return {
    id,
    speakerIds: [speakers].flat(),
    attribution: hops.map((actorId) => ({ actorId })),
    topics: Object.entries(topics).map(([topicId, stance]) => ({ topicId: Number(topicId), stance })),
  };
}

/** A call between Macron and Putin in July 2025, with whatever a test changes. */
function call(changes: Partial<ComparisonBasis> & { statements?: ComparedStatement[] }): ComparisonBasis {
  return {
    eventDay: { earliest: '2025-07-01', latest: '2025-07-01' },
    participantIds: [MACRON, PUTIN],
    statements: [],
    links: [],
    actors: byId(ACTORS),
    topics: byId(TOPICS),
    ...changes,
  };
}

function compare(input: ComparisonBasis): ComparisonRow[] {
  const steps = stepsOf(input);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

function verdicts(input: ComparisonBasis): Record<number, string> {
  return Object.fromEntries(compare(input).map(({ topicId, verdict }) => [topicId, verdict]));
}

function stanceOf(
  sideId: number,
  topicId: number,
  statements: ComparedStatement[],
): Stance | null | undefined {
  const row = compare(call({ statements })).find((each) => each.topicId === topicId);
  return row?.cells.find((cell) => cell.sideId === sideId)?.stance;
}

describe('the giver of a statement', () => {
  test.each([
    { hops: [], givers: [MACRON, PUTIN], because: 'no actor passed it on' },
    { hops: [BFMTV], givers: [MACRON, PUTIN], because: 'an outlet only carries it' },
    { hops: [KREMLIN], givers: [KREMLIN], because: 'the Kremlin gives its account' },
    { hops: [KREMLIN, BFMTV], givers: [KREMLIN], because: 'the outlet around it is passed over' },
    { hops: [BFMTV, KREMLIN], givers: [KREMLIN], because: 'the outlet within is passed over' },
    { hops: [CABINET, KREMLIN, BFMTV], givers: [KREMLIN], because: 'it is the outermost that is no outlet' },
  ])('is $givers after the hops $hops, because $because', ({ hops, givers }) => {
    expect(giverIds(statement(1, [MACRON, PUTIN], {}, hops), byId(ACTORS))).toEqual(givers);
  });
});

describe('the sides of an event', () => {
  const sides = (participantIds: number[], changed: ComparisonActor[] = [], eventDay?: [string, string]) => {
    const [earliest, latest] = eventDay ?? ['2025-07-01', '2025-07-01'];
    return sidesOf(
      call({ participantIds, actors: byId([...ACTORS, ...changed]), eventDay: { earliest, latest } }),
    );
  };

  test('are states and organisations themselves, in the order of participants, each once', () => {
    expect(sides([RUSSIA, PUTIN, UN, MACRON, FRANCE, KREMLIN])).toEqual([RUSSIA, UN, FRANCE]);
  });

  test('do not climb from a state to what it belongs to', () => {
    expect(sides([FRANCE])).toEqual([FRANCE]);
  });

  test('leave out a participant who belongs to none', () => {
    expect(sides([POET, PUTIN])).toEqual([RUSSIA]);
  });

  test('are found through bodies, the nearest first', () => {
    expect(sides([MACRON])).toEqual([FRANCE]);
    expect(sides([MACRON], [actor(MACRON, 'PERSON', CABINET, UN)])).toEqual([UN]);
  });

  test('prefer a state to an organisation that is as near', () => {
    expect(sides([MACRON], [actor(MACRON, 'PERSON', UN, FRANCE)])).toEqual([FRANCE]);
  });

  test('take the first of several that are alike', () => {
    expect(sides([MACRON], [actor(MACRON, 'PERSON', IRAN, FRANCE)])).toEqual([IRAN]);
  });

  test('come to an end where affiliations run in a circle', () => {
    expect(sides([POET], [actor(POET, 'PERSON', CABINET), actor(CABINET, 'BODY', POET, CABINET)])).toEqual(
      [],
    );
  });

  test.each([
    { from: null, to: null, day: ['2025-07-01', '2025-07-01'], belongs: true },
    { from: '2025-07-01', to: null, day: ['2025-07-01', '2025-07-01'], belongs: true },
    { from: '2025-07-02', to: null, day: ['2025-07-01', '2025-07-01'], belongs: false },
    { from: null, to: '2025-07-01', day: ['2025-07-01', '2025-07-01'], belongs: true },
    { from: null, to: '2025-06-30', day: ['2025-07-01', '2025-07-01'], belongs: false },
    { from: '2025-07-31', to: '2026-01-01', day: ['2025-07-01', '2025-07-31'], belongs: true },
    { from: '2025-08-01', to: '2026-01-01', day: ['2025-07-01', '2025-07-31'], belongs: false },
    { from: '2024-01-01', to: '2025-07-01', day: ['2025-07-01', '2025-07-31'], belongs: true },
    { from: '2025-07-10', to: '2025-07-11', day: ['2025-07-01', '2025-07-31'], belongs: true },
  ] as const)(
    'count an affiliation from $from to $to on the days $day: $belongs',
    ({ from, to, day, belongs }) => {
      const poet: ComparisonActor = { id: POET, kind: 'PERSON', affiliations: [{ inId: IRAN, from, to }] };
      expect(sides([POET], [poet], [...day])).toEqual(belongs ? [IRAN] : []);
    },
  );
});

describe('the accounts of an event', () => {
  test('hold the statements of each side in their order, and none for a silent side', () => {
    const statements = [
      statement(9, PUTIN, {}),
      statement(2, KREMLIN, {}),
      statement(4, MACRON, {}, [KREMLIN]),
    ];
    expect(accounts(call({ statements }))).toEqual([
      { sideId: FRANCE, statementIds: [] },
      { sideId: RUSSIA, statementIds: [9, 2, 4] },
    ]);
  });

  test('leave out a statement whose giver is of no side, or of a side that took no part', () => {
    const statements = [statement(1, POET, {}), statement(2, IRAN, {}), statement(3, MACRON, {}, [IRAN])];
    expect(accounts(call({ statements })).flatMap(({ statementIds }) => statementIds)).toEqual([]);
  });

  test('count a joint statement without attribution for each side of its speakers', () => {
    expect(accounts(call({ statements: [statement(1, [IRAN, PUTIN, MACRON], {})] }))).toEqual([
      { sideId: FRANCE, statementIds: [1] },
      { sideId: RUSSIA, statementIds: [1] },
    ]);
  });

  test('are given for a single side too, though there is nothing to compare', () => {
    const input = call({ participantIds: [MACRON], statements: [statement(1, MACRON, { [WAR]: null })] });
    expect(accounts(input)).toEqual([{ sideId: FRANCE, statementIds: [1] }]);
    expect(compare(input)).toEqual([]);
  });
});

describe('the rows of a comparison', () => {
  test('are the topics carried and their ancestors, each once, depth first and by name', () => {
    const statements = [
      statement(1, PUTIN, { [TERRITORY]: null, [ENERGY]: null }),
      statement(2, MACRON, { [CEASEFIRE]: null, [WAR]: null }),
    ];
    expect(compare(call({ statements })).map(({ topicId }) => topicId)).toEqual([
      NUCLEAR,
      ENERGY,
      WAR,
      CEASEFIRE,
      TERRITORY,
    ]);
  });

  test('put siblings of the same name in the order of their ids', () => {
    const topics = byId([12, 11].map((id) => ({ id, parentId: null, name: 'War' })));
    const statements = [statement(1, PUTIN, { 12: null }), statement(2, PUTIN, { 11: null })];
    expect(compare(call({ statements, topics })).map(({ topicId }) => topicId)).toEqual([11, 12]);
  });

  test('come to an end where topics run in a circle', () => {
    const topics = byId([
      { id: 1, parentId: 2, name: 'Hen' },
      { id: 2, parentId: 1, name: 'Egg' },
    ]);
    const statements = [statement(1, PUTIN, { 1: null }), statement(2, MACRON, { 2: null })];
    expect(verdicts(call({ statements, topics }))).toEqual({ 1: 'BOTH_REPORT', 2: 'BOTH_REPORT' });
  });

  test('come only from statements of a side', () => {
    expect(compare(call({ statements: [statement(1, POET, { [WAR]: null })] }))).toEqual([]);
  });

  test('cover what is below their topic, with a cell for each side', () => {
    const statements = [
      statement(1, PUTIN, { [TERRITORY]: 'SUPPORTS' }),
      statement(2, MACRON, { [WAR]: null }),
    ];
    expect(compare(call({ statements }))).toEqual([
      {
        topicId: WAR,
        cells: [
          { sideId: FRANCE, statementIds: [2], stance: null },
          { sideId: RUSSIA, statementIds: [1], stance: null },
        ],
        verdict: 'BOTH_REPORT',
      },
      {
        topicId: TERRITORY,
        cells: [
          { sideId: FRANCE, statementIds: [], stance: null },
          { sideId: RUSSIA, statementIds: [1], stance: 'SUPPORTS' },
        ],
        verdict: 'ONE_SIDED',
      },
    ]);
  });

  test('hold a statement once, though it carries a topic and another above it', () => {
    const [row] = compare(call({ statements: [statement(1, PUTIN, { [WAR]: null, [CEASEFIRE]: null })] }));
    expect(row?.cells[1]?.statementIds).toEqual([1]);
  });
});

test('a comparison pauses for each of its statements and rows', () => {
  const statements = Array.from({ length: 50 }, (_, i) => statement(i + 1, PUTIN, { [TERRITORY]: null }));
  const pauses = [...stepsOf(call({ statements }))].length;
  expect(pauses).toBeGreaterThanOrEqual(2 * statements.length + 2);
});

describe('the stance of a cell', () => {
  const putin = (id: number, stance: Stance | null) => statement(id, PUTIN, { [CEASEFIRE]: stance });

  test.each<[Stance | null, (Stance | null)[]]>([
    [null, [null, null]],
    ['SUPPORTS', ['SUPPORTS', null, 'SUPPORTS']],
    ['UNCLEAR', ['UNCLEAR']],
    ['MIXED', ['SUPPORTS', 'OPPOSES']],
    ['MIXED', ['SUPPORTS', 'NEUTRAL']],
    ['MIXED', ['MIXED', null]],
  ])('is %s where the statements take %j', (common, stances) => {
    expect(
      stanceOf(
        RUSSIA,
        CEASEFIRE,
        stances.map((stance, index) => putin(index + 1, stance)),
      ),
    ).toBe(common);
  });

  test('is of the very topic, not of what is below it, nor of the other side', () => {
    const statements = [putin(1, 'SUPPORTS'), statement(2, MACRON, { [WAR]: 'OPPOSES' })];
    expect(stanceOf(RUSSIA, WAR, statements)).toBeNull();
    expect(stanceOf(FRANCE, WAR, statements)).toBe('OPPOSES');
  });
});

describe('a verdict', () => {
  const both = (macron: Stance | null, putin: Stance | null, topicId = CEASEFIRE) => [
    statement(1, MACRON, { [topicId]: macron }),
    statement(2, PUTIN, { [topicId]: putin }),
  ];
  const link = (kind: LinkKind, fromId = 2, toId = 1) => ({ fromId, toId, kind });

  test.each<[string, Stance | null, Stance | null]>([
    ['AGREED', 'SUPPORTS', 'SUPPORTS'],
    ['AGREED', 'OPPOSES', 'OPPOSES'],
    ['DISPUTED', 'SUPPORTS', 'OPPOSES'],
    ['BOTH_REPORT', 'SUPPORTS', 'NEUTRAL'],
    ['BOTH_REPORT', 'NEUTRAL', 'NEUTRAL'],
    ['BOTH_REPORT', 'MIXED', 'MIXED'],
    ['BOTH_REPORT', 'SUPPORTS', null],
    ['BOTH_REPORT', null, null],
  ])('is %s where one side takes %s and the other %s', (verdict, macron, putin) => {
    expect(verdicts(call({ statements: both(macron, putin) }))[CEASEFIRE]).toBe(verdict);
  });

  test('on a parent is DISPUTED by opposed stances below it, but not AGREED by equal ones', () => {
    expect(verdicts(call({ statements: both('SUPPORTS', 'OPPOSES') }))[WAR]).toBe('DISPUTED');
    expect(verdicts(call({ statements: both('SUPPORTS', 'SUPPORTS') }))[WAR]).toBe('BOTH_REPORT');
  });

  test('is not DISPUTED by opposed stances on two different topics', () => {
    const statements = [
      statement(1, MACRON, { [CEASEFIRE]: 'SUPPORTS' }),
      statement(2, PUTIN, { [TERRITORY]: 'OPPOSES' }),
    ];
    expect(verdicts(call({ statements }))[WAR]).toBe('BOTH_REPORT');
  });

  test('is not DISPUTED by one side that takes both stances itself', () => {
    const statements = [...both('SUPPORTS', null), statement(3, MACRON, { [CEASEFIRE]: 'OPPOSES' })];
    expect(verdicts(call({ statements }))[CEASEFIRE]).toBe('BOTH_REPORT');
  });

  test('is DISPUTED where only some of a side oppose what the other supports', () => {
    const statements = [...both('SUPPORTS', 'SUPPORTS'), statement(3, PUTIN, { [CEASEFIRE]: 'OPPOSES' })];
    expect(verdicts(call({ statements }))[CEASEFIRE]).toBe('DISPUTED');
  });

  test('is DISPUTED by a link in either direction, before equal stances and AGREES_WITH count', () => {
    const statements = both('SUPPORTS', 'SUPPORTS');
    for (const disputes of [link('DISPUTES'), link('DISPUTES', 1, 2)]) {
      const found = verdicts(call({ statements, links: [link('AGREES_WITH'), disputes] }));
      expect(found).toEqual({ [WAR]: 'DISPUTED', [CEASEFIRE]: 'DISPUTED' });
    }
  });

  test('is AGREED by an AGREES_WITH link, and no other kind of link counts', () => {
    const statements = both(null, null);
    expect(verdicts(call({ statements, links: [link('AGREES_WITH')] }))).toEqual({
      [WAR]: 'AGREED',
      [CEASEFIRE]: 'AGREED',
    });
    const others = (['ECHOES', 'REPLIES_TO', 'SHIFTS_FROM', 'CORRECTS'] as const).map((kind) => link(kind));
    expect(verdicts(call({ statements, links: others }))[CEASEFIRE]).toBe('BOTH_REPORT');
  });

  test('takes a link only into rows that hold both its ends', () => {
    const statements = [
      statement(1, MACRON, { [CEASEFIRE]: null }),
      statement(2, PUTIN, { [TERRITORY]: null }),
      statement(3, PUTIN, { [CEASEFIRE]: null }),
    ];
    expect(verdicts(call({ statements, links: [link('DISPUTES')] }))).toEqual({
      [WAR]: 'DISPUTED',
      [CEASEFIRE]: 'BOTH_REPORT',
      [TERRITORY]: 'ONE_SIDED',
    });
  });

  test('is ONE_SIDED where a side is silent, whatever the links and stances of the others', () => {
    const input = call({
      participantIds: [MACRON, PUTIN, IRAN],
      statements: both('SUPPORTS', 'OPPOSES'),
      links: [link('DISPUTES')],
    });
    expect(verdicts(input)[CEASEFIRE]).toBe('ONE_SIDED');
  });

  test('takes no link within a side, from outside the event or from a side that took no part', () => {
    const statements = [
      ...both(null, null),
      statement(3, KREMLIN, { [CEASEFIRE]: null }),
      statement(4, IRAN, { [CEASEFIRE]: null }),
    ];
    const links = [link('DISPUTES', 2, 3), link('DISPUTES', 2, 99), link('DISPUTES', 4, 1)];
    expect(verdicts(call({ statements, links }))[CEASEFIRE]).toBe('BOTH_REPORT');
  });

  test('counts a joint statement for both sides: AGREED by it alone, DISPUTED with one against it', () => {
    const joint = statement(1, [MACRON, PUTIN], { [CEASEFIRE]: 'SUPPORTS' });
    expect(verdicts(call({ statements: [joint] }))[CEASEFIRE]).toBe('AGREED');
    const against = statement(2, PUTIN, { [CEASEFIRE]: 'OPPOSES' });
    expect(verdicts(call({ statements: [joint, against] }))[CEASEFIRE]).toBe('DISPUTED');
    const aside = statement(2, PUTIN, { [CEASEFIRE]: 'NEUTRAL' });
    const links = [link('DISPUTES')];
    expect(verdicts(call({ statements: [joint, aside], links }))[CEASEFIRE]).toBe('DISPUTED');
  });
});

describe('any comparison', () => {
  const stance = fc.constantFrom<(Stance | null)[]>(null, null, 'SUPPORTS', 'OPPOSES', 'MIXED', 'NEUTRAL');
  const actorId = fc.constantFrom(...ACTORS.map(({ id }) => id));
  const anyStatement = fc.record({
    speakerIds: fc.uniqueArray(actorId, { minLength: 1, maxLength: 2 }),
    attribution: fc.array(fc.record({ actorId }), { maxLength: 2 }),
    topics: fc.uniqueArray(fc.record({ topicId: fc.constantFrom(...TOPICS.map(({ id }) => id)), stance }), {
      selector: ({ topicId }) => topicId,
      maxLength: 3,
    }),
  });
  const anyInput = fc
    .record({
      participantIds: fc.uniqueArray(actorId, { maxLength: 4 }),
      statements: fc
        .array(anyStatement, { maxLength: 8 })
        .map((all) => all.map((each, index) => ({ id: index + 1, ...each }))),
      links: fc.array(
        fc.record({
          fromId: fc.integer({ min: 1, max: 8 }),
          toId: fc.integer({ min: 1, max: 8 }),
          kind: fc.constantFrom<LinkKind[]>('DISPUTES', 'AGREES_WITH', 'ECHOES'),
        }),
        { maxLength: 3 },
      ),
    })
    .map(call);

  test('gives the same verdicts and cells, whatever the order of sides and links', () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const turned = compare({
          ...input,
          participantIds: input.participantIds.toReversed(),
          links: input.links
            .map(({ fromId, toId, kind }) => ({ fromId: toId, toId: fromId, kind }))
            .reverse(),
        });
        const bySide = (rows: typeof turned) =>
          rows.map((row) => ({ ...row, cells: row.cells.toSorted((a, b) => a.sideId - b.sideId) }));
        expect(bySide(turned)).toEqual(bySide(compare(input)));
      }),
    );
  });

  test('has a row for the parent of every row, before it, holding all that the row holds', () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const rows = compare(input);
        for (const [index, row] of rows.entries()) {
          const parentId = input.topics.get(row.topicId)?.parentId ?? null;
          if (parentId === null) continue;
          const parentIndex = rows.findIndex(({ topicId }) => topicId === parentId);
          expect(parentIndex).toBeGreaterThanOrEqual(0);
          expect(parentIndex).toBeLessThan(index);
          for (const [side, cell] of row.cells.entries()) {
            expect(rows[parentIndex]?.cells[side]?.statementIds).toEqual(
              expect.arrayContaining(cell.statementIds),
            );
          }
        }
      }),
    );
  });

  test('has in each cell statements of that side’s account only, in display order, and loses none', () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const account = new Map(accounts(input).map(({ sideId, statementIds }) => [sideId, statementIds]));
        const rows = compare(input);
        for (const { cells, verdict } of rows) {
          expect(cells.map(({ sideId }) => sideId)).toEqual(sidesOf(input));
          for (const { sideId, statementIds } of cells) {
            expect(statementIds).toEqual(account.get(sideId)?.filter((id) => statementIds.includes(id)));
          }
          expect(verdict === 'ONE_SIDED').toBe(cells.some(({ statementIds }) => statementIds.length === 0));
        }
        if (account.size < 2) return;
        const shown = new Set(rows.flatMap(({ cells }) => cells.flatMap(({ statementIds }) => statementIds)));
        const carrying = input.statements.filter(({ topics }) => topics.length > 0).map(({ id }) => id);
        const given = new Set([...account.values()].flat());
        expect([...shown].sort()).toEqual(carrying.filter((id) => given.has(id)).sort());
      }),
    );
  });

  test('is refused when its input lacks an actor it needs', () => {
    expect(() => accounts(call({ participantIds: [99] }))).toThrow('needs 99');
  });
});

interface SeedStatement {
  slug: string;
  speakers: string[];
  attribution?: { actor: string }[];
  topics?: { topic: string; stance?: Stance }[];
  events?: string[];
  links?: { to: string; kind: LinkKind }[];
}

interface Seed {
  actors: { slug: string; kind: ActorKind; affiliations?: { in: string; from?: string; to?: string }[] }[];
  topics: { slug: string; name: string; parent?: string }[];
  events: { slug: string; date: string; participants: string[] }[];
  statements: SeedStatement[];
}

/** What the comparison of a seed file's event rests on; an id is the entry's place in its list, from 1. */
function seedInput(seed: Seed, eventSlug: string): ComparisonBasis {
  const idIn = (list: readonly { slug: string }[]) => (slug: string) => {
    const index = list.findIndex((entry) => entry.slug === slug);
    if (index < 0) throw new Error(`no ${slug}`);
    return index + 1;
  };
  const [actorId, topicId, statementId] = [idIn(seed.actors), idIn(seed.topics), idIn(seed.statements)];
  const event = seed.events.find(({ slug }) => slug === eventSlug);
  if (!event) throw new Error(`no ${eventSlug}`);
  const told = seed.statements.filter(({ events }) => events?.includes(eventSlug));
  return {
    eventDay: parseFuzzyDate(event.date),
    participantIds: event.participants.map(actorId),
    statements: told.map(({ slug, speakers, attribution = [], topics = [] }) => ({
      id: statementId(slug),
      speakerIds: speakers.map(actorId),
      attribution: attribution.map((hop) => ({ actorId: actorId(hop.actor) })),
      topics: topics.map(({ topic, stance = null }) => ({ topicId: topicId(topic), stance })),
    })),
    links: told.flatMap(({ slug, links = [] }) =>
      links.map(({ to, kind }) => ({ fromId: statementId(slug), toId: statementId(to), kind })),
    ),
    actors: byId(
      seed.actors.map(({ slug, kind, affiliations = [] }) => ({
        id: actorId(slug),
        kind,
        affiliations: affiliations.map(({ in: inSlug, from = null, to = null }) => ({
          inId: actorId(inSlug),
          from,
          to,
        })),
      })),
    ),
    topics: byId(
      seed.topics.map(({ slug, name, parent }) => ({
        id: topicId(slug),
        name,
        parentId: parent === undefined ? null : topicId(parent),
      })),
    ),
  };
}

test('lays the accounts of the call of 1 July 2025 side by side', () => {
  const file = new URL('../../../seed/macron-putin-call.yaml', import.meta.url);
  const seed = parse(readFileSync(file, 'utf8')) as Seed;
  const input = seedInput(seed, 'call-2025-07-01');
  expect(sidesOf(input).map((id) => seed.actors[id - 1]?.slug)).toEqual(['france', 'russia']);
  const table = compare(input).map(({ topicId, cells, verdict }) => {
    const [france, russia] = cells.map((cell) => `${cell.statementIds.length} ${cell.stance ?? '-'}`);
    return [seed.topics[topicId - 1]?.slug, france, russia, verdict];
  });
  expect(table).toEqual([
    ['middle-east-escalation', '1 -', '1 -', 'BOTH_REPORT'],
    ['iran-diplomacy', '0 -', '1 SUPPORTS', 'ONE_SIDED'],
    ['strikes-on-iran', '1 -', '0 -', 'ONE_SIDED'],
    ['nuclear-non-proliferation', '5 SUPPORTS', '2 -', 'BOTH_REPORT'],
    ['iran-nuclear-programme', '2 -', '2 -', 'BOTH_REPORT'],
    ['iran-npt-compliance', '0 -', '1 SUPPORTS', 'ONE_SIDED'],
    ['iran-peaceful-nuclear-energy', '0 -', '1 SUPPORTS', 'ONE_SIDED'],
    ['france-russia-relations', '1 -', '0 -', 'ONE_SIDED'],
    ['ukraine-war', '4 -', '3 -', 'DISPUTED'],
    ['ukraine-ceasefire', '1 SUPPORTS', '0 -', 'ONE_SIDED'],
    ['ukraine-dialogue', '1 SUPPORTS', '0 -', 'ONE_SIDED'],
    ['ukraine-root-causes', '0 -', '2 SUPPORTS', 'ONE_SIDED'],
    ['ukraine-territory', '0 -', '1 SUPPORTS', 'ONE_SIDED'],
  ]);
});
