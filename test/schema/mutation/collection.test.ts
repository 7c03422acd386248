import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { saveActors } from '../../../src/domain/actor.ts';
import { retractCollection } from '../../../src/domain/correction/collection.ts';
import { saveEvents } from '../../../src/domain/event.ts';
import { saveSources } from '../../../src/domain/source.ts';
import { type Recorded, recordStatements } from '../../../src/domain/statement/record/record.ts';
import { reinstateStatement } from '../../../src/domain/statement/revise.ts';
import { saveTopics } from '../../../src/domain/topic.ts';
import { verifyDatabase } from '../../../src/verify/history.ts';
import type { TestDatabase } from '../../support/database.ts';
import { CHANGED, TestSocket } from '../../support/follow.ts';
import type { ShownError } from '../../support/graphql.ts';
import { saveCollection } from '../../support/saves.ts';
import { delivered, type TestService } from '../../support/service.ts';
import { type TestRecorder, useService } from '../../support/useService.ts';
import { record, statementInput } from '../../support/world.ts';

let test: TestDatabase;
let service: TestService;
let recorder: TestRecorder;

useService('world', (used) => {
  ({ test, service, recorder } = used);
});

const refusal = (query: string, input: Record<string, unknown>): Promise<ShownError> =>
  recorder.refusal(query, { input });

/** Ids of collections by slug. */
async function collect(slug: string): Promise<number> {
  const { id } = await test.db.prisma.$transaction((tx) =>
    saveCollection(tx, { slug, title: slug }, 'importer'),
  );
  return id;
}

const statements = (collection: number, inputs: readonly Record<string, unknown>[]): Promise<Recorded[]> =>
  recordStatements(test.db.prisma, inputs.map(statementInput), 'importer', { collection });

/** A collection with two statements, and with nouns that refer to one another. */
async function makeBatch(name: string): Promise<number> {
  const collection = await collect(name);
  const [company, state, deputy] = ['company', 'state', 'deputy'].map((of) => `${name}-${of}`);
  await test.db.prisma.$transaction(async (tx) => {
    const options = { collection };
    await saveActors(
      tx,
      [
        { slug: state, name: `${name} State`, kind: 'STATE' },
        {
          slug: company,
          name: `${name} Company`,
          kind: 'BODY',
          affiliations: [{ in: state, role: 'Owned' }],
        },
        {
          slug: deputy,
          name: `${name} Deputy`,
          kind: 'PERSON',
          affiliations: [{ in: company, role: 'Deputy' }],
        },
      ],
      'importer',
      options,
    );
    await saveTopics(
      tx,
      [
        { slug: `${name}-above`, name: `${name} above` },
        { slug: `${name}-below`, name: `${name} below`, parent: `${name}-above` },
      ],
      'importer',
      options,
    );
    await saveSources(
      tx,
      [{ slug: `${name}-source`, title: `${name} source`, publisher: company }],
      'importer',
      options,
    );
    const event = {
      slug: `${name}-event`,
      name: `${name} event`,
      kind: 'CALL',
      date: '2025',
      participants: [state],
    };
    await saveEvents(tx, [event], 'importer', options);
  });
  const fields = { speakers: [deputy], source: `${name}-source`, topics: [{ topic: `${name}-below` }] };
  await statements(collection, [
    { slug: `${name}-one`, ...fields, events: [`${name}-event`] },
    { slug: `${name}-two`, ...fields },
  ]);
  return collection;
}

async function changesAfter(position: string): Promise<string[]> {
  const { changes } = await recorder.data<{ changes: { kind: string; slug: string; position: string }[] }>(
    'query ($after: Position) { changes(after: $after, first: 100) { kind slug position } }',
    { after: position },
  );
  return changes.map(({ kind, slug }) => `${kind} ${slug}`);
}

async function head(): Promise<string> {
  const { rows } = await test.db.pool.query<{ position: string }>('SELECT position FROM head');
  return (rows[0] as { position: string }).position;
}

const RETRACT = `mutation ($input: RetractCollectionInput!) {
  retractCollection(input: $input) { retracted remaining withdrawn kept isComplete collection { slug retraction { reason by } } }
}`;
const WITHDRAW = `mutation ($input: WithdrawInput!) {
  withdrawActor(input: $input) { actor { slug withdrawal { reason by at } } }
}`;
const SAVE_ACTOR =
  'mutation ($input: SaveActorInput!) { saveActor(input: $input) { created changed actor { withdrawal { by } collection { slug } } } }';

describe('a collection', () => {
  it('is listed with its origin, its files and what it has added', async () => {
    await makeBatch('listed');
    const files = [{ name: 'big.csv', digest: 'a'.repeat(64), length: 5_000_000_000 }];
    const input = {
      slug: 'listed',
      version: '2',
      licence: 'CC BY 4.0',
      url: 'https://example.org/data',
      files,
    };
    await recorder.data(
      'mutation ($input: SaveCollectionInput!) { saveCollection(input: $input) { position } }',
      {
        input,
      },
    );
    const { collections } = await recorder.data<{
      collections: { nodes: Record<string, unknown>[] };
    }>(`{ collections { nodes {
      slug title version url licence files { name digest length } recordedBy revisionCount
      statementCount actorCount topicCount sourceCount eventCount statements { totalCount nodes { slug collection { slug } } }
    } } }`);
    expect(collections.nodes.find(({ slug }) => slug === 'listed')).toEqual({
      ...input,
      title: 'listed',
      recordedBy: 'importer',
      revisionCount: 1,
      ...{ statementCount: 2, actorCount: 3, topicCount: 2, sourceCount: 1, eventCount: 1 },
      statements: {
        totalCount: 2,
        nodes: ['listed-two', 'listed-one'].map((slug) => ({ slug, collection: { slug: 'listed' } })),
      },
    });
  });

  it('refuses a file whose name it has twice', async () => {
    const files = [1, 2].map((length) => ({ name: 'same.csv', digest: 'a'.repeat(64), length }));
    const query = 'mutation ($input: SaveCollectionInput!) { saveCollection(input: $input) { position } }';
    const error = await refusal(query, { title: 'Twice', files });
    expect(error.message).toContain('names “same.csv” twice');
  });

  it('keeps what it added where another collection brings the same later', async () => {
    const first = await makeBatch('earlier');
    const later = await collect('later');
    const again = { key: 'shared', text: 'The same row of two files.' };
    const [recorded] = await statements(first, [again]);
    const [repeated] = await statements(later, [again]);
    expect(repeated).toMatchObject({ id: recorded?.id, created: false });
    await test.db.prisma.$transaction((tx) =>
      saveActors(tx, [{ slug: 'earlier-state', description: 'A state.' }], 'importer', { collection: later }),
    );
    const { statement, actor } = await recorder.data<Record<string, { collection: { slug: string } }>>(
      '{ statement(key: "shared") { collection { slug } } actor(slug: "earlier-state") { collection { slug } } }',
    );
    expect([statement?.collection.slug, actor?.collection.slug]).toEqual(['earlier', 'earlier']);
  });

  it('keeps a statement that is revised', async () => {
    const collection = await collect('revised');
    await statements(collection, [{ slug: 'to-revise' }]);
    await recorder.data(
      'mutation ($input: ReviseStatementInput!) { reviseStatement(input: $input) { position } }',
      {
        input: { id: 'to-revise', act: 'WARN' },
      },
    );
    const filter = { collections: ['revised'], acts: ['WARN'] };
    const { statements: found } = await recorder.data<{ statements: { nodes: { slug: string }[] } }>(
      'query ($filter: StatementFilter) { statements(filter: $filter) { nodes { slug } } }',
      { filter },
    );
    expect(found.nodes).toEqual([{ slug: 'to-revise' }]);
  });

  it('can be followed: its additions and its retraction arrive, and nothing else does', async () => {
    const after = await head();
    const collection = await collect('followed');
    await statements(collection, [{ slug: 'followed-first' }]);
    const socket = new TestSocket(service.origin);
    const mine = socket.follow({
      query: CHANGED,
      variables: { filter: { collections: ['followed'] }, after },
    });
    await mine.count(1);
    await record(test.db, { slug: 'not-followed' });
    await statements(collection, [{ slug: 'followed-second' }]);
    await mine.count(2);
    await recorder.data(RETRACT, { input: { slug: 'followed', reason: 'A test.' } });
    await mine.count(4);
    expect(mine.changes.map(({ kind, statement }) => `${kind} ${statement.slug}`)).toEqual([
      'STATEMENT_ADDED followed-first',
      'STATEMENT_ADDED followed-second',
      'STATEMENT_RETRACTED followed-first',
      'STATEMENT_RETRACTED followed-second',
    ]);
    await socket.close();
  });

  it('that the record does not have is warned of', async () => {
    const { extensions } = (await service.ask(
      '{ statements(filter: { collections: ["followd"] }) { totalCount } }',
    )) as { extensions?: { warnings?: { message: string }[] } };
    expect(extensions?.warnings?.map(({ message }) => message)).toEqual([
      'The record has no collection “followd”. Did you mean followed?',
    ]);
  });
});

describe('a retraction of a collection', () => {
  it('retracts its statements and withdraws its entries, those that refer to others first', async () => {
    await makeBatch('bad');
    const before = await head();
    const { retractCollection: done } = await recorder.data<{ retractCollection: object }>(RETRACT, {
      input: { slug: 'bad', reason: 'Wrong encoding.' },
    });
    const retraction = { reason: 'Wrong encoding.', by: 'Rita' };
    expect(done).toEqual({
      ...{ retracted: 2, remaining: 0, withdrawn: 7, kept: 0, isComplete: true },
      collection: { slug: 'bad', retraction },
    });
    expect(await changesAfter(before)).toEqual([
      'STATEMENT_RETRACTED bad-one',
      'STATEMENT_RETRACTED bad-two',
      'EVENT_WITHDRAWN bad-event',
      'SOURCE_WITHDRAWN bad-source',
      'TOPIC_WITHDRAWN bad-below',
      'TOPIC_WITHDRAWN bad-above',
      'ACTOR_WITHDRAWN bad-deputy',
      'ACTOR_WITHDRAWN bad-company',
      'ACTOR_WITHDRAWN bad-state',
      'COLLECTION_RETRACTED bad',
    ]);
    const found = await recorder.data<Record<string, { nodes: unknown[] }>>(`{
      actors(search: "bad") { nodes { slug } } topics(search: "bad") { nodes { slug } }
      sources(search: "bad") { nodes { slug } } events(search: "bad") { nodes { slug } }
      statements(filter: { collections: ["bad"] }) { nodes { slug } }
    }`);
    expect(Object.values(found).map(({ nodes }) => nodes.length)).toEqual([0, 0, 0, 0, 0]);
    const { statement, collections } = await recorder.data<{
      statement: object;
      collections: { nodes: object[] };
    }>(
      '{ statement(slug: "bad-one") { status speakers { slug withdrawal { reason } } } collections { nodes { slug } } }',
    );
    expect(statement, 'the history of a retracted statement').toEqual({
      status: 'RETRACTED',
      speakers: [{ slug: 'bad-deputy', withdrawal: { reason: 'Wrong encoding.' } }],
    });
    expect(collections.nodes).not.toContainEqual({ slug: 'bad' });
  });

  it('keeps what other entries refer to, and counts it', async () => {
    await makeBatch('used');
    await record(test.db, { slug: 'of-others', speakers: ['used-company'] });
    const { retractCollection: done } = await recorder.data<{ retractCollection: object }>(RETRACT, {
      input: { slug: 'used', reason: 'A test.' },
    });
    expect(done).toMatchObject({ retracted: 2, withdrawn: 5, kept: 2, isComplete: true });
    const { actors } = await recorder.data<{ actors: { nodes: { slug: string }[] } }>(
      '{ actors(search: "used") { nodes { slug } } }',
    );
    expect(actors.nodes.map(({ slug }) => slug).sort()).toEqual(['used-company', 'used-state']);
  });

  it('shows until it is complete, or until the collection is saved', async () => {
    await makeBatch('half');
    const retracting = async (): Promise<string | null | undefined> => {
      await delivered(service, BigInt(await head()));
      const { collection } = await recorder.data<{ collection: { retracting: string | null } | null }>(
        '{ collection(slug: "half") { retracting } }',
      );
      return collection?.retracting;
    };
    expect(await retracting()).toBeNull();
    await retractCollection(test.db.prisma, 'half', 'Half of it is wrong.', 'recorder', 1);
    expect(await retracting()).toBe('Half of it is wrong.');
    await test.db.prisma.$transaction((tx) => saveCollection(tx, { slug: 'half', version: '2' }, 'recorder'));
    // The service learns of the save when it reads the log.
    await expect.poll(retracting).toBeNull();
    await retractCollection(test.db.prisma, 'half', 'All of it is wrong.', 'recorder', 1);
    await retractCollection(test.db.prisma, 'half', 'All of it is wrong.', 'recorder');
    expect(await retracting()).toBeNull();
  });

  it('goes on where an earlier one was interrupted', async () => {
    const collection = await makeBatch('long');
    const before = await head();
    const [first, second, third] = [
      await retractCollection(test.db.prisma, 'long', 'A test.', 'recorder', 1),
      await retractCollection(test.db.prisma, 'long', 'A test.', 'recorder', 4),
      await retractCollection(test.db.prisma, 'long', 'A test.', 'recorder'),
    ];
    expect(first).toMatchObject({ id: collection, retracted: 1, remaining: 1, isComplete: false });
    expect(second).toMatchObject({ retracted: 1, remaining: 0, withdrawn: 3, isComplete: false });
    expect(third).toMatchObject({ retracted: 0, withdrawn: 4, isComplete: true });
    const again = await retractCollection(test.db.prisma, 'long', 'A test.', 'recorder');
    expect(again).toEqual({
      id: collection,
      remaining: 0,
      position: null,
      retracted: 0,
      withdrawn: 0,
      kept: 0,
      isComplete: true,
    });
    const { rows } = await test.db.pool.query('SELECT FROM change WHERE position > $1', [before]);
    expect(rows).toHaveLength(10);
  });

  it('can be followed by a new import, which makes its entries current again', async () => {
    await makeBatch('again');
    await retractCollection(test.db.prisma, 'again', 'A test.', 'recorder');
    const collection = await collect('again');
    const save = (slug: string) =>
      test.db.prisma.$transaction((tx) =>
        saveActors(tx, [{ slug, name: slug, kind: 'PERSON' }], 'importer', {
          collection,
          keepExisting: true,
        }),
      );
    expect(await save('again-deputy')).toMatchObject([
      { created: false, changed: ['name', 'affiliations', 'withdrawal'] },
    ]);
    const { actors: found } = await recorder.data<{ actors: { nodes: object[] } }>(
      '{ actors(search: "again") { nodes { slug withdrawal { reason } collection { slug retraction { reason } } } } }',
    );
    expect(found.nodes).toEqual([
      { slug: 'again-deputy', withdrawal: null, collection: { slug: 'again', retraction: null } },
    ]);

    const content = statementInput({ speakers: ['again-deputy'], text: 'It was said after all.' });
    const fields = { source: 'again-source', topics: [{ topic: 'again-below' }] };
    const [known] = await statements(collection, [
      { slug: 'again-two', speakers: ['again-deputy'], ...fields },
    ]);
    expect(known, 'a retracted statement is told apart').toMatchObject({ created: false, isRetracted: true });
    const id = known?.id as number;
    const socket = new TestSocket(service.origin);
    const filter = { collections: ['again'] };
    const mine = socket.follow({ query: CHANGED, variables: { filter, after: await head() } });
    await test.db.prisma.$transaction((tx) => reinstateStatement(tx, id, content, collection, 'importer'));
    await mine.count(1);
    expect(mine.changes[0]).toMatchObject({ kind: 'STATEMENT_REVISED', statement: { slug: 'again-two' } });
    await socket.close();
    const marks = await test.db.prisma.statement.findMany({
      where: { slug: { in: ['again-one', 'again-two'] } },
      select: { isReinstatable: true },
      orderBy: { slug: 'asc' },
    });
    expect(marks.map(({ isReinstatable }) => isReinstatable)).toEqual([true, false]);
    const { statement } = await recorder.data<{ statement: object }>(
      '{ statement(slug: "again-two") { text status retraction { reason } collection { slug } revisions { content } } }',
    );
    expect(statement).toEqual({
      ...{
        text: 'It was said after all.',
        status: 'CURRENT',
        retraction: null,
        collection: { slug: 'again' },
      },
      revisions: [{ content: expect.stringContaining('"retractionReason":"A test."') }],
    });
    const twice = test.db.prisma.$transaction((tx) =>
      reinstateStatement(tx, id, content, collection, 'importer'),
    );
    await expect(twice).rejects.toThrow('is current');
  });

  it('withdraws actors that only refer to one another', async () => {
    const collection = await collect('circle');
    const actors = [1, 2, 3].map((n) => ({
      ...{ slug: `circle-${n}`, name: `Circle ${n}`, kind: 'BODY' },
      affiliations: [{ in: `circle-${(n % 3) + 1}`, role: 'Part' }],
    }));
    const used = {
      slug: 'circle-used',
      name: 'Used',
      kind: 'BODY',
      affiliations: [{ in: 'circle-end', role: 'Part' }],
    };
    const end = {
      slug: 'circle-end',
      name: 'End',
      kind: 'BODY',
      affiliations: [{ in: 'circle-used', role: 'Part' }],
    };
    await test.db.prisma.$transaction((tx) =>
      saveActors(tx, [...actors, used, end], 'importer', { collection }),
    );
    await record(test.db, { slug: 'uses-a-circle', speakers: ['circle-used'] });
    const done = await retractCollection(test.db.prisma, 'circle', 'A test.', 'recorder');
    expect(done).toMatchObject({ withdrawn: 3, kept: 2, isComplete: true });
  });

  it('needs a reason, and a collection', async () => {
    expect((await refusal(RETRACT, { slug: 'again', reason: ' ' })).extensions?.inputPath).toEqual([
      'input',
      'reason',
    ]);
    const unknown = await refusal(RETRACT, { slug: 'unknown', reason: 'A test.' });
    expect(unknown.extensions).toMatchObject({ code: 'NOT_FOUND', inputPath: ['input', 'slug'] });
  });
});

describe('a withdrawal', () => {
  it('is refused with the number of what refers to the entry, and three examples', async () => {
    for (const n of [1, 2, 3, 4]) await record(test.db, { slug: `cited-${n}`, addressees: ['boris'] });
    const event = {
      slug: 'with-boris',
      name: 'With Boris',
      kind: 'CALL',
      date: '2025',
      participants: ['boris'],
    };
    await test.db.prisma.$transaction((tx) => saveEvents(tx, [event], 'test'));
    const error = await refusal(WITHDRAW, { slug: 'boris', reason: 'A test.' });
    expect(error.extensions).toMatchObject({ code: 'CONFLICT', inputPath: ['input', 'slug'] });
    expect(error.message).toContain(
      '1 event (“with-boris”), 4 statements (“cited-1”, “cited-2”, “cited-3” …)',
    );
  });

  it('leaves the slug taken, and ends with a save', async () => {
    const input = { slug: 'mistaken', name: 'Mistaken', kind: 'PERSON' };
    await recorder.data(SAVE_ACTOR, { input });
    await recorder.data(WITHDRAW, { input: { slug: 'mistaken', reason: 'Entered twice.' } });
    const READ = `{ actor(slug: "mistaken") { withdrawal { reason by } revisionCount } record { actors }
      actors(first: 100) { nodes { slug } } }`;
    type Read = { actor: object; record: { actors: number }; actors: { nodes: { slug: string }[] } };
    const withdrawn = await recorder.data<Read>(READ);
    expect(withdrawn.actor).toEqual({
      withdrawal: { reason: 'Entered twice.', by: 'Rita' },
      revisionCount: 1,
    });
    expect(withdrawn.actors.nodes).not.toContainEqual({ slug: 'mistaken' });
    expect(withdrawn.record.actors).toBe(withdrawn.actors.nodes.length);
    const twice = await refusal(WITHDRAW, { slug: 'mistaken', reason: 'Again.' });
    expect(twice.message).toBe('The actor “mistaken” is withdrawn already.');
    const statement = statementInput({ speakers: ['mistaken'] });
    const refused = await refusal(
      'mutation ($input: RecordStatementInput!) { recordStatement(input: $input) { position } }',
      statement,
    );
    expect(refused.message).toContain(
      'names the actor “mistaken”, which was withdrawn. Save it to make it current again',
    );
    const incomplete = await refusal(SAVE_ACTOR, { slug: 'mistaken', name: 'Mistaken' });
    expect(incomplete.message).toContain(
      'The actor “mistaken” was withdrawn, and needs it to become current again',
    );
    const { saveActor } = await recorder.data<{ saveActor: object }>(SAVE_ACTOR, { input });
    expect(saveActor).toEqual({
      created: false,
      changed: ['withdrawal'],
      actor: { withdrawal: null, collection: null },
    });
    const current = await recorder.data<Read>(READ);
    expect(current.actor).toEqual({ withdrawal: null, revisionCount: 2 });
    expect(current.actors.nodes).toContainEqual({ slug: 'mistaken' });
  });

  it('takes an actor out of the members of another, and a topic out of the subtopics', async () => {
    const read = () =>
      recorder.data<object>(`{ actor(slug: "used-state") { memberCount members { actor { slug } } }
        topic(slug: "trade") { childCount children { slug } } }`);
    const actor = {
      slug: 'a-member',
      name: 'A member',
      kind: 'PERSON',
      affiliations: [{ in: 'used-state', role: 'R' }],
    };
    await recorder.data(SAVE_ACTOR, { input: actor });
    const topic = { slug: 'a-subtopic', name: 'A subtopic', parent: 'trade' };
    await test.db.prisma.$transaction((tx) => saveTopics(tx, [topic], 'test'));
    await recorder.data(WITHDRAW, { input: { slug: 'a-member', reason: 'A test.' } });
    await recorder.data(
      'mutation ($input: WithdrawInput!) { withdrawTopic(input: $input) { topic { slug } } }',
      {
        input: { slug: 'a-subtopic', reason: 'A test.' },
      },
    );
    expect(await read()).toEqual({
      actor: { memberCount: 1, members: [{ actor: { slug: 'used-company' } }] },
      topic: { childCount: 0, children: [] },
    });
  });

  it('needs a recorder', async () => {
    const { errors } = await service.ask(WITHDRAW, { input: { slug: 'anna', reason: 'A test.' } });
    expect(errors?.[0]?.extensions?.code).toBe('UNAUTHENTICATED');
  });
});

it('the history of all this has the content that its digests name', async () => {
  const client = new pg.Client({ connectionString: test.url });
  await client.connect();
  try {
    const report = await verifyDatabase(client, null, () => undefined);
    expect(report.mismatches).toEqual([]);
  } finally {
    await client.end();
  }
});
