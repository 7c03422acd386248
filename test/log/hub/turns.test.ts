import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Batch } from '../../../src/http/live/batch.ts';
import type { MatchableEntry } from '../../../src/log/change.ts';
import { formatCursor } from '../../../src/log/cursor.ts';
import type { Candidate, Feed, Rendered, Result, Sink } from '../../../src/log/hub/delivery.ts';
import type { OpenSubscription } from '../../../src/log/hub/hub.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { bearer, delivered, startTestService, type TestService } from '../../support/service.ts';
import { until } from '../../support/until.ts';
import { makeWorld, record } from '../../support/world.ts';

let test: TestDatabase;
let service: TestService;
let recorder: Record<string, string>;
const open: OpenSubscription[] = [];
/** Number of the current turn of the event loop. */
let turn = 0;
let isCounting = true;

function countTurns(): void {
  turn += 1;
  if (isCounting) setImmediate(countTurns);
}

beforeAll(async () => {
  test = await createTestDatabase({ seeded: false });
  await makeWorld(test.db.prisma);
  service = await startTestService(test.url);
  recorder = await bearer(test.db, 'recorder');
  countTurns();
});
afterEach(async () => {
  for (const reading of open.splice(0)) reading.close();
  await until('the end of all readers', () => service.hub.counts.readers === 0);
});
afterAll(async () => {
  isCounting = false;
  await service.stop();
  await test.drop();
});

/** Keeps the event loop busy for longer than a slice of `inSteps`. */
function work(): void {
  const endMs = performance.now() + 15;
  while (performance.now() < endMs);
}

/** A feed that every statement belongs to, and that counts in which turns it worked. */
class CountingFeed implements Feed<Batch> {
  readonly marks = null;
  readonly matchPoints = 0.5;
  readonly searchPoints = 0;
  readonly prepared: number[] = [];
  readonly rendered: number[] = [];
  /** How many changes it rendered at once. */
  readonly lengths: number[] = [];

  constructor(
    readonly key: string,
    readonly renderPoints = 1,
    readonly missing: readonly string[] = [],
  ) {}

  names = (): boolean => this.missing.length > 0;

  candidate = (entry: MatchableEntry): Candidate => ({ entry, decide: null });

  async prepare(): Promise<void> {
    work();
    this.prepared.push(turn);
  }

  async render(candidates: readonly Candidate[]): Promise<Rendered> {
    this.rendered.push(turn);
    this.lengths.push(candidates.length);
    const renderings = candidates.map(({ entry }) => {
      const cursor = formatCursor(entry);
      return { atMs: 0, position: entry.position, cursor, pieces: ['{}'], points: this.renderPoints };
    });
    return { renderings, matchPoints: 0 };
  }
}

/** A reader that takes long for each delivery. */
class SlowSink implements Sink {
  readonly transport = 'sse';
  readonly cursors: string[] = [];
  readonly turns: number[] = [];
  readonly bufferedBytes = 0;

  next(results: readonly Result[]): void {
    work();
    this.cursors.push(...results.map(({ cursor }) => cursor));
    this.turns.push(turn);
  }

  async drained(): Promise<void> {}

  end(): void {}
}

const feedsOf = (count: number, renderPoints?: number, missing?: readonly string[]): CountingFeed[] =>
  Array.from({ length: count }, (_, i) => new CountingFeed(`feed ${i}`, renderPoints, missing));

/** Opens a reader of each feed, and waits until all have caught up. */
async function read(feeds: readonly CountingFeed[]): Promise<SlowSink[]> {
  const sinks = feeds.map((feed) => {
    const sink = new SlowSink();
    open.push(service.hub.subscribe(feed, null, sink, null));
    return sink;
  });
  await until('the end of all replays', () => service.hub.counts.replays === 0);
  return sinks;
}

async function deliver(): Promise<void> {
  const { position } = await record(test.db);
  await delivered(service, position);
}

describe('the hub lets the event loop turn', () => {
  it('between the feeds that it prepares for new readers', async () => {
    const feeds = feedsOf(5);
    await read(feeds);
    expect(new Set(feeds.flatMap(({ prepared }) => prepared)).size).toBe(5);
  });

  it('between the feeds that it prepares again since what they name was added', async () => {
    const feeds = feedsOf(5, 1, ['actor eve']);
    await read(feeds);
    for (const { prepared } of feeds) prepared.length = 0;
    const mutation = 'mutation { saveActor(input: { slug: "eve", name: "Eve", kind: PERSON }) { position } }';
    const { data } = await service.ask<{ saveActor: { position: string } }>(mutation, {}, recorder);
    await delivered(service, BigInt(data?.saveActor.position ?? 0));
    const turns = feeds.flatMap(({ prepared }) => prepared);
    expect(turns).toHaveLength(5);
    expect(new Set(turns).size).toBe(5);
  });

  it('between the answers that it renders, by what they cost', async () => {
    const feeds = feedsOf(60, 1_000);
    await read(feeds);
    await deliver();
    const turns = feeds.flatMap(({ rendered }) => rendered);
    expect(turns).toHaveLength(60);
    expect(new Set(turns).size, 'turns for 60,000 points').toBeGreaterThanOrEqual(6);
  });

  it('between the readers that it delivers to, each of which has all changes in order', async () => {
    const feed = new CountingFeed('shared');
    const sinks = await read([feed, feed, feed, feed, feed]);
    await deliver();
    await deliver();
    const turns = sinks.flatMap(({ turns }) => turns);
    expect(new Set(turns).size, 'turns for two deliveries to five readers').toBe(10);
    const [first] = sinks;
    expect(first?.cursors).toHaveLength(2);
    for (const { cursors } of sinks) expect(cursors).toEqual(first?.cursors);
  });
});

it('prepares no feed whose reader has gone before its turn', async () => {
  const feeds = feedsOf(40);
  const readings = feeds.map((feed) => service.hub.subscribe(feed, null, new SlowSink(), null));
  for (const reading of readings.slice(1)) reading.close();
  open.push(...readings);
  await until('the end of all replays', () => service.hub.counts.replays === 0);
  expect(feeds.map(({ prepared }) => prepared.length)).toEqual([1, ...Array<number>(39).fill(0)]);
});

it('an expensive feed replays few changes at once', async () => {
  const start = service.tailer.head;
  for (let i = 0; i < 6; i += 1) await record(test.db);
  const { position } = await record(test.db);
  await delivered(service, position);
  const feed = new CountingFeed('expensive', 20_000);
  open.push(service.hub.subscribe(feed, start, new SlowSink(), null));
  await until('the end of all replays', () => service.hub.counts.replays === 0);
  expect(feed.lengths).toEqual([2, 2, 2, 1]);
});
