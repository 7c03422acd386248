import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { saveActor } from '../../../src/domain/actor.ts';
import { actorInput, sourceInput, topicInput } from '../../../src/domain/input/input.ts';
import { saveSource } from '../../../src/domain/source.ts';
import { recordStatements } from '../../../src/domain/statement/record.ts';
import { retractStatement } from '../../../src/domain/statement/revise.ts';
import { saveTopic } from '../../../src/domain/topic.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { createTestGraphql, type TestGraphql } from '../../support/graphql.ts';

let test: TestDatabase;
let graphql: TestGraphql;

beforeAll(async () => {
  test = await createTestDatabase({ seeded: false });
  await test.db.prisma.$transaction((tx) =>
    saveSource(tx, sourceInput.parse({ slug: 'source', title: 'Source' }), 'test'),
  );
  graphql = await createTestGraphql(test.db);
});
afterAll(async () => {
  await graphql.stop();
  await test.drop();
});

interface Said {
  readonly slug: string;
  readonly said: string;
  readonly speakers: readonly string[];
  /** Stances by topic; null for one that takes none. */
  readonly on: Readonly<Record<string, string | null>>;
  readonly from?: readonly string[];
  readonly kind?: string;
  readonly retracted?: boolean;
}

/** Records statements on actors and topics that are made where they are new. */
async function record(statements: readonly Said[]): Promise<void> {
  await test.db.prisma.$transaction(async (tx) => {
    for (const slug of new Set(statements.flatMap(({ speakers }) => speakers))) {
      await saveActor(tx, actorInput.parse({ slug, name: slug, kind: 'STATE' }), 'test');
    }
    for (const slug of new Set(statements.flatMap(({ on }) => Object.keys(on)))) {
      await saveTopic(
        tx,
        topicInput.parse({ slug, name: slug, proposition: `Let there be ${slug}.` }),
        'test',
      );
    }
    const recorded = await recordStatements(
      tx,
      statements.map(({ slug, said, speakers, on, from = [], kind = 'SHIFTS_FROM' }) => ({
        slug,
        text: slug,
        mode: 'INDIRECT',
        act: 'STATE',
        speakers,
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
  readonly stance: string;
  readonly since: { readonly edtf: string };
  readonly statement: { readonly slug: string };
  readonly shiftedFrom: { readonly slug: string } | null;
  readonly shiftedTo: { readonly slug: string } | null;
}
const FIELDS =
  'actor { slug } topic { slug } stance since { edtf } statement { slug } shiftedFrom { slug } shiftedTo { slug }';

const flat = (positions: readonly Shown[]) =>
  positions.map(({ actor, topic, stance, since, statement, shiftedFrom, shiftedTo }) => ({
    actor: actor.slug,
    topic: topic.slug,
    stance,
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
    expect(await positionsOf('actor', 'runner')).toEqual([
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

  it('does not depend on the order of recording, except among statements of the same day', async () => {
    await record([
      { slug: 'late', said: '2024-01-01', speakers: ['shuffler'], on: { shuffle: 'MIXED' } },
      { slug: 'early', said: '2020-01-01', speakers: ['shuffler'], on: { shuffle: 'OPPOSES' } },
      { slug: 'same-1', said: '2024-02-01', speakers: ['shuffler'], on: { same: 'OPPOSES' } },
      { slug: 'same-2', said: '2024-02-01', speakers: ['shuffler'], on: { same: 'SUPPORTS' } },
    ]);
    expect(await positionsOf('actor', 'shuffler')).toMatchObject([
      { topic: 'same', stance: 'SUPPORTS', since: '2024-02-01', statement: 'same-2' },
      { topic: 'shuffle', stance: 'MIXED', statement: 'late' },
    ]);
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
    expect(await positionsOf('actor', 'turner')).toEqual([
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
    expect(await positionsOf('actor', 'careful')).toEqual([
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
