import { afterEach, describe, expect, it } from 'vitest';
import { Cancellation } from '../../src/db/pool/cancellation.ts';
import { Canceller } from '../../src/db/pool/canceller.ts';
import { SqlClock } from '../../src/db/pool/sqlClock.ts';
import type { Transaction } from '../../src/db/sql.ts';
import { ACTOR } from '../../src/domain/actor.ts';
import { reviseStatement } from '../../src/domain/statement/revise.ts';
import { withdrawUnreferred } from '../../src/domain/withdraw.ts';
import type { Facets } from '../../src/log/facets.ts';
import { Catalog } from '../../src/read/memory/catalog.ts';
import { parseFilter } from '../../src/read/statements/filter.ts';
import { MatchLoaders } from '../../src/read/statements/matchLoaders.ts';
import type { TestDatabase } from '../support/database.ts';
import { ADDED, type Received, TestSocket } from '../support/follow.ts';
import { recordSql } from '../support/graphql.ts';
import { saveActor, saveTopic } from '../support/saves.ts';
import { delivered, type TestService } from '../support/service.ts';
import { until } from '../support/until.ts';
import { type TestRecorder, useService } from '../support/useService.ts';
import { record, WORLD } from '../support/world.ts';

const FOLLOWERS = 50;

let test: TestDatabase;
let service: TestService;
let recorder: TestRecorder;
const sockets: TestSocket[] = [];

useService('world', (used) => {
  ({ test, service, recorder } = used);
});
afterEach(async () => {
  await Promise.all(sockets.splice(0).map((socket) => socket.close()));
  await until('the end of all readers', () => service.hub.counts.readers === 0);
});

/** Subscriptions on one socket, once all have caught up. */
async function follow(filters: readonly object[]): Promise<Received[]> {
  const socket = new TestSocket(service.origin);
  sockets.push(socket);
  const received = filters.map((filter) => socket.follow({ query: ADDED, variables: { filter } }));
  await until(`${filters.length} feeds`, () => service.hub.counts.feeds >= filters.length);
  return received;
}

/** Different filters; each names an actor, a topic, or an entry that the record does not have. */
function differing(): object[] {
  return Array.from({ length: FOLLOWERS }, (_, i) => {
    const saidFrom = `2020-01-${String(1 + (i % 25)).padStart(2, '0')}`;
    const actor = WORLD.actors[i % WORLD.actors.length];
    const filters = [
      { speakers: [actor] },
      { topics: ['peace'] },
      { any: [{ topics: ['trade'] }, { sources: ['second-source'] }] },
      { speakers: [`missing-${i}`] },
      { not: { events: ['talks'] }, positions: [{ topic: 'truce', stance: 'OPPOSES' }] },
    ];
    return { ...filters[i % filters.length], saidFrom, ...(i < 25 ? {} : { modes: ['INDIRECT'] }) };
  });
}

/** The SQL for subscribers while a mutation runs and its change is delivered. */
async function sqlOf(field: string, input: object): Promise<string[]> {
  const texts = recordSql(service.liveDb);
  const type = `${field[0]?.toUpperCase()}${field.slice(1)}Input`;
  const { data, errors } = await recorder.answer<Record<string, { position: string }>>(
    `mutation ($input: ${type}!) { ${field}(input: $input) { position } }`,
    { input },
  );
  expect(errors).toBeUndefined();
  await delivered(service, BigInt(data?.[field]?.position ?? 0));
  return texts;
}

describe('saving beside fifty subscriptions that differ', () => {
  it('prepares none again for an actor, topic, source or event that is revised', async () => {
    await follow(differing());
    const saves = [
      ['saveActor', { slug: 'anna', name: 'Anna the Second', kind: 'PERSON' }],
      ['saveTopic', { slug: 'trade', name: 'Trade in goods' }],
      ['saveSource', { slug: 'first-source', title: 'The first source' }],
      ['saveEvent', { slug: 'talks', name: 'The talks', kind: 'MEETING', date: '2025-07-01' }],
    ] as const;
    for (const [field, input] of saves) expect([field, await sqlOf(field, input)]).toEqual([field, []]);
  });

  it('prepares none again for an added thing that no filter names', async () => {
    await follow(differing());
    expect(await sqlOf('saveActor', { slug: 'eve', name: 'Eve', kind: 'PERSON' })).toEqual([]);
    expect(await sqlOf('saveTopic', { slug: 'grain', name: 'Grain', parent: 'peace' })).toEqual([]);
  });

  it('prepares those that name an added thing, with one SQL statement, and these deliver from then on', async () => {
    const received = await follow(differing());
    const sql = await sqlOf('saveActor', { slug: 'missing-3', name: 'Found', kind: 'PERSON' });
    expect(sql).toHaveLength(1);
    expect(sql[0]).toContain('FROM actor WHERE slug');
    await record(test.db, { slug: 'found-speaks', speakers: ['missing-3'] });
    await received[3]?.count(1);
    expect(received[3]?.slugs).toEqual(['found-speaks']);
    expect(received[8]?.slugs).toEqual([]);
  });

  it('follows the tree of topics as they are added and moved, without any SQL', async () => {
    const [peace, trade, both] = (await follow([
      { topics: ['peace'] },
      { topics: ['trade'] },
      { topics: ['trade'], not: { topics: ['peace'] } },
    ])) as [Received, Received, Received];
    const say = (slug: string) => record(test.db, { slug, topics: [{ topic: 'fish' }] });
    expect(await sqlOf('saveTopic', { slug: 'sea', name: 'Sea', parent: 'peace' })).toEqual([]);
    expect(await sqlOf('saveTopic', { slug: 'fish', name: 'Fish', parent: 'sea' })).toEqual([]);
    await say('fish-of-peace');
    expect(await sqlOf('saveTopic', { slug: 'sea', name: 'Sea', parent: 'trade' })).toEqual([]);
    await say('fish-of-trade');
    expect(await sqlOf('saveTopic', { slug: 'sea', name: 'Sea', parent: null })).toEqual([]);
    await say('fish-of-nothing');
    expect(await sqlOf('saveTopic', { slug: 'fish', name: 'Fish', parent: 'truce' })).toEqual([]);
    await say('fish-of-truce');
    await peace.count(2);
    expect(peace.slugs).toEqual(['fish-of-peace', 'fish-of-truce']);
    expect(trade.slugs).toEqual(['fish-of-trade']);
    expect(both.slugs).toEqual(['fish-of-trade']);
  });
});

describe('changes that are read together', () => {
  /** Runs writes in one transaction, so that their changes are read together, and waits until these are delivered. */
  async function together(write: (tx: Transaction) => Promise<void>): Promise<void> {
    await test.db.prisma.$transaction(write);
    const { rows } = await test.db.pool.query<{ position: string }>('SELECT position FROM head');
    await delivered(service, BigInt(rows[0]?.position ?? 0));
  }

  it('are each matched with the tree of topics that the changes before them have left', async () => {
    const [peace, trade, both] = (await follow([
      { topics: ['peace'] },
      { topics: ['trade'] },
      { topics: ['trade'], not: { topics: ['peace'] } },
    ])) as [Received, Received, Received];
    const start = service.tailer.head;
    await together(async (tx) => {
      const move = (parent: string | null) => saveTopic(tx, { slug: 'coal', name: 'Coal', parent }, 'test');
      const say = (slug: string) => record({ prisma: tx }, { slug, topics: [{ topic: 'coal' }] });
      await move('peace');
      await say('coal-of-peace');
      await move('trade');
      await say('coal-of-trade');
      await move(null);
      await say('coal-of-nothing');
      await move('truce');
      await say('coal-of-truce');
    });
    await peace.count(2);
    expect(peace.slugs).toEqual(['coal-of-peace', 'coal-of-truce']);
    expect(trade.slugs).toEqual(['coal-of-trade']);
    expect(both.slugs).toEqual(['coal-of-trade']);
    expect(service.tailer.head.position - start.position, 'changes').toBe(8n);
  });

  it('are matched by the actor that a slug names at each of them', async () => {
    await together(async (tx) => {
      await saveActor(tx, { slug: 'carol', name: 'Carol', kind: 'PERSON' }, 'test');
      await saveActor(tx, { slug: 'dora', name: 'Dora', kind: 'PERSON' }, 'test');
    });
    const [received] = (await follow([{ speakers: ['carol'] }])) as [Received];
    await together(async (tx) => {
      const { id } = await record({ prisma: tx }, { slug: 'carol-speaks', speakers: ['carol'] });
      await record({ prisma: tx }, { slug: 'dora-speaks', speakers: ['dora'] });
      await reviseStatement(tx, id, { speakers: ['dora'] }, null, 'test');
      await withdrawUnreferred(tx, ACTOR, ['carol'], 'The same person.', 'test', { mergedInto: 'dora' });
    });
    await record(test.db, { slug: 'dora-speaks-again', speakers: ['dora'] });
    await received.count(2);
    expect(received.slugs).toEqual(['carol-speaks', 'dora-speaks-again']);
  });
});

describe('searches', () => {
  it('of fifty subscriptions, and of all alternatives in each, are one SQL statement for a change', async () => {
    const filters = Array.from({ length: FOLLOWERS }, (_, i) => ({
      any: Array.from({ length: 10 }, (_, k) => ({ search: `word${(i + k) % 60}` })),
    }));
    const received = await follow([...filters, { search: 'needle' }]);
    const texts = recordSql(service.liveDb);
    await record(test.db, { slug: 'has-needle', text: 'A needle in the hay.' });
    await received.at(-1)?.count(1);
    expect(texts).toHaveLength(1);
    expect(texts[0]).toContain('search_query_in');
  });

  it('for the same words in the same statement are made once', async () => {
    const loaders = new MatchLoaders(test.db, new Catalog());
    const values = await valuesOf(async () => {
      const facets = { text: 'A truce.', quote: null, language: null } as Facets;
      const other = { text: 'A war.', quote: null, language: 'de' } as Facets;
      const found = await Promise.all([
        loaders.search(facets, ['truce', 'war'], null),
        loaders.search(facets, ['truce'], null),
        loaders.search(other, ['war'], null),
      ]);
      expect(found.map((search) => [...search.found])).toEqual([['truce'], ['truce'], ['war']]);
    });
    expect(values).toEqual([
      [
        ['A truce.', 'A war.'],
        [null, null],
        [null, 'de'],
        ['truce', 'war'],
        [1, 1, 2],
        [1, 2, 2],
        [null, null],
        [null, null],
        [null, null],
      ],
    ]);
  });
});

it('filters that are prepared in one turn read their slugs together, in lists of a limited length', async () => {
  const speakers = (from: number, to: number) => ({
    speakers: Array.from({ length: to - from }, (_, i) => `unknown-${from + i}`),
  });
  const loaders = new MatchLoaders(test.db, new Catalog());
  const conditions = [0, 50, 99].map((from) =>
    parseFilter({ any: Array.from({ length: 45 }, (_, i) => speakers(i * 100 + from, i * 100 + 100)) }),
  );
  conditions.push(parseFilter({ speakers: ['carol'] }));
  const texts = recordSql(test.db);
  const names = await Promise.all(conditions.map((condition) => loaders.prepare(condition)));
  expect(names.map(({ actor }) => actor.size)).toEqual([0, 0, 0, 1]);
  expect(texts.length, '4,501 slugs').toBe(2);
});

it('the time of the SQL for searches is shared evenly by all who ask', async () => {
  const works: Cancellation[] = [];
  let idle = 0;
  const clock = new SqlClock(1, () => {
    idle += 100;
    return idle;
  });
  const canceller = new Canceller(test.db.pool, clock);
  const loaders = new MatchLoaders(test.db, new Catalog(), () => {
    const work = new Cancellation(canceller);
    works.push(work);
    return work;
  });
  const facets = { text: 'A truce.', quote: null, language: null } as Facets;
  const all = await Promise.all([
    loaders.search(facets, ['truce', 'war'], null),
    loaders.search(facets, ['truce'], null),
    loaders.search(facets, ['truce'], null),
  ]);
  const total = works[0]?.sqlMs as number;
  expect(works).toHaveLength(1);
  expect(total).toBeGreaterThan(0);
  expect(all.map(({ sqlMs }) => sqlMs / total)).toEqual([
    expect.closeTo(1 / 6 + 1 / 2),
    expect.closeTo(1 / 6),
    expect.closeTo(1 / 6),
  ]);
});

/** The values of the SQL statements that run in the meantime. */
async function valuesOf(run: () => Promise<void>): Promise<unknown[]> {
  const client = await test.db.pool.connect();
  const send = client.query.bind(client) as (...args: unknown[]) => unknown;
  const values: unknown[] = [];
  const query = (...args: unknown[]): unknown => {
    values.push((args[0] as { values?: unknown }).values);
    return send(...args);
  };
  Object.assign(client, { query });
  client.release();
  await run();
  Object.assign(client, { query: send });
  return values;
}
