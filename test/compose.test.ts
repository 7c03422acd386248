import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { validate } from 'dockerfile-utils';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createTestDatabase, type TestDatabase } from './support/database.ts';
import { ADDED, TestSocket, TestStream } from './support/follow.ts';
import { CADDY, startComposedCaddy } from './support/proxy.ts';
import { startTestService, type TestService } from './support/service.ts';
import { until } from './support/until.ts';
import { makeWorld, record } from './support/world.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const COMPOSE = (process.env.PATH ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'docker-compose'))
  .find(existsSync);
const PINNED = /^[a-z0-9./-]+:[\w.-]+@sha256:[0-9a-f]{64}$/;
const QUERY = '{ statements(first: 3) { nodes { slug } } }';
/** Clients that ask all the time while a replica is replaced. */
const CLIENTS = 8;

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const missing = (program: string | undefined): string =>
  program === undefined ? ' (skipped: Debian’s package is not installed here)' : '';

interface Service {
  readonly image?: string;
  readonly build?: string;
  readonly ports?: readonly string[];
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly cap_add?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly mem_limit?: string;
  readonly pids_limit?: number;
  readonly stop_grace_period?: string;
  readonly healthcheck?: object;
  readonly restart?: string;
  readonly volumes?: readonly string[];
}

describe('the Dockerfile', () => {
  it('has no fault that a linter finds, and does not run as root', () => {
    const text = read('Dockerfile');
    expect(validate(text).map(({ message, range }) => `${range.start.line + 1}: ${message}`)).toEqual([]);
    const lastStage = text.slice(text.lastIndexOf('FROM '));
    expect(lastStage).toMatch(/^USER node$/m);
    expect(lastStage).toMatch(/^HEALTHCHECK /m);
  });
});

describe('the compose file', () => {
  const { services } = parse(read('docker-compose.yml')) as { services: Record<string, Service> };

  it('gives no container a writable file system or a way to gain rights', () => {
    for (const [name, service] of Object.entries(services)) {
      expect(service.read_only, name).toBe(true);
      expect(service.cap_drop, name).toEqual(['ALL']);
      expect(service.security_opt, name).toContain('no-new-privileges:true');
      // The program of Caddy's image is marked with the capability, and does not start without it.
      expect(service.cap_add, name).toEqual(name === 'proxy' ? ['NET_BIND_SERVICE'] : undefined);
      if (service.build === undefined) expect(service.image).toMatch(PINNED);
    }
  });

  it('limits every container, watches its health, and lets it stop in its time', () => {
    for (const [name, service] of Object.entries(services)) {
      expect(service.mem_limit, name).toMatch(/^\d+[mg]$/);
      expect(service.pids_limit, name).toBeGreaterThan(0);
      expect(service.stop_grace_period, name).toMatch(/^\d+s$/);
      expect(service.restart, name).toBe('unless-stopped');
      // The image of the service brings its own health check.
      if (service.build === undefined) expect(service.healthcheck, name).toBeDefined();
    }
  });

  it('publishes the proxy alone, to this machine alone, so that replicas can be added', () => {
    const published = Object.entries(services).flatMap(([name, { ports = [] }]) =>
      ports.map((port) => `${name} ${port}`),
    );
    expect(published).toEqual([`proxy 127.0.0.1:\${PORT:-4000}:8080`]);
  });

  it('mounts only files that exist', () => {
    const mounted = Object.values(services).flatMap(({ volumes = [] }) =>
      volumes.filter((volume) => volume.startsWith('.')).map((volume) => volume.split(':')[0] as string),
    );
    expect(mounted.length).toBeGreaterThan(0);
    expect(mounted.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  it('has no default password', () => {
    const uses = [...read('docker-compose.yml').matchAll(/\$\{POSTGRES_PASSWORD([^}]*)\}/g)];
    expect(uses.length).toBeGreaterThan(1);
    expect(uses.filter(([, rest]) => !rest?.startsWith(':?'))).toEqual([]);
  });

  describe.skipIf(COMPOSE === undefined)(`read by docker-compose${missing(COMPOSE)}`, () => {
    const config = (env: Record<string, string>): string =>
      execFileSync(COMPOSE as string, ['-f', join(ROOT, 'docker-compose.yml'), 'config', '--services'], {
        env: { PATH: process.env.PATH, ...env },
        encoding: 'utf8',
        stdio: 'pipe',
      });

    it('keeps to the specification', () => {
      const names = config({ POSTGRES_PASSWORD: 'secret' }).trim().split('\n').sort();
      expect(names).toEqual(Object.keys(services).sort());
    });

    it('is refused without a password, with what to do', () => {
      expect(() => config({})).toThrow(/set it in the environment/);
    });
  });
});

describe.skipIf(CADDY === undefined)(`the proxy of the compose file${missing(CADDY)}`, () => {
  let database: TestDatabase;
  const stops: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    database = await createTestDatabase({ seeded: false });
    await makeWorld(database.db.prisma);
  });
  afterEach(async () => {
    for (const stop of stops.splice(0).reverse()) await stop();
  });
  afterAll(() => database.drop());

  interface Replica {
    service: TestService;
    readonly requests: () => number;
  }

  /** A replica that counts the requests and connections that it gets. */
  async function startReplica(port = '0'): Promise<Replica> {
    const service = await startTestService(database.url, { TRUST_PROXY: '1', PORT: port });
    let requests = 0;
    for (const event of ['request', 'upgrade']) {
      service.http.server.on(event, () => {
        requests += 1;
      });
    }
    return { service, requests: () => requests };
  }

  async function compose(): Promise<{ origin: string; replicas: [Replica, Replica] }> {
    const replicas: [Replica, Replica] = [await startReplica(), await startReplica()];
    const proxy = await startComposedCaddy(replicas.map(({ service }) => `127.0.0.1:${service.http.port}`));
    stops.push(async () => {
      for (const { service } of replicas) await service.stop();
      await proxy.stop();
    });
    return { origin: proxy.origin, replicas };
  }

  /** By GET: Debian's Caddy is older than 2.7, and can't send a body again to another replica. */
  const ask = async (origin: string): Promise<number> => {
    const response = await fetch(`${origin}/graphql?query=${encodeURIComponent(QUERY)}`);
    await response.arrayBuffer();
    return response.status;
  };

  it('shares queries and subscriptions out among the replicas, and passes on each event at once', async () => {
    const { origin, replicas } = await compose();
    const operation = { query: ADDED, variables: { after: '0' } };
    const sockets = [new TestSocket(origin), new TestSocket(origin)];
    const streams = [true, false].map((plain) => new TestStream(origin, operation, { plain }));
    const received = [
      ...sockets.map((socket) => socket.follow(operation)),
      ...streams.map((stream) => stream.received),
    ];
    const { position } = await record(database.db, { text: 'Said behind a proxy.' });
    await Promise.all(received.map((reader) => reader.reached(position)));
    const statuses = await Promise.all(Array.from({ length: CLIENTS }, () => ask(origin)));
    expect(statuses).toEqual(Array.from({ length: CLIENTS }, () => 200));
    for (const { requests } of replicas) expect(requests()).toBeGreaterThan(0);
    for (const socket of sockets) await socket.close();
    for (const stream of streams) stream.stop();
  });

  it('answers every request while one replica after the other is replaced', async () => {
    const { origin, replicas } = await compose();
    let asked = 0;
    let asking = true;
    const failures: unknown[] = [];
    const clients = Array.from({ length: CLIENTS }, async () => {
      while (asking) {
        const status = await ask(origin).catch(String);
        asked += 1;
        if (status !== 200) failures.push(status);
      }
    });
    for (const i of [0, 1] as const) {
      const port = String(replicas[i].service.http.port);
      const before = asked;
      await until('answers before the restart', () => asked > before + CLIENTS);
      await replicas[i].service.stop();
      await until('answers while one replica is away', () => asked > before + 3 * CLIENTS);
      replicas[i] = await startReplica(port);
      await until('requests to the new replica', () => replicas[i].requests() > 0);
    }
    asking = false;
    await Promise.all(clients);
    expect(failures).toEqual([]);
  });
});
