import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { freePort, ServiceProcess } from './chaos/service.ts';
import { generate } from './generate.ts';
import { cpuMs, median, writeResults } from './measure.ts';
import { Crowd, differingFilter } from './saves/crowd.ts';
import { measureLists } from './saves/lists.ts';
import { withTemporaryServer } from './temporaryServer.ts';

/*
 * Saving with idle subscriptions: how many actors, topics and statements are saved in a second, what each costs
 * the process, and how long a statement takes to its subscriber, with zero and up to thousands of other
 * subscriptions with different filters. Then lists of actors, topics, sources and events, new ones and patches, with the CPU of PostgreSQL.
 * `--only single` and `--only lists` do one of the two. CPU is read from /proc, so on Linux only.
 */
const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    lists: { type: 'string', default: '10' },
    subscriptions: { type: 'string', default: '0,200,2000,10000' },
    statements: { type: 'string', default: '5000' },
    rounds: { type: 'string', default: '5' },
    ms: { type: 'string', default: '1500' },
  },
});
const ROUNDS = Number(values.rounds);
const ROUND_MS = Number(values.ms);
const WRITERS = 4;
const DELIVERIES = 20;
/** A process that uses less than a twentieth of a CPU for this long is idle. */
const SETTLE_MS = 1_000;
const IDLE_CPU_MS = SETTLE_MS / 20;

type Row = Record<string, string | number>;

const saveActor = (slug: string): [string, object] => [
  'mutation ($input: SaveActorInput!) { saveActor(input: $input) { position } }',
  { slug, name: slug, kind: 'PERSON', description: randomUUID() },
];
const saveTopic = (slug: string, parent: string): [string, object] => [
  'mutation ($input: SaveTopicInput!) { saveTopic(input: $input) { position } }',
  { slug, name: slug, parent },
];
const recordStatement = (speaker: string): [string, object] => [
  'mutation ($input: RecordStatementInput!) { recordStatement(input: $input) { position } }',
  {
    ...{ key: randomUUID(), text: 'A truce is near.', mode: 'INDIRECT', act: 'STATE', speakers: [speaker] },
    ...{ said: '2026-07-01', source: 'source-1', topics: [{ topic: 'topic-50' }] },
  },
];

let serial = 0;
const nextNumber = (max: number): number => {
  serial += 1;
  return serial % max;
};
const WORKLOADS: Readonly<Record<string, () => [string, object]>> = {
  'actor revised': () => saveActor(`actor-${2 + nextNumber(900)}`),
  'actor added': () => saveActor(`added-${randomUUID()}`),
  'topic added below': () => saveTopic(`added-${randomUUID()}`, 'topic-3'),
  'topic moved': () => saveTopic('moved', `topic-${1 + nextNumber(20)}`),
  'statement recorded': () => recordStatement('actor-999'),
};

/** Waits until a process is idle: all subscriptions have begun, and garbage is collected. */
async function settled(pid: number): Promise<void> {
  let before = await cpuMs(pid);
  for (;;) {
    await sleep(SETTLE_MS);
    const now = await cpuMs(pid);
    if (now - before < IDLE_CPU_MS) return;
    before = now;
  }
}

class Target {
  readonly #service: ServiceProcess;
  readonly #token: string;

  constructor(service: ServiceProcess, token: string) {
    this.#service = service;
    this.#token = token;
  }

  async save([query, input]: [string, object]): Promise<void> {
    const response = await fetch(`${this.#service.origin}/graphql`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables: { input } }),
    });
    const text = await response.text();
    if (response.status === 503) return this.save([query, input]); // the machine is busy with something else
    if (!text.startsWith('{"data":{"')) throw new Error(`${response.status} ${text.slice(0, 300)}`);
  }

  /** Saves for the length of a round. */
  async round(next: () => [string, object]): Promise<{ perSecond: number; ms: number }> {
    const startMs = performance.now();
    const cpu = await cpuMs(this.#service.pid);
    let saves = 0;
    const work = async (): Promise<void> => {
      while (performance.now() < startMs + ROUND_MS) {
        await this.save(next());
        saves += 1;
      }
    };
    // One topic is moved by one writer: several would wait for one another.
    await Promise.all(Array.from({ length: next === WORKLOADS['topic moved'] ? 1 : WRITERS }, work));
    const tookMs = performance.now() - startMs;
    await sleep(100); // what subscriptions are woken for
    return { perSecond: (saves * 1_000) / tookMs, ms: ((await cpuMs(this.#service.pid)) - cpu) / saves };
  }
}

async function measure(url: string, subscriptions: number): Promise<Row> {
  const token = randomUUID();
  const service = new ServiceProcess(await freePort(), {
    ...{ DATABASE_URL: url, RECORDER_TOKEN: token, SEED: 'off', NODE_ENV: 'production' },
    ...{ LAG_MAX_MS: '60000', COST_PER_MINUTE: '10000000000', SOCKETS_PER_ADDRESS_MAX: '1000' },
    NODE_OPTIONS: '--max-semi-space-size=16',
    MEMORY_BYTES_MAX: '1073741824', // ten thousand subscriptions take more than the default
  });
  await service.start();
  const [crowd, follower] = [new Crowd(), new Crowd()];
  try {
    await crowd.open(
      service.origin,
      Array.from({ length: subscriptions }, (_, i) => differingFilter(i)),
    );
    await follower.open(service.origin, [{ speakers: ['actor-1'] }]);
    await settled(service.pid);
    const target = new Target(service, token);
    const row: Row = { subscriptions };
    for (const [name, next] of Object.entries(WORKLOADS)) {
      await target.round(next); // warms up
      const samples = [];
      for (let i = 0; i < ROUNDS; i += 1) samples.push(await target.round(next));
      row[`${name}, a second`] = Math.round(median(samples.map(({ perSecond }) => perSecond)));
      row[`${name}, CPU ms`] = Number(median(samples.map(({ ms }) => ms)).toFixed(2));
      await settled(service.pid);
    }
    const waits: number[] = [];
    for (let i = 0; i < DELIVERIES; i += 1) {
      const startMs = performance.now();
      const delivered = follower.nextDelivery();
      await target.save(recordStatement('actor-1'));
      waits.push((await delivered) - startMs);
    }
    row['ms to deliver'] = Number(median(waits).toFixed(1));
    return row;
  } finally {
    crowd.close();
    follower.close();
    await service.end('SIGTERM');
  }
}

async function measureSingle(serverUrl: string): Promise<void> {
  const rows: Row[] = [];
  for (const subscriptions of values.subscriptions.split(',').map(Number)) {
    const name = `saves_${subscriptions}`;
    const client = new pg.Client({ connectionString: serverUrl });
    await client.connect();
    await client.query(`CREATE DATABASE ${name}`);
    await client.end();
    const url = new URL(serverUrl);
    url.pathname = `/${name}`;
    await generate(url.href, Number(values.statements), () => undefined);
    const row = await measure(url.href, subscriptions);
    for (const [key, value] of Object.entries(row)) console.log(`${key.padEnd(32)} ${value}`);
    rows.push(row);
  }
  const [alone] = rows as [Row];
  const table = Object.keys(alone)
    .filter((key) => key !== 'subscriptions')
    .map((what) => ({
      what,
      ...Object.fromEntries(rows.map((row) => [`${row.subscriptions} idle`, row[what] as number])),
    }));
  console.table(table);
  await writeResults('saves', table);
}

await withTemporaryServer('saves', async (serverUrl) => {
  if (values.only !== 'lists') await measureSingle(serverUrl);
  if (values.only !== 'single') {
    const rows = await measureLists(serverUrl, Number(values.lists));
    console.table(rows);
    await writeResults('saves-lists', rows);
  }
});
