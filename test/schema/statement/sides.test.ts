import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordStatements } from '../../../src/domain/statement/record/record.ts';
import { linkStatements, reviseStatement } from '../../../src/domain/statement/revise.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { ADDED, CHANGED, TestSocket } from '../../support/follow.ts';
import { saveActor, saveEvent } from '../../support/saves.ts';
import { delivered, startTestService, type TestService } from '../../support/service.ts';
import { until } from '../../support/until.ts';

/*
 * The seed as an analyst reads it. Macron spoke himself, partly on a news channel; the Kremlin published what he and Putin, and
 * what the two states, had agreed; the agency is addressed, and says nothing.
 */
const MACRON_SAID = [
  'macron-backed-deploying-troops',
  'macron-call-focused-on-non-proliferation',
  'macron-call-prompted-by-escalation',
  'macron-ceasefire-needed',
  'macron-eu-security-talks-with-russia',
  'macron-first-call-in-three-years',
  'macron-france-promotes-stability',
  'macron-no-movement-on-ukraine',
  'macron-npt-must-be-upheld',
  'macron-reached-out-about-iran',
  'macron-renewed-dialogue-on-ukraine',
  'macron-sanctions-vital',
  'macron-shared-responsibility-of-france-and-russia',
  'macron-sharp-differences-on-ukraine',
];
const LEADERS_AGREED = ['leaders-agree-iran-npt-compliance', 'leaders-agree-iran-right-to-peaceful-energy'];
const STATES_PLEDGED = 'russia-and-france-pledge-diplomacy';
const PUTIN_SAID = ['putin-settlement-must-address-root-causes', 'putin-settlement-must-reflect-territory'];
const KREMLIN_SAID = 'kremlin-western-neglect-is-root-cause';

let test: TestDatabase;
let service: TestService;
let socket: TestSocket;

beforeAll(async () => {
  test = await createTestDatabase({ seeded: true });
  service = await startTestService(test.url);
  socket = new TestSocket(service.origin);
});
afterAll(async () => {
  await socket.close();
  await service.stop();
  await test.drop();
});

async function list(filter: object): Promise<string[]> {
  const { data } = await service.ask<{ statements: { totalCount: number; nodes: { slug: string }[] } }>(
    'query ($filter: StatementFilter) { statements(filter: $filter, first: 100) { totalCount nodes { slug } } }',
    { filter },
  );
  expect(data?.statements.totalCount).toBe(data?.statements.nodes.length);
  return (data?.statements.nodes ?? []).map(({ slug }) => slug).sort();
}

/** What a replay from the beginning of the record delivers up to a statement that the filter finds. */
async function replay(filter: object, last: string): Promise<string[]> {
  const received = socket.follow({ query: ADDED, variables: { filter, after: '0' } });
  await until(`the statement ${last}`, () => received.slugs.includes(last));
  return received.slugs.sort();
}

/** The last statement of the seed, and a filter that finds no other one there. */
const LAST = 'macron-eu-security-talks-with-russia';
const IS_LAST = { topics: ['regional-security-talks'] };

async function cursor(): Promise<string> {
  const { data } = await service.ask<{ record: { cursor: string } }>('{ record { cursor } }');
  return data?.record.cursor as string;
}

const affiliate = (slug: string, affiliations: object[]) =>
  test.db.prisma.$transaction((tx) =>
    saveActor(tx, { slug, name: 'Emmanuel Macron', kind: 'PERSON', affiliations }, 'test'),
  );

const say = async (slug: string, fields: object): Promise<number> => {
  const input = {
    text: slug,
    mode: 'INDIRECT',
    act: 'STATE',
    source: 'macron-putin-call-article',
    slug,
    ...fields,
  };
  const [recorded] = await recordStatements(test.db.prisma, [input], 'test');
  return recorded?.id as number;
};

describe('the article, asked for a side', () => {
  it.each([
    ['Macron said', { givers: ['emmanuel-macron'] }, MACRON_SAID],
    [
      'Macron was said to have said',
      { speakers: ['emmanuel-macron'], not: { givers: ['emmanuel-macron'] } },
      LEADERS_AGREED,
    ],
    ['France said, by its president', { sides: ['france'] }, MACRON_SAID],
    ['France was said to have said', { speakers: ['france'], not: { sides: ['france'] } }, [STATES_PLEDGED]],
    ['the Kremlin said itself', { speakers: ['kremlin'] }, [KREMLIN_SAID]],
    [
      'the Kremlin passed on',
      { givers: ['kremlin'], not: { speakers: ['kremlin'] } },
      [...LEADERS_AGREED, STATES_PLEDGED],
    ],
    [
      'Russia said, by its president and his office',
      { sides: ['russia'] },
      [KREMLIN_SAID, ...LEADERS_AGREED, ...PUTIN_SAID, STATES_PLEDGED],
    ],
    ['the agency said', { sides: ['international-atomic-energy-agency'] }, []],
    ['the agency was said to have said', { speakers: ['international-atomic-energy-agency'] }, []],
    [
      'presidents of France said or were said to have said',
      { offices: [{ role: 'PRESIDENT', in: 'france' }] },
      [...LEADERS_AGREED, ...MACRON_SAID],
    ],
    [
      'heads of state alone said',
      {
        offices: [{ role: 'president' }],
        not: { attributedTo: ['kremlin', 'bfmtv'] },
        sides: ['russia', 'united-states'],
      },
      [...PUTIN_SAID, 'trump-no-breakthrough'],
    ],
    ['disputes another statement', { links: ['DISPUTES'] }, [KREMLIN_SAID]],
    ['is disputed', { linkedFrom: ['DISPUTES'] }, ['macron-ceasefire-needed']],
  ])('tells what %s', async (_, filter, expected) => {
    expect(await list(filter)).toEqual([...expected].sort());
    const isTold = !('linkedFrom' in filter);
    if (!isTold) return;
    const replayed = await replay({ any: [filter, IS_LAST] }, LAST);
    expect(replayed).toEqual([...new Set([...expected, LAST])].sort());
  });

  it('shows the offices of the speakers, and for whom the givers spoke', async () => {
    const { data } = await service.ask(`{
      own: statement(slug: "macron-ceasefire-needed") { ...Sides }
      reported: statement(slug: "leaders-agree-iran-npt-compliance") { ...Sides }
      states: statement(slug: "${STATES_PLEDGED}") { ...Sides }
    }
    fragment Sides on Statement { givers { slug } sides { slug } offices { role in { slug } actor { slug } } }`);
    const president = (slug: string, state: string) => ({
      role: 'President',
      in: { slug: state },
      actor: { slug },
    });
    const member = (slug: string) => ({
      role: 'Permanent member',
      in: { slug: 'united-nations-security-council' },
      actor: { slug },
    });
    expect(data).toEqual({
      own: {
        givers: [{ slug: 'emmanuel-macron' }],
        sides: [{ slug: 'france' }],
        offices: [president('emmanuel-macron', 'france')],
      },
      reported: {
        givers: [{ slug: 'kremlin' }],
        sides: [{ slug: 'russia' }],
        offices: [president('vladimir-putin', 'russia'), president('emmanuel-macron', 'france')],
      },
      states: {
        givers: [{ slug: 'kremlin' }],
        sides: [{ slug: 'russia' }],
        offices: [member('russia'), member('france')],
      },
    });
  });

  it('refuses an office without role and place, naming it', async () => {
    const { errors } = await service.ask(
      '{ statements(filter: { offices: [{ role: "x" }, { role: " " }] }) { totalCount } }',
    );
    expect(errors?.[0]?.extensions).toMatchObject({
      code: 'INVALID_INPUT',
      inputPath: ['filter', 'offices', 1],
    });
  });
});

describe('after a change of affiliations', () => {
  const france = { sides: ['france'] };
  const EVERYBODY = { speakers: ['emmanuel-macron', 'france'] };
  const presidents = { offices: [{ role: 'president', in: 'france' }] };

  it('lists decide by the new ones, and subscriptions deliver statements by those of their time', async () => {
    const after = await cursor();
    const [ofFrance, ofPresidents, everybody] = [france, presidents, EVERYBODY].map((filter) =>
      socket.follow({ query: ADDED, variables: { filter, after } }),
    );
    const macron = (slug: string, said: string) => say(slug, { speakers: ['emmanuel-macron'], said });
    await macron('while-president', '2025-07-03');
    await everybody?.count(1);
    await affiliate('emmanuel-macron', [
      { in: 'france', role: 'President', from: '2017-05-14', to: '2025-06-30' },
    ]);
    await macron('after-his-term', '2025-07-03');
    await macron('said-in-his-term', '2025-06-30');
    await say('for-france', { speakers: ['emmanuel-macron'], onBehalfOf: ['france'], said: '2025-07-03' });
    await say('by-france', { speakers: ['france'], said: '2025-07-03' });
    await everybody?.count(5);
    await ofFrance?.count(4);
    await ofPresidents?.count(2);
    expect(ofFrance?.slugs).toEqual(['while-president', 'said-in-his-term', 'for-france', 'by-france']);
    expect(ofPresidents?.slugs).toEqual(['while-president', 'said-in-his-term']);
    const lastOfHisTerm = ['macron-backed-deploying-troops', 'said-in-his-term'];
    expect(await list(france)).toEqual(['by-france', 'for-france', ...lastOfHisTerm]);
    expect(await list(presidents)).toEqual(lastOfHisTerm);
    // A replay repeats what was delivered live.
    expect(await replay(france, 'by-france')).toEqual([...MACRON_SAID, ...(ofFrance?.slugs ?? [])].sort());
  });

  it('an actor that becomes a news medium gives nothing any more', async () => {
    const save = async (kind: string): Promise<void> => {
      const saved = await test.db.prisma.$transaction((tx) =>
        saveActor(tx, { slug: 'kremlin', name: 'Kremlin', kind }, 'test'),
      );
      await delivered(service, saved.position as bigint);
    };
    await save('OUTLET');
    expect(await list({ givers: ['kremlin'] })).toEqual([KREMLIN_SAID]);
    expect(await list({ givers: ['emmanuel-macron'], speakers: ['vladimir-putin'] })).toEqual(LEADERS_AGREED);
    await save('BODY');
    expect(await list({ givers: ['kremlin'] })).toHaveLength(4);
  });
});

describe('a minister who changes state within an event', () => {
  interface Cell {
    readonly side: { readonly slug: string };
    readonly statementCount: number;
    readonly statements?: readonly { readonly slug: string }[];
  }
  interface Answer {
    readonly event: {
      readonly accounts: readonly Cell[];
      readonly silentCount: number;
      readonly otherStatementCount: number;
      readonly comparison: readonly { readonly cells: readonly Cell[] }[];
    };
    readonly statementCounts: { readonly groups: readonly { side: { slug: string }; count: number }[] };
  }
  const SUMMIT = { slug: 'summit', name: 'Summit', kind: 'MEETING', date: '2025-09-01/2025-09-30' };
  const minister = (affiliations: object[]) => ({
    slug: 'minister',
    name: 'Minister',
    kind: 'PERSON',
    affiliations,
  });
  const save = (write: Parameters<typeof test.db.prisma.$transaction>[0]) =>
    test.db.prisma.$transaction(write);

  /** The slugs of the statements in the column of each side, by the comparison, and by the filter. */
  async function columns(): Promise<Record<string, string[]>> {
    const { data } = await service.ask<Answer>(`{
      event(slug: "summit") {
        accounts { ...Account } silentCount: accountCount(silent: true) otherStatementCount
        comparison(topics: ["ukraine-war"]) { cells { side { slug } statementCount } }
      }
      statementCounts(filter: { events: ["summit"] }, by: [SIDE]) { groups { side { slug } count } }
    }
    fragment Account on Account { side { slug } statementCount statements { slug } }`);
    const { event, statementCounts } = data as Answer;
    const counts = (cells: readonly Cell[]) => cells.map((cell) => [cell.side.slug, cell.statementCount]);
    expect(event).toMatchObject({ silentCount: 0, otherStatementCount: 0 });
    expect(counts(event.comparison[0]?.cells ?? [])).toEqual(counts(event.accounts));
    expect(Object.fromEntries(statementCounts.groups.map(({ side, count }) => [side.slug, count]))).toEqual(
      Object.fromEntries(counts(event.accounts)),
    );
    const found: Record<string, string[]> = {};
    for (const { side, statements } of event.accounts) {
      const slugs = (statements ?? []).map(({ slug }) => slug);
      found[side.slug] = slugs;
      expect(await list({ events: ['summit'], sides: [side.slug] })).toEqual([...slugs].sort());
    }
    return found;
  }

  it('has each statement in the column of its day, as lists and counts by side do', async () => {
    await save((tx) =>
      saveActor(
        tx,
        minister([
          { in: 'france', role: 'Minister', to: '2025-09-14' },
          { in: 'iran', role: 'Minister', from: '2025-09-15' },
        ]),
        'test',
      ),
    );
    await save((tx) => saveEvent(tx, { ...SUMMIT, participants: ['minister'] }, 'test'));
    const about = { events: ['summit'], topics: [{ topic: 'ukraine-war' }] };
    await say('minister-first', { ...about, speakers: ['minister'], said: '2025-09-02' });
    await say('minister-last', { ...about, speakers: ['minister'], said: '2025-09-20' });
    await say('minister-behalf', {
      ...about,
      speakers: ['minister'],
      onBehalfOf: ['france'],
      said: '2025-09-21',
    });
    expect(await columns()).toEqual({
      france: ['minister-first', 'minister-behalf'],
      iran: ['minister-last'],
    });
    await save((tx) => saveActor(tx, minister([{ in: 'iran', role: 'Minister' }]), 'test'));
    await save((tx) => saveEvent(tx, { ...SUMMIT, participants: ['minister', 'france'] }, 'test'));
    expect(await columns()).toEqual({
      iran: ['minister-first', 'minister-last'],
      france: ['minister-behalf'],
    });
  });
});

describe('a link to a statement', () => {
  it('is a change of the later statement, and counts in changes of the earlier one from then on', async () => {
    const earlier = await say('earlier', { speakers: ['iran'], said: '2025-07-01' });
    const later = await say('later', { speakers: ['iran'], said: '2025-07-02' });
    const after = await cursor();
    const [disputing, disputed, iran] = [
      { links: ['DISPUTES'] },
      { linkedFrom: ['DISPUTES'] },
      { speakers: ['iran'] },
    ].map((filter) => socket.follow({ query: CHANGED, variables: { filter, after } }));
    await test.db.prisma.$transaction((tx) =>
      linkStatements(tx, later, { to: 'earlier', kind: 'DISPUTES' }, 'test'),
    );
    await disputing?.count(1);
    expect(await list({ linkedFrom: ['DISPUTES'], speakers: ['iran'] })).toEqual(['earlier']);
    await test.db.prisma.$transaction((tx) =>
      reviseStatement(tx, earlier, { text: 'Revised.' }, null, 'test'),
    );
    await iran?.count(2);
    await disputed?.count(1);
    expect(disputing?.slugs).toEqual(['later']);
    expect(disputed?.slugs).toEqual(['earlier']);
  });
});
