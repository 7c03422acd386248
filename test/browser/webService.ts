import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { PATIENT_SETTINGS } from '../support/until.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MAIN = process.env.READOUT_MAIN ?? join(ROOT, 'dist/main.js');
const START_MS_MAX = 180_000;
const PROBE_MS = 100;
export const TOKEN = 'a-recorder-for-the-browser-tests-only';

type Settings = Readonly<Record<string, string>>;

/** The service as people run it: a process of its own, over a data directory that goes away with it. */
export class Service {
  readonly origin: string;
  readonly #port: number;
  readonly #dataDir: string;
  #process: ChildProcess | undefined;
  #log = '';

  private constructor(port: number, dataDir: string) {
    this.#port = port;
    this.#dataDir = dataDir;
    this.origin = `http://localhost:${port}`;
  }

  /** `settings` are those of the environment, besides what every service of these tests has. */
  static async start(settings: Settings = {}): Promise<Service> {
    if (!existsSync(MAIN)) throw new Error(`${MAIN} is not there; run “npm run build” first`);
    const service = new Service(await freePort(), await mkdtemp(join(tmpdir(), 'readout-web-')));
    await service.up(settings);
    return service;
  }

  /** Starts the process, over what it has recorded before. */
  async up(settings: Settings = {}): Promise<void> {
    const child = spawn(process.execPath, [MAIN], {
      cwd: ROOT,
      env: {
        ...process.env,
        LOG_FORMAT: 'text',
        PORT: String(this.#port),
        HOST: '127.0.0.1',
        DATA_DIR: this.#dataDir,
        RECORDER_TOKEN: TOKEN,
        ...PATIENT_SETTINGS,
        ...settings,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.#log += chunk;
      });
    }
    const until = Date.now() + START_MS_MAX;
    while (!(await this.#isReady())) {
      if (child.exitCode !== null || Date.now() > until)
        throw new Error(`the service did not start:\n${this.#log}`);
      await pause(PROBE_MS);
    }
  }

  async #isReady(): Promise<boolean> {
    try {
      return (await fetch(`${this.origin}/ready`)).ok;
    } catch {
      return false; // not listening yet
    }
  }

  /** Stops the process; its data stays. */
  async down(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (!child || child.exitCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  }

  async stop(): Promise<void> {
    await this.down();
    await rm(this.#dataDir, { recursive: true, force: true });
  }

  /** Connections to its database, as the superuser. Close them before the service stops. */
  database(): pg.Pool {
    const password = readFileSync(join(this.#dataDir, 'password'), 'utf8').trim();
    const [, , , port] = readFileSync(join(this.#dataDir, 'postgres/postmaster.pid'), 'utf8').split('\n');
    return new pg.Pool({
      host: '127.0.0.1',
      port: Number(port),
      user: 'readout',
      password,
      database: 'readout',
    });
  }

  /** Asks as a recorder. @throws Error with the service's errors, where it has some. */
  async ask<Data>(query: string, variables: object): Promise<Data> {
    const response = await fetch(`${this.origin}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = (await response.json()) as { data: Data; errors?: unknown };
    if (errors) throw new Error(JSON.stringify(errors));
    return data;
  }

  /** Records a statement; what is left out is of no matter. */
  async record(input: Record<string, unknown>): Promise<{ id: string; slug: string }> {
    const { recordStatement } = await this.ask<{
      recordStatement: { statement: { id: string; slug: string } };
    }>(
      `mutation($input: RecordStatementInput!) {
        recordStatement(input: $input) { statement { id slug } }
      }`,
      {
        input: {
          mode: 'INDIRECT',
          act: 'STATE',
          speakers: ['nato'],
          said: '2025-07-02',
          source: 'macron-putin-call-article',
          ...input,
        },
      },
    );
    return recordStatement.statement;
  }

  async retract(id: string, reason: string): Promise<void> {
    await this.ask(
      'mutation($input: RetractStatementInput!) { retractStatement(input: $input) { position } }',
      {
        input: { id, reason },
      },
    );
  }

  async revise(id: string, text: string): Promise<void> {
    await this.ask(
      'mutation($input: ReviseStatementInput!) { reviseStatement(input: $input) { position } }',
      {
        input: { id, text },
      },
    );
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
