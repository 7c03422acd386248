import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from '../bench/chaos/service.ts';
import { createTestDatabase, type TestDatabase } from './support/database.ts';
import { ADDED, type Received, TestSocket, TestStream } from './support/follow.ts';
import { NGINX, type ProxyServer, startNginx } from './support/proxy.ts';
import { startTestService, type TestService } from './support/service.ts';
import { until } from './support/until.ts';
import { makeWorld, statementInput } from './support/world.ts';

const GUIDE = readFileSync(new URL('../docs/operating.md', import.meta.url), 'utf8');
const TOKEN = 'a-token-of-the-test';
const READERS = 4;
const RECORD = `mutation ($input: RecordStatementInput!) { recordStatement(input: $input) { position statement { slug } } }`;
const QUERY = '{ record { position } statements(first: 5) { nodes { slug speakers { name } } } }';

let test: TestDatabase;
let ports: [number, number];
let services: TestService[];
let proxy: ProxyServer;

const start = (port: number): Promise<TestService> =>
  startTestService(test.url, { PORT: String(port), RECORDER_TOKEN: TOKEN, TRUST_PROXY: '1' });

/** The lines for nginx in the guide, for the ports of this test. */
function linesOf(pattern: RegExp): string {
  const [lines] = pattern.exec(GUIDE) ?? [];
  if (lines === undefined) throw new Error(`docs/operating.md has no lines ${pattern}`);
  return lines
    .replace('127.0.0.1:4000', `127.0.0.1:${ports[0]}`)
    .replace('127.0.0.1:4001', `127.0.0.1:${ports[1]}`);
}

beforeAll(async () => {
  test = await createTestDatabase({ seeded: false });
  await makeWorld(test.db.prisma);
  ports = [await freePort(), await freePort()];
  services = await Promise.all(ports.map(start));
  const upstream = linesOf(/^upstream readout \{[^}]*\}/m);
  const shared = linesOf(/^ {4}proxy_pass http:\/\/readout;\n.*/m);
  const location = linesOf(/^location \/ \{[^}]*\}/m).replace(/ *proxy_pass [^;]+;/, shared);
  if (NGINX !== undefined) proxy = await startNginx(location, upstream);
});
afterAll(async () => {
  await proxy?.stop();
  for (const service of services) await service.stop();
  await test.drop();
});

/** Follows from the beginning over new connections, each of which begins where the one before ended. */
class Follower {
  readonly #connections: Received[] = [];
  #stopped = false;
  #leave: () => void = () => undefined;
  readonly #done: Promise<void>;

  constructor(connect: (after: string) => { received: Received; leave: () => void }) {
    this.#done = this.#run(connect);
  }

  get connections(): number {
    return this.#connections.length;
  }

  get slugs(): string[] {
    return this.#connections.flatMap((received) => received.slugs);
  }

  /** @throws Error where a connection was refused with errors. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#leave();
    await this.#done;
  }

  async #run(connect: (after: string) => { received: Received; leave: () => void }): Promise<void> {
    let cursor = '0';
    while (!this.#stopped) {
      const { received, leave } = connect(cursor);
      this.#connections.push(received);
      this.#leave = leave;
      await received.ended();
      cursor = received.changes.at(-1)?.cursor ?? cursor;
      expect(received.failures).toEqual([]);
    }
  }
}

it.skipIf(NGINX === undefined)(
  'a rolling restart of two services under load loses no request and no change',
  async () => {
    let isRunning = true;
    const failed: unknown[] = [];
    const recorded: string[] = [];
    let answers = 0;
    const ask = async (query: string, variables: object): Promise<Record<string, unknown> | null> => {
      const response = await fetch(`${proxy.origin}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` },
        body: JSON.stringify({ query, variables }),
      });
      const text = await response.text();
      if (response.status === 200 && text.startsWith('{"data"')) {
        answers += 1;
        return (JSON.parse(text) as { data: Record<string, unknown> }).data;
      }
      failed.push([response.status, text]);
      return null;
    };
    const reader = async (): Promise<void> => {
      while (isRunning) await ask(QUERY, {});
    };
    const recorder = async (): Promise<void> => {
      for (let i = 0; isRunning; i += 1) {
        const slug = `rolling-${i}`;
        if (await ask(RECORD, { input: statementInput({ slug, text: `Statement ${i}.` }) }))
          recorded.push(slug);
      }
    };
    const followers = [
      new Follower((after) => {
        const socket = new TestSocket(proxy.origin);
        return {
          received: socket.follow({ query: ADDED, variables: { after } }),
          leave: () => socket.socket.terminate(),
        };
      }),
      new Follower((after) => {
        const stream = new TestStream(proxy.origin, { query: ADDED, variables: { after } });
        return { received: stream.received, leave: () => stream.stop() };
      }),
    ];
    const clients = [...Array.from({ length: READERS }, reader), recorder()];

    for (const at of [0, 1]) {
      const before = answers;
      await until('answers from both services', () => answers > before + 20);
      await services[at]?.stop();
      const alone = answers;
      await until('answers from the other service', () => answers > alone + 20);
      services[at] = await start(ports[at] as number);
    }
    const last = recorded.length;
    await until('a change after the last restart', () => recorded.length > last);
    isRunning = false;
    await Promise.all(clients);

    expect(failed).toEqual([]);
    for (const follower of followers) {
      await until(
        () => `${recorded.length} changes; ${follower.slugs.length} came`,
        () => follower.slugs.length >= recorded.length,
      );
      await follower.stop();
      expect(follower.slugs).toEqual(recorded);
      expect(follower.connections).toBeGreaterThan(1);
    }
    for (const { masked } of services) expect(masked).toEqual([]);
  },
);

it('a service goes on while a newer version adds columns to every table', async () => {
  const [service] = services as [TestService];
  const authorization = { authorization: `Bearer ${TOKEN}` };
  const all = `query ($text: String!) {
    statements(filter: { search: $text }, first: 5) { nodes { slug text quote source { title } topics { topic { name } } events { name } } }
    actors(first: 5) { nodes { slug name aliases { name } affiliations { role } } }
    events(first: 5) { nodes { slug name } } sources(first: 5) { nodes { slug title } } topics(first: 5) { nodes { slug name } }
    changes(first: 5) { position kind }
  }`;
  const work = async (round: string) => {
    // Several times, so that the connections have the statements prepared.
    const slugs = Array.from({ length: 3 }, (_, i) => `${round}-${i}`);
    for (const slug of slugs) {
      const input = statementInput({ slug, text: `Statement ${slug}.` });
      expect(await service.ask(RECORD, { input }, authorization)).not.toHaveProperty('errors');
      expect(await service.ask(all, { text: slug })).not.toHaveProperty('errors');
    }
  };
  await work('before');
  await test.db.pool.query(`DO $$ DECLARE name regclass; BEGIN
    FOR name IN SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
    LOOP EXECUTE format('ALTER TABLE %s ADD COLUMN of_a_newer_version text', name); END LOOP; END $$`);
  await work('after');
  expect(service.masked).toEqual([]);
});
