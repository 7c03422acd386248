import { describe, expect, it } from 'vitest';
import { topicInput } from '../../../src/domain/input/noun.ts';
import { recordStatements } from '../../../src/domain/statement/record/record.ts';
import { retractStatement } from '../../../src/domain/statement/retract.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { createTestGraphql, type TestGraphql } from '../../support/graphql.ts';
import {
  type MadeActor,
  type MadeRecord,
  type MadeStatement,
  makeRandomRecord,
} from '../../support/randomRecord.ts';
import { saveActor, saveSource, saveTopic } from '../../support/saves.ts';
import { useGraphql } from '../../support/useGraphql.ts';

let test: TestDatabase;
let graphql: TestGraphql;

useGraphql(
  (db) => db.prisma.$transaction((tx) => saveSource(tx, { slug: 'source', title: 'Source' }, 'test')),
  (used) => {
    ({ test, graphql } = used);
  },
);

interface Said {
  readonly slug: string;
  readonly said: string;
  readonly speakers: readonly string[];
  /** Stances by topic; null for one that takes none. */
  readonly on: Readonly<Record<string, string | null>>;
  readonly by?: readonly { readonly actor: string; readonly form: string }[];
  readonly from?: readonly string[];
  readonly kind?: string;
  readonly retracted?: boolean;
}

async function save(
  slug: string,
  kind: string,
  affiliations: { in: string; to?: string }[] = [],
): Promise<void> {
  const given = affiliations.map((affiliation) => ({ role: 'Member', ...affiliation }));
  const input = { slug, name: slug, kind, affiliations: given };
  await test.db.prisma.$transaction((tx) => saveActor(tx, input, 'test'));
}

/** Records statements on actors and topics that are made where they are new. */
async function record(statements: readonly Said[]): Promise<void> {
  for (const slug of new Set(statements.flatMap(({ speakers }) => speakers))) {
    if ((await test.db.prisma.actor.count({ where: { slug } })) === 0) await save(slug, 'STATE');
  }
  await test.db.prisma.$transaction(async (tx) => {
    for (const slug of new Set(statements.flatMap(({ on }) => Object.keys(on)))) {
      await saveTopic(
        tx,
        topicInput.parse({ slug, name: slug, proposition: `Let there be ${slug}.` }),
        'test',
      );
    }
    const recorded = await recordStatements(
      tx,
      statements.map(({ slug, said, speakers, on, by = [], from = [], kind = 'SHIFTS_FROM' }) => ({
        slug,
        text: slug,
        mode: 'INDIRECT',
        act: 'STATE',
        speakers,
        attribution: by,
        said,
        source: 'source',
        topics: Object.entries(on).map(([topic, stance]) => ({ topic, stance })),
        links: from.map((to) => ({ to, kind })),
      })),
      'test',
    );
    for (const [i, { retracted }] of statements.entries()) {
      if (retracted) await retractStatement(tx, recorded[i]?.id ?? 0, 'Recorded in error.', 'test');
    }
  });
}

interface Shown {
  readonly actor: { readonly slug: string };
  readonly topic: { readonly slug: string };
  readonly account: string;
  readonly givers: readonly { readonly slug: string }[];
  readonly isCurrent: boolean;
  readonly stance: string;
  readonly since: { readonly edtf: string };
  readonly statement: { readonly slug: string };
  readonly shiftedFrom: { readonly slug: string } | null;
  readonly shiftedTo: { readonly slug: string } | null;
}
const FIELDS =
  'actor { slug } topic { slug } account givers { slug } isCurrent stance since { edtf } statement { slug } shiftedFrom { slug } shiftedTo { slug }';

const flat = (positions: readonly Shown[]) =>
  positions.map(({ actor, topic, givers, since, statement, shiftedFrom, shiftedTo, ...shown }) => ({
    ...shown,
    actor: actor.slug,
    topic: topic.slug,
    givers: givers.map(({ slug }) => slug),
    since: since.edtf,
    statement: statement.slug,
    from: shiftedFrom?.slug ?? null,
    to: shiftedTo?.slug ?? null,
  }));

async function positionsOf(noun: 'actor' | 'topic', slug: string) {
  const data = await graphql.data<Record<string, { positions: Shown[] }>>(
    `query ($slug: String!) { ${noun}(slug: $slug) { positions { ${FIELDS} } } }`,
    { slug },
  );
  return flat(data[noun]?.positions ?? []);
}

describe('a position', () => {
  it('is the newest stance, held since the first statement of its unbroken run', async () => {
    await record([
      { slug: 'run-1', said: '2020-01-01', speakers: ['runner'], on: { run: 'SUPPORTS' } },
      { slug: 'run-2', said: '2021-01-01', speakers: ['runner'], on: { run: 'OPPOSES' } },
      { slug: 'run-3', said: '2022', speakers: ['runner'], on: { run: 'SUPPORTS' } },
      { slug: 'run-4', said: '2023-05', speakers: ['runner'], on: { run: null } },
      { slug: 'run-5', said: '2024-01-01', speakers: ['runner'], on: { run: 'SUPPORTS' } },
    ]);
    expect(await positionsOf('actor', 'runner')).toMatchObject([
      {
        actor: 'runner',
        topic: 'run',
        stance: 'SUPPORTS',
        since: '2022',
        statement: 'run-5',
        from: null,
        to: null,
      },
    ]);
  });

  it('does not depend on the order of recording', async () => {
    await record([
      { slug: 'late', said: '2024-01-01', speakers: ['shuffler'], on: { shuffle: 'MIXED' } },
      { slug: 'early', said: '2020-01-01', speakers: ['shuffler'], on: { shuffle: 'OPPOSES' } },
    ]);
    expect(await positionsOf('actor', 'shuffler')).toMatchObject([
      { topic: 'shuffle', stance: 'MIXED', statement: 'late' },
    ]);
  });

  it('is mixed where the actor supports and opposes the same proposition on the same date', async () => {
    await record([
      { slug: 'same-0', said: '2020', speakers: ['divided'], on: { same: 'SUPPORTS' } },
      { slug: 'same-1', said: '2024-02-01', speakers: ['divided'], on: { same: 'OPPOSES' } },
      { slug: 'same-2', said: '2024-02-01', speakers: ['divided'], on: { same: 'SUPPORTS' } },
      { slug: 'month', said: '2024-02', speakers: ['divided'], on: { vague: 'OPPOSES' } },
      { slug: 'day', said: '2024-02-01', speakers: ['divided'], on: { vague: 'SUPPORTS' } },
    ]);
    expect(await positionsOf('actor', 'divided')).toMatchObject([
      { topic: 'vague', stance: 'SUPPORTS', since: '2024-02-01', statement: 'day' },
      { topic: 'same', stance: 'MIXED', since: '2024-02-01', statement: 'same-2' },
    ]);
  });

  it('is reported where another side gives it, beside the own one, whose run and shifts it does not touch', async () => {
    await save('arcadia', 'STATE');
    await save('palace', 'BODY', [{ in: 'arcadia' }]);
    await save('chief', 'PERSON', [{ in: 'arcadia', to: '2022-12-31' }]);
    await save('gazette', 'OUTLET');
    const by = (...actors: string[]) => actors.map((actor) => ({ actor, form: 'REPORT' }));
    await record([
      { slug: 'own-1', said: '2020', speakers: ['chief'], on: { pact: 'SUPPORTS' } },
      { slug: 'told-1', said: '2021', speakers: ['chief'], on: { pact: 'OPPOSES' }, by: by('rival') },
      {
        slug: 'by-palace',
        said: '2022',
        speakers: ['chief'],
        on: { pact: 'SUPPORTS' },
        by: by('palace', 'gazette'),
      },
      {
        slug: 'told-2',
        said: '2023',
        speakers: ['chief'],
        on: { pact: 'OPPOSES' },
        by: by('palace'),
        from: ['own-1'],
      },
      {
        slug: 'told-3',
        said: '2021-05',
        speakers: ['chief', 'rival'],
        on: { deal: 'OPPOSES' },
        by: by('rival'),
      },
    ]);
    const [told, own, deal] = await positionsOf('actor', 'chief');
    expect(told).toMatchObject({
      topic: 'pact',
      account: 'REPORTED',
      givers: ['palace'],
      statement: 'told-2',
    });
    expect(told).toMatchObject({ stance: 'OPPOSES', since: '2021', from: null, isCurrent: true });
    expect(own).toMatchObject({ topic: 'pact', account: 'OWN', givers: ['palace'], statement: 'by-palace' });
    expect(own).toMatchObject({ stance: 'SUPPORTS', since: '2020', to: null, isCurrent: true });
    expect(deal).toMatchObject({ topic: 'deal', account: 'REPORTED', givers: ['rival'] });
    expect(await positionsOf('actor', 'rival')).toMatchObject([{ topic: 'deal', account: 'OWN' }]);
  });

  it('is of one kind where one is asked for, and so is the count', async () => {
    const { actor, topic } = await graphql.data<Record<'actor' | 'topic', Record<string, unknown>>>(`{
      actor(slug: "chief") { own: positions(account: OWN) { account } reported: positions(account: REPORTED) { account }
        ofOne: positions(account: REPORTED, topics: ["deal"]) { account }
        positionCount ownCount: positionCount(account: OWN) reportedCount: positionCount(account: REPORTED, topics: ["pact"]) }
      topic(slug: "pact") { own: positions(account: OWN) { account } positionCount ownCount: positionCount(account: OWN) } }`);
    const [own, reported] = [{ account: 'OWN' }, { account: 'REPORTED' }];
    expect(actor).toEqual({
      own: [own],
      reported: [reported, reported],
      ofOne: [reported],
      positionCount: 3,
      ownCount: 1,
      reportedCount: 1,
    });
    expect(topic).toEqual({ own: [own], positionCount: 2, ownCount: 1 });
  });

  it('knows the shift away from the one before, and the one before knows the shift to it', async () => {
    await record([
      { slug: 'for-it', said: '2020', speakers: ['turner'], on: { turn: 'SUPPORTS' } },
      { slug: 'against-it', said: '2024', speakers: ['turner'], on: { turn: 'OPPOSES' }, from: ['for-it'] },
      { slug: 'against-it-still', said: '2025', speakers: ['turner'], on: { turn: 'OPPOSES' } },
      {
        slug: 'for-another',
        said: '2023',
        speakers: ['turner'],
        on: { other: 'SUPPORTS' },
        from: ['for-it'],
      },
    ]);
    expect(await positionsOf('actor', 'turner')).toMatchObject([
      {
        actor: 'turner',
        topic: 'turn',
        stance: 'OPPOSES',
        since: '2024',
        statement: 'against-it-still',
        from: 'for-it',
        to: null,
      },
      {
        actor: 'turner',
        topic: 'other',
        stance: 'SUPPORTS',
        since: '2023',
        statement: 'for-another',
        from: 'for-it',
        to: null,
      },
    ]);
  });

  it('takes no other link for a shift', async () => {
    await record([
      { slug: 'said-first', said: '2020', speakers: ['echoer'], on: { echo: 'SUPPORTS' } },
      {
        slug: 'said-again',
        said: '2024',
        speakers: ['echoer'],
        on: { echo: 'MIXED' },
        from: ['said-first'],
        kind: 'ECHOES',
      },
    ]);
    expect(await positionsOf('actor', 'echoer')).toMatchObject([{ stance: 'MIXED', from: null, to: null }]);
  });

  it('shifts only where the same actor speaks at both ends', async () => {
    await record([
      { slug: 'alone-before', said: '2020', speakers: ['shifter'], on: { joint: 'SUPPORTS' } },
      {
        slug: 'together-after',
        said: '2024',
        speakers: ['shifter', 'companion'],
        on: { joint: 'OPPOSES' },
        from: ['alone-before'],
      },
    ]);
    expect(await positionsOf('actor', 'shifter')).toMatchObject([
      { statement: 'together-after', from: 'alone-before' },
    ]);
    expect(await positionsOf('actor', 'companion')).toMatchObject([
      { statement: 'together-after', from: null },
    ]);
  });

  it('rests on no statement that was retracted', async () => {
    await record([
      { slug: 'holds', said: '2020', speakers: ['careful'], on: { care: 'SUPPORTS', both: 'OPPOSES' } },
      {
        slug: 'wrong',
        said: '2024',
        speakers: ['careful'],
        on: { care: 'OPPOSES' },
        from: ['holds'],
        retracted: true,
      },
      { slug: 'wrong-before', said: '2010', speakers: ['careful'], on: { gone: 'OPPOSES' }, retracted: true },
      {
        slug: 'holds-too',
        said: '2021',
        speakers: ['careful'],
        on: { both: 'SUPPORTS' },
        from: ['wrong-before'],
      },
    ]);
    expect(await positionsOf('actor', 'careful')).toMatchObject([
      {
        actor: 'careful',
        topic: 'both',
        stance: 'SUPPORTS',
        since: '2021',
        statement: 'holds-too',
        from: null,
        to: null,
      },
      {
        actor: 'careful',
        topic: 'care',
        stance: 'SUPPORTS',
        since: '2020',
        statement: 'holds',
        from: null,
        to: null,
      },
    ]);
  });

  it('on a topic is one for each actor, newest first, not for the topics below it', async () => {
    await record([
      { slug: 'a-on-it', said: '2020', speakers: ['actor-a', 'actor-b'], on: { shared: 'SUPPORTS' } },
      { slug: 'b-on-it', said: '2022', speakers: ['actor-b'], on: { shared: 'OPPOSES' } },
      { slug: 'c-on-it', said: '2021', speakers: ['actor-c'], on: { shared: 'NEUTRAL', below: 'SUPPORTS' } },
    ]);
    await test.db.prisma.$transaction((tx) =>
      saveTopic(
        tx,
        topicInput.parse({ slug: 'below', name: 'below', proposition: 'Below.', parent: 'shared' }),
        'test',
      ),
    );
    expect((await positionsOf('topic', 'shared')).map(({ actor, stance }) => `${actor} ${stance}`)).toEqual([
      'actor-b OPPOSES',
      'actor-c NEUTRAL',
      'actor-a SUPPORTS',
    ]);
    expect((await positionsOf('topic', 'below')).map(({ actor }) => actor)).toEqual(['actor-c']);
  });

  it('is empty where no actor takes a stance', async () => {
    await record([{ slug: 'no-stance', said: '2020', speakers: ['silent'], on: { silence: null } }]);
    expect(await positionsOf('actor', 'silent')).toEqual([]);
    expect(await positionsOf('topic', 'silence')).toEqual([]);
  });
});

/** Where actors stand, worked out statement by statement. */
class BruteForce {
  readonly #record: MadeRecord;
  constructor(record: MadeRecord) {
    this.#record = record;
  }

  /** Every way from an actor to a state or organisation, with the first and last day of all affiliations on the way. */
  *#ways(
    slug: string,
    way: readonly string[],
    order: readonly number[],
    from: string,
    to: string,
  ): Generator<Way> {
    const { kind, affiliations } = this.#record.actorsBySlug.get(slug) as MadeActor;
    if (kind === 'STATE' || kind === 'ORGANISATION') {
      yield { side: slug, order, isState: kind === 'STATE', from, to };
      return;
    }
    for (const [i, affiliation] of affiliations.entries()) {
      if (way.includes(affiliation.in)) continue;
      const [first, last] = [affiliation.from ?? '0000', affiliation.to ?? '9999'];
      const days = [first > from ? first : from, last < to ? last : to] as const;
      if (days[0] <= days[1]) yield* this.#ways(affiliation.in, [...way, slug], [...order, i], ...days);
    }
  }

  sideOf(slug: string, { earliest, latest }: MadeStatement): string | undefined {
    const ways = [...this.#ways(slug, [], [], '0000', '9999')].filter(
      ({ from, to }) => from <= latest && to >= earliest,
    );
    const best = (a: Way, b: Way) =>
      a.order.length - b.order.length ||
      Number(b.isState) - Number(a.isState) ||
      a.order.reduce((found, n, i) => found || n - (b.order[i] as number), 0);
    return ways.sort(best)[0]?.side;
  }

  /** The givers, and the actors that they speak for. */
  givers({ speakers, attribution, onBehalfOf }: MadeStatement): {
    givers: readonly string[];
    speakFor: readonly string[];
  } {
    const hop = attribution.findLast(({ actor }) => this.#record.actorsBySlug.get(actor)?.kind !== 'OUTLET');
    if (hop) return { givers: [hop.actor], speakFor: [hop.actor] };
    return { givers: speakers, speakFor: onBehalfOf.length > 0 ? onBehalfOf : speakers };
  }

  isOwn(actor: string, statement: MadeStatement): boolean {
    const { givers, speakFor } = this.givers(statement);
    const side = this.sideOf(actor, statement);
    return (
      givers.includes(actor) ||
      (side !== undefined && speakFor.some((other) => this.sideOf(other, statement) === side))
    );
  }

  /** Each position as text, in no order. */
  positionsOf(actor: string): string[] {
    const { statements, topics } = this.#record;
    const places = new Map(statements.map((statement, i) => [statement, i]));
    const order = (a: MadeStatement, b: MadeStatement): number =>
      a.earliest < b.earliest
        ? 1
        : a.earliest > b.earliest
          ? -1
          : (places.get(b) ?? 0) - (places.get(a) ?? 0);
    const found: string[] = [];
    for (const topic of topics.keys()) {
      for (const isOwn of [true, false]) {
        const stanceIn = (statement: MadeStatement) =>
          statement.topics.find((one) => one.topic === topic)?.stance;
        const taken = statements
          .filter(
            (one) =>
              !one.retracted &&
              one.speakers.includes(actor) &&
              stanceIn(one) &&
              this.isOwn(actor, one) === isOwn,
          )
          .sort(order);
        const stanceOn = (statement: MadeStatement): string => {
          const onDate = taken.filter(
            ({ earliest, latest }) => earliest === statement.earliest && latest === statement.latest,
          );
          const stances = onDate.map(stanceIn);
          return stances.includes('SUPPORTS') && stances.includes('OPPOSES')
            ? 'MIXED'
            : (stances[0] as string);
        };
        const [newest] = taken;
        if (!newest) continue;
        const stance = stanceOn(newest);
        const end = taken.findIndex((statement) => stanceOn(statement) !== stance);
        const since = taken.at((end === -1 ? taken.length : end) - 1) as MadeStatement;
        const givers = [...this.givers(newest).givers].sort().join(' ');
        found.push(
          `${topic} ${isOwn ? 'OWN' : 'REPORTED'} ${stance} ${newest.slug} by ${givers} since ${since.said}`,
        );
      }
    }
    return found.sort();
  }
}

interface Way {
  readonly side: string;
  /** The affiliations on the way, by their places in the lists. */
  readonly order: readonly number[];
  readonly isState: boolean;
  readonly from: string;
  readonly to: string;
}

it.each([1, 2, 3])('the positions of random record %i are those that brute force finds', async (seed) => {
  const random = await createTestDatabase({ seeded: false });
  const own = await createTestGraphql(random.db);
  try {
    const made = await makeRandomRecord(random.db, { seed, length: 300 });
    const expected = new BruteForce(made);
    const accounts = new Set<string>();
    for (const slug of made.actors) {
      const { actor } = await own.data<{ actor: { positions: Shown[] } }>(
        `{ actor(slug: "${slug}") { positions { ${FIELDS} } } }`,
      );
      const shown = flat(actor.positions).map(
        ({ topic, account, stance, statement, givers, since }) =>
          `${topic} ${account} ${stance} ${statement} by ${givers.sort().join(' ')} since ${since}`,
      );
      expect(shown.sort()).toEqual(expected.positionsOf(slug));
      for (const { account } of actor.positions) accounts.add(account);
    }
    expect(accounts.size).toBe(2);
  } finally {
    await own.stop();
    await random.drop();
  }
});
