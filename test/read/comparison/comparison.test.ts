import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ActorKind, LinkKind, Stance } from '../../../src/db/generated/enums.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import {
  accountsOf,
  type CaseActor,
  type CaseStatement,
  type CaseTopic,
  type ComparedAccount,
  type ComparedRow,
  type ComparisonCase,
  inOrder,
  rowsOf,
  sidesOf,
} from './oracle.ts';
import { RecordedCases } from './recorded.ts';

const [FRANCE, RUSSIA, IRAN, UN, MACRON, PUTIN, KREMLIN, BFMTV, POET, CABINET] = [
  1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
];
const [NUCLEAR, ENERGY, WAR, CEASEFIRE, TERRITORY] = [1, 2, 3, 4, 5];

function actor(id: number, kind: ActorKind, ...inIds: number[]): CaseActor {
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

const TOPICS: CaseTopic[] = [
  { id: NUCLEAR, parentId: null, name: 'Nuclear matters' },
  { id: ENERGY, parentId: NUCLEAR, name: 'Nuclear energy' },
  { id: WAR, parentId: null, name: 'War' },
  { id: CEASEFIRE, parentId: WAR, name: 'Ceasefire' },
  { id: TERRITORY, parentId: WAR, name: 'Territory' },
];

const onDay = (day: string) => ({ earliest: day, latest: day });

function statement(
  id: number,
  speakers: number | number[],
  topics: Record<number, Stance | null>,
  hopIds: number[] = [],
  behalfIds: number[] = [],
): CaseStatement {
  return {
    id,
    said: onDay('2025-07-01'),
    speakerIds: [speakers].flat(),
    behalfIds,
    hopIds,
    topics: Object.entries(topics).map(([topicId, stance]) => ({ topicId: Number(topicId), stance })),
  };
}

/** A call between Macron and Putin in July 2025, with whatever a test changes. */
function call(changes: Partial<ComparisonCase>): ComparisonCase {
  return {
    days: { earliest: '2025-07-01', latest: '2025-07-01' },
    participantIds: [MACRON, PUTIN],
    statements: [],
    links: [],
    actors: ACTORS,
    topics: TOPICS,
    ...changes,
  };
}

/** The actors of every test, some of them changed. */
const withChanged = (...changed: CaseActor[]): CaseActor[] =>
  ACTORS.map((known) => changed.find(({ id }) => id === known.id) ?? known);

let database: TestDatabase;
let cases: RecordedCases;
beforeAll(async () => {
  database = await createTestDatabase({ seeded: false });
  cases = new RecordedCases(database.db);
});
afterAll(() => database.drop());

const accounts = async (input: ComparisonCase): Promise<ComparedAccount[]> =>
  (await cases.write(input)).accounts();
const compare = async (
  input: ComparisonCase,
  chosen: { sideIds?: readonly number[]; topicIds?: readonly number[] } = {},
): Promise<ComparedRow[]> => (await cases.write(input)).rows(chosen);

async function verdicts(input: ComparisonCase, sideIds?: readonly number[]): Promise<Record<number, string>> {
  const rows = await compare(input, sideIds && { sideIds });
  return Object.fromEntries(rows.map(({ topicId, verdict }) => [topicId, verdict]));
}

async function stanceOf(
  sideId: number,
  topicId: number,
  statements: CaseStatement[],
): Promise<Stance | null | undefined> {
  const row = (await compare(call({ statements }))).find((each) => each.topicId === topicId);
  return row?.cells.find((cell) => cell.sideId === sideId)?.stance;
}

describe('the sides of an event', () => {
  const sides = async (
    participantIds: number[],
    changed: CaseActor[] = [],
    [earliest, latest]: readonly [string, string] = ['2025-07-01', '2025-07-01'],
  ) => {
    const input = call({ participantIds, actors: withChanged(...changed), days: { earliest, latest } });
    return (await accounts(input)).map(({ sideId }) => sideId);
  };

  test('are states and organisations themselves, in the order of participants, each once', async () => {
    expect(await sides([RUSSIA, PUTIN, UN, MACRON, FRANCE, KREMLIN])).toEqual([RUSSIA, UN, FRANCE]);
  });

  test('do not climb from a state to what it belongs to', async () => {
    expect(await sides([FRANCE])).toEqual([FRANCE]);
  });

  test('are those of each day for a participant who changes sides during the event', async () => {
    const days = ['2025-06-30', '2025-07-01'] as const;
    const poet: CaseActor = {
      id: POET,
      kind: 'PERSON',
      affiliations: [
        { inId: IRAN, from: null, to: '2025-06-30' },
        { inId: UN, from: null, to: null },
        { inId: FRANCE, from: '2025-07-02', to: null },
      ],
    };
    expect(await sides([POET], [poet], days)).toEqual([IRAN, UN]);
    expect(await sides([POET], [poet], ['2025-06-30', '2025-06-30'])).toEqual([IRAN]);
    expect(await sides([POET], [poet], ['2025-06-30', '2025-07-02'])).toEqual([IRAN, FRANCE, UN]);
  });

  test('leave out a participant who belongs to none', async () => {
    expect(await sides([POET, PUTIN])).toEqual([RUSSIA]);
  });

  test('are found through bodies, the nearest first', async () => {
    expect(await sides([MACRON])).toEqual([FRANCE]);
    expect(await sides([MACRON], [actor(MACRON, 'PERSON', CABINET, UN)])).toEqual([UN]);
  });

  test('prefer a state to an organisation that is as near', async () => {
    expect(await sides([MACRON], [actor(MACRON, 'PERSON', UN, FRANCE)])).toEqual([FRANCE]);
  });

  test('take the first of several that are alike', async () => {
    expect(await sides([MACRON], [actor(MACRON, 'PERSON', IRAN, FRANCE)])).toEqual([IRAN]);
  });

  test('come to an end where affiliations run in a circle', async () => {
    expect(await sides([POET], [actor(POET, 'PERSON', CABINET), actor(CABINET, 'BODY', POET)])).toEqual([]);
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
    async ({ from, to, day, belongs }) => {
      const poet: CaseActor = { id: POET, kind: 'PERSON', affiliations: [{ inId: IRAN, from, to }] };
      expect(await sides([POET], [poet], day)).toEqual(belongs ? [IRAN] : []);
    },
  );
});

describe('the accounts of an event', () => {
  test('hold the statements of each side in their order, and none for a silent side', async () => {
    const statements = [
      { ...statement(2, KREMLIN, {}), said: onDay('2025-07-02') },
      { ...statement(4, MACRON, {}, [KREMLIN]), said: onDay('2025-07-02') },
      statement(9, PUTIN, {}),
    ];
    expect(await accounts(call({ statements }))).toEqual([
      { sideId: FRANCE, statementIds: [] },
      { sideId: RUSSIA, statementIds: [9, 2, 4] },
    ]);
  });

  test('leave out a statement whose giver is of no side, or of a side that took no part', async () => {
    const statements = [statement(1, POET, {}), statement(2, IRAN, {}), statement(3, MACRON, {}, [IRAN])];
    expect((await accounts(call({ statements }))).flatMap(({ statementIds }) => statementIds)).toEqual([]);
  });

  test('count a joint statement without attribution for each side of its speakers', async () => {
    expect(await accounts(call({ statements: [statement(1, [IRAN, PUTIN, MACRON], {})] }))).toEqual([
      { sideId: FRANCE, statementIds: [1] },
      { sideId: RUSSIA, statementIds: [1] },
    ]);
  });

  /** Switches from the affiliation with one side to that with another in the middle of the year. */
  const switching = (id: number, first: number, second: number): CaseActor => ({
    id,
    kind: 'PERSON',
    affiliations: [
      { inId: first, from: null, to: '2025-06-30' },
      { inId: second, from: '2025-07-01', to: null },
    ],
  });

  test('take the side of the day of each statement, not that of the event', async () => {
    const statements = ['2025-06-29', '2025-06-30', '2025-07-01', '2025-07-02'].map((day, i) => ({
      ...statement(i + 1, POET, {}),
      said: onDay(day),
    }));
    const actors = withChanged(switching(POET, IRAN, FRANCE));
    const of = (earliest: string, latest: string) =>
      accounts(call({ participantIds: [POET, RUSSIA], statements, actors, days: { earliest, latest } }));
    expect(await of('2025-06-29', '2025-07-02')).toEqual([
      { sideId: IRAN, statementIds: [1, 2] },
      { sideId: FRANCE, statementIds: [3, 4] },
      { sideId: RUSSIA, statementIds: [] },
    ]);
    // What a side says about an event that ended before is in its account.
    expect(await of('2025-06-29', '2025-06-29')).toEqual([
      { sideId: IRAN, statementIds: [1, 2] },
      { sideId: RUSSIA, statementIds: [] },
    ]);
  });

  test('count a statement of uncertain date for each side of its days', async () => {
    const statements = [
      { ...statement(1, POET, {}), said: { earliest: '2025-06-01', latest: '2025-07-31' } },
    ];
    const actors = withChanged(switching(POET, IRAN, FRANCE));
    expect(await accounts(call({ participantIds: [FRANCE, IRAN], statements, actors }))).toEqual([
      { sideId: FRANCE, statementIds: [1] },
      { sideId: IRAN, statementIds: [1] },
    ]);
  });

  test('count what a giver says for each side that it belongs to, not for the nearest alone', async () => {
    const input = call({
      participantIds: [UN, FRANCE],
      statements: [statement(1, MACRON, {})],
      actors: withChanged(actor(MACRON, 'PERSON', CABINET, UN)),
    });
    expect(await accounts(input)).toEqual([
      { sideId: UN, statementIds: [1] },
      { sideId: FRANCE, statementIds: [1] },
    ]);
  });

  test('are of those on whose behalf it was said, wherever the speaker belonged', async () => {
    const input = call({ statements: [statement(1, POET, {}, [], [FRANCE])] });
    expect(await accounts(input)).toEqual([
      { sideId: FRANCE, statementIds: [1] },
      { sideId: RUSSIA, statementIds: [] },
    ]);
  });

  test('are given for a single side too, though there is nothing to compare', async () => {
    const input = call({ participantIds: [MACRON], statements: [statement(1, MACRON, { [WAR]: null })] });
    expect(await accounts(input)).toEqual([{ sideId: FRANCE, statementIds: [1] }]);
    expect(await compare(input)).toEqual([]);
  });
});

describe('the rows of a comparison', () => {
  test('are the topics carried and their ancestors, each once, depth first and by name', async () => {
    const statements = [
      statement(1, PUTIN, { [TERRITORY]: null, [ENERGY]: null }),
      statement(2, MACRON, { [CEASEFIRE]: null, [WAR]: null }),
    ];
    expect((await compare(call({ statements }))).map(({ topicId }) => topicId)).toEqual([
      NUCLEAR,
      ENERGY,
      WAR,
      CEASEFIRE,
      TERRITORY,
    ]);
  });

  test('put siblings of the same name in the order of their ids', async () => {
    const topics = [12, 11].map((id) => ({ id, parentId: null, name: 'War' }));
    const statements = [statement(1, PUTIN, { 12: null }), statement(2, PUTIN, { 11: null })];
    expect((await compare(call({ statements, topics }))).map(({ topicId }) => topicId)).toEqual([11, 12]);
  });

  test('come only from statements of a side', async () => {
    expect(await compare(call({ statements: [statement(1, POET, { [WAR]: null })] }))).toEqual([]);
  });

  test('cover what is below their topic, with a cell for each side', async () => {
    const statements = [
      statement(1, PUTIN, { [TERRITORY]: 'SUPPORTS' }),
      statement(2, MACRON, { [WAR]: null }),
    ];
    expect(await compare(call({ statements }))).toEqual([
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

  test('hold a statement once, though it carries a topic and another above it', async () => {
    const [row] = await compare(
      call({ statements: [statement(1, PUTIN, { [WAR]: null, [CEASEFIRE]: null })] }),
    );
    expect(row?.cells[1]?.statementIds).toEqual([1]);
  });
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
  ])('is %s where the statements take %j', async (common, stances) => {
    expect(
      await stanceOf(
        RUSSIA,
        CEASEFIRE,
        stances.map((stance, index) => putin(index + 1, stance)),
      ),
    ).toBe(common);
  });

  test('is of the very topic, not of what is below it, nor of the other side', async () => {
    const statements = [putin(1, 'SUPPORTS'), statement(2, MACRON, { [WAR]: 'OPPOSES' })];
    expect(await stanceOf(RUSSIA, WAR, statements)).toBeNull();
    expect(await stanceOf(FRANCE, WAR, statements)).toBe('OPPOSES');
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
  ])('is %s where one side takes %s and the other %s', async (verdict, macron, putin) => {
    expect((await verdicts(call({ statements: both(macron, putin) })))[CEASEFIRE]).toBe(verdict);
  });

  test('on a parent is DISPUTED by opposed stances below it, but not AGREED by equal ones', async () => {
    expect((await verdicts(call({ statements: both('SUPPORTS', 'OPPOSES') })))[WAR]).toBe('DISPUTED');
    expect((await verdicts(call({ statements: both('SUPPORTS', 'SUPPORTS') })))[WAR]).toBe('BOTH_REPORT');
  });

  test('is not DISPUTED by opposed stances on two different topics', async () => {
    const statements = [
      statement(1, MACRON, { [CEASEFIRE]: 'SUPPORTS' }),
      statement(2, PUTIN, { [TERRITORY]: 'OPPOSES' }),
    ];
    expect((await verdicts(call({ statements })))[WAR]).toBe('BOTH_REPORT');
  });

  test('is not DISPUTED by one side that takes both stances itself', async () => {
    const statements = [...both('SUPPORTS', null), statement(3, MACRON, { [CEASEFIRE]: 'OPPOSES' })];
    expect((await verdicts(call({ statements })))[CEASEFIRE]).toBe('BOTH_REPORT');
  });

  test('is DISPUTED where only some of a side oppose what the other supports', async () => {
    const statements = [...both('SUPPORTS', 'SUPPORTS'), statement(3, PUTIN, { [CEASEFIRE]: 'OPPOSES' })];
    expect((await verdicts(call({ statements })))[CEASEFIRE]).toBe('DISPUTED');
  });

  test('is DISPUTED by a link, whichever way it points, before equal stances and AGREES_WITH count', async () => {
    const statements = both('SUPPORTS', 'SUPPORTS');
    for (const disputes of [link('DISPUTES'), link('DISPUTES', 1, 2)]) {
      const found = await verdicts(call({ statements, links: [link('AGREES_WITH'), disputes] }));
      expect(found).toEqual({ [WAR]: 'DISPUTED', [CEASEFIRE]: 'DISPUTED' });
    }
  });

  test('is AGREED by an AGREES_WITH link, and no other kind of link counts', async () => {
    const statements = both(null, null);
    expect(await verdicts(call({ statements, links: [link('AGREES_WITH')] }))).toEqual({
      [WAR]: 'AGREED',
      [CEASEFIRE]: 'AGREED',
    });
    const others = (['ECHOES', 'REPLIES_TO', 'SHIFTS_FROM', 'CORRECTS'] as const).map((kind) => link(kind));
    expect((await verdicts(call({ statements, links: others })))[CEASEFIRE]).toBe('BOTH_REPORT');
  });

  test('takes a link only into rows that hold both its ends', async () => {
    const statements = [
      statement(1, MACRON, { [CEASEFIRE]: null }),
      statement(2, PUTIN, { [TERRITORY]: null }),
      statement(3, PUTIN, { [CEASEFIRE]: null }),
    ];
    expect(await verdicts(call({ statements, links: [link('DISPUTES')] }))).toEqual({
      [WAR]: 'DISPUTED',
      [CEASEFIRE]: 'BOTH_REPORT',
      [TERRITORY]: 'ONE_SIDED',
    });
  });

  test('is ONE_SIDED where a side is silent, whatever the links and stances of the others', async () => {
    const input = call({
      participantIds: [MACRON, PUTIN, IRAN],
      statements: both('SUPPORTS', 'OPPOSES'),
      links: [link('DISPUTES')],
    });
    expect((await verdicts(input))[CEASEFIRE]).toBe('ONE_SIDED');
  });

  test('takes no link within a side, from outside the event or from a side that took no part', async () => {
    const statements = [
      ...both(null, null),
      statement(3, KREMLIN, { [CEASEFIRE]: null }),
      statement(4, IRAN, { [CEASEFIRE]: null }),
    ];
    const links = [link('DISPUTES', 2, 3), link('DISPUTES', 2, 99), link('DISPUTES', 4, 1)];
    expect((await verdicts(call({ statements, links })))[CEASEFIRE]).toBe('BOTH_REPORT');
  });

  test('counts a joint statement for both sides: AGREED by it alone, DISPUTED with one against it', async () => {
    const joint = statement(1, [MACRON, PUTIN], { [CEASEFIRE]: 'SUPPORTS' });
    expect((await verdicts(call({ statements: [joint] })))[CEASEFIRE]).toBe('AGREED');
    const against = statement(2, PUTIN, { [CEASEFIRE]: 'OPPOSES' });
    expect((await verdicts(call({ statements: [joint, against] })))[CEASEFIRE]).toBe('DISPUTED');
    const aside = statement(2, PUTIN, { [CEASEFIRE]: 'NEUTRAL' });
    const links = [link('DISPUTES')];
    expect((await verdicts(call({ statements: [joint, aside], links })))[CEASEFIRE]).toBe('DISPUTED');
  });
});

describe('a comparison of chosen sides', () => {
  const statements = [
    statement(1, MACRON, { [CEASEFIRE]: 'SUPPORTS' }),
    statement(2, PUTIN, { [CEASEFIRE]: 'OPPOSES' }),
    statement(3, IRAN, { [NUCLEAR]: null }),
  ];
  const input = call({ participantIds: [MACRON, PUTIN, IRAN], statements });

  test('has their cells only, and its verdict and rows are about them alone', async () => {
    expect(await verdicts(input)).toEqual({
      [NUCLEAR]: 'ONE_SIDED',
      [WAR]: 'ONE_SIDED',
      [CEASEFIRE]: 'ONE_SIDED',
    });
    expect(await verdicts(input, [FRANCE, RUSSIA])).toEqual({ [WAR]: 'DISPUTED', [CEASEFIRE]: 'DISPUTED' });
    expect(
      (await compare(input, { sideIds: [RUSSIA, IRAN] })).map(({ cells }) =>
        cells.map(({ sideId }) => sideId),
      ),
    ).toEqual([
      [RUSSIA, IRAN],
      [RUSSIA, IRAN],
      [RUSSIA, IRAN],
    ]);
  });

  test('and of chosen topics has the rows of these topics, which cover what is below them', async () => {
    const rows = await compare(input, { sideIds: [FRANCE, RUSSIA], topicIds: [WAR, NUCLEAR] });
    expect(rows.map(({ topicId, verdict }) => [topicId, verdict])).toEqual([[WAR, 'DISPUTED']]);
  });
});

describe('any comparison', () => {
  const stance = fc.constantFrom<(Stance | null)[]>(null, null, 'SUPPORTS', 'OPPOSES', 'MIXED', 'NEUTRAL');
  const ids = ACTORS.map(({ id }) => id);
  const actorId = fc.constantFrom(...ids);
  const day = fc.constantFrom(null, null, '2025-06-30', '2025-07-01', '2025-07-02', '2025-07-31');
  const affiliation = fc
    .record({ inId: actorId, from: day, to: day })
    .map(({ inId, from, to }) =>
      from !== null && to !== null && from > to ? { inId, from: to, to: from } : { inId, from, to },
    );
  const anyActors = fc.tuple(
    ...ACTORS.map(({ id, kind }) =>
      fc.record({
        id: fc.constant(id),
        kind: fc.constant(kind),
        affiliations: fc
          .array(affiliation, { maxLength: 3 })
          .map((all) => all.filter(({ inId }) => inId !== id)),
      }),
    ),
  );
  const anyDays = fc.constantFrom(
    onDay('2025-06-30'),
    onDay('2025-07-01'),
    onDay('2025-07-02'),
    { earliest: '2025-07-01', latest: '2025-07-31' },
    { earliest: '2025-06-01', latest: '2025-06-30' },
  );
  const anyStatement = fc.record({
    said: anyDays,
    speakerIds: fc.uniqueArray(actorId, { minLength: 1, maxLength: 2 }),
    behalfIds: fc.uniqueArray(actorId, { maxLength: 1 }),
    hopIds: fc.array(actorId, { maxLength: 2 }),
    topics: fc.uniqueArray(fc.record({ topicId: fc.constantFrom(...TOPICS.map(({ id }) => id)), stance }), {
      selector: ({ topicId }) => topicId,
      maxLength: 3,
    }),
  });
  const anyInput = fc
    .record({
      days: fc.constantFrom(
        { earliest: '2025-07-01', latest: '2025-07-01' },
        { earliest: '2025-07-01', latest: '2025-07-31' },
      ),
      actors: fc.oneof(fc.constant(ACTORS), anyActors),
      participantIds: fc.uniqueArray(actorId, { maxLength: 5 }),
      statements: fc
        .array(anyStatement, { maxLength: 8 })
        .map((all) => all.map((each, index) => ({ id: index + 1, ...each }))),
      links: fc
        .array(
          fc.record({
            fromId: fc.integer({ min: 1, max: 8 }),
            toId: fc.integer({ min: 1, max: 8 }),
            kind: fc.constantFrom<LinkKind[]>('DISPUTES', 'AGREES_WITH', 'ECHOES'),
          }),
          { maxLength: 3 },
        )
        .map((links) => links.filter(({ fromId, toId }) => fromId !== toId)),
    })
    .map(call);

  test('is what its rules say: accounts, rows, cells and verdicts, of all sides and of some', async () => {
    await fc.assert(
      fc.asyncProperty(anyInput, async (input) => {
        const recorded = await cases.write(input);
        expect(await recorded.accounts()).toEqual(accountsOf(input));
        const inAccounts = accountsOf(input).flatMap(({ statementIds }) => statementIds);
        const others = inOrder(input)
          .map(({ id }) => id)
          .filter((id) => !inAccounts.includes(id));
        expect(await recorded.others()).toEqual(others);
        const whole = rowsOf(input);
        expect(await recorded.rows()).toEqual(whole);
        expect(await recorded.rowCount()).toBe(whole.length);
        const some = sidesOf(input).slice(1);
        expect(await recorded.rows({ sideIds: some })).toEqual(rowsOf(input, some));
        const topicIds = [WAR, ENERGY];
        expect(await recorded.rows({ topicIds })).toEqual(
          whole.filter(({ topicId }) => topicIds.includes(topicId)),
        );
        const pages = await Promise.all([0, 2, 4].map((offset) => recorded.rows({}, { first: 2, offset })));
        expect(pages.flat()).toEqual(whole.slice(0, 6));
      }),
      { numRuns: 60 },
    );
  });
});
