import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import { type Database, openDatabase } from '../../src/db/client.ts';
import { freePort, ServiceProcess } from '../chaos/service.ts';
import { cpuMs } from '../measure.ts';
import { sentence } from './inputs.ts';
import { findPostmaster, postgresCpuMs } from './postgresCpu.ts';

const PARTS = 10;
/** Of each part, the share that is recorded one by one, before the rest comes in lists. */
const SINGLE_SHARE = 0.1;
const WRITERS = 16;
const LIST_WRITERS = 2;
const LIST_LENGTH = 500;
const SINGLE = 'mutation ($input: RecordStatementInput!) { recordStatement(input: $input) { position } }';
const LIST = 'mutation ($input: [RecordStatementInput!]!) { recordStatements(input: $input) { created } }';

/** A service that is sent mutations, and the CPU that it and PostgreSQL need for them. */
class Recorder {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: WRITERS });
  readonly #service: ServiceProcess;
  readonly #token: string;
  readonly #postmaster: number;

  constructor(service: ServiceProcess, token: string, postmaster: number) {
    this.#service = service;
    this.#token = token;
    this.#postmaster = postmaster;
  }

  /** Records this many statements, `length` with each request. */
  async record(
    statements: number,
    length: number,
    makeInput: () => Record<string, unknown>,
  ): Promise<{ perSecond: number; cpuMs: number }> {
    const startMs = performance.now();
    const cpuBeforeMs = await this.#cpuMs();
    let left = statements;
    const work = async (): Promise<void> => {
      while (left > 0) {
        const count = Math.min(length, left);
        left -= count;
        const inputs = Array.from({ length: count }, makeInput);
        const body =
          length === 1
            ? { query: SINGLE, variables: { input: inputs[0] } }
            : { query: LIST, variables: { input: inputs } };
        await this.#send(JSON.stringify(body));
      }
    };
    await Promise.all(Array.from({ length: length === 1 ? WRITERS : LIST_WRITERS }, work));
    return {
      perSecond: (statements * 1_000) / (performance.now() - startMs),
      cpuMs: ((await this.#cpuMs()) - cpuBeforeMs) / statements,
    };
  }

  async #cpuMs(): Promise<number> {
    return (await cpuMs(this.#service.pid)) + (await postgresCpuMs(this.#postmaster));
  }

  #send(body: string): Promise<void> {
    const headers = {
      authorization: `Bearer ${this.#token}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    };
    return new Promise((resolve, reject) => {
      const to = { agent: this.#agent, method: 'POST', headers };
      const sent = request(`${this.#service.origin}/graphql`, to, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        answer.on('end', () => {
          if (text.startsWith('{"data":{"recordStatement')) resolve();
          else reject(new Error(`${answer.statusCode} ${text.slice(0, 300)}`));
        });
      });
      sent.on('error', reject).end(body);
    });
  }

  stop(): void {
    this.#agent.destroy();
  }
}

/** Makes statements about what the seed has, so that nothing else has to be recorded first. */
async function inputsFrom({ prisma }: Database): Promise<() => Record<string, unknown>> {
  const select = { slug: true };
  const [actors, topics, events, sources] = [
    await prisma.actor.findMany({ select }),
    await prisma.topic.findMany({ where: { proposition: { not: null } }, select }),
    await prisma.event.findMany({ select }),
    await prisma.source.findMany({ select }),
  ].map((rows) => rows.map(({ slug }) => slug));
  const among = (slugs: readonly string[] = []): string =>
    slugs[Math.floor(Math.random() * slugs.length)] as string;
  return () => ({
    key: randomUUID(),
    text: sentence(),
    ...{ mode: 'INDIRECT', act: 'STATE', said: '2025-07-01' },
    speakers: [among(actors)],
    topics: [{ topic: among(topics), stance: 'SUPPORTS' }],
    events: [among(events)],
    source: among(sources),
  });
}

/**
 * Lets a record grow from the seed to this many statements over HTTP, without a pause and without anyone who analyses its
 * tables: in tenths, of which each begins with single statements.
 * @returns the rates of each tenth.
 */
export async function measureGrowth(
  serverUrl: string,
  statements: number,
  notice: (message: string) => void,
): Promise<Record<string, string | number>[]> {
  const url = new URL(serverUrl);
  const server = openDatabase({ url: serverUrl, poolMax: 1, statementTimeoutMs: 20_000 });
  await server.pool.query('CREATE DATABASE growth');
  const postmaster = await findPostmaster(server);
  await server.close();
  url.pathname = '/growth';
  const token = randomUUID();
  const service = new ServiceProcess(await freePort(), {
    ...{ DATABASE_URL: url.href, RECORDER_TOKEN: token, NODE_ENV: 'production' },
    ...{ LAG_MAX_MS: '60000', COST_PER_MINUTE: '10000000000' },
  });
  await service.start();
  const recorder = new Recorder(service, token, postmaster);
  const db = openDatabase({ url: url.href, poolMax: 1, statementTimeoutMs: 20_000 });
  try {
    const makeInput = await inputsFrom(db);
    const part = Math.floor(statements / PARTS);
    const singles = Math.round(part * SINGLE_SHARE);
    const rows = [];
    for (let i = 1; i <= PARTS; i += 1) {
      const single = await recorder.record(singles, 1, makeInput);
      const list = await recorder.record(part - singles, LIST_LENGTH, makeInput);
      rows.push({
        'up to': i * part,
        'single, a second': Math.round(single.perSecond),
        'single, CPU ms': single.cpuMs.toFixed(3),
        [`lists of ${LIST_LENGTH}, a second`]: Math.round(list.perSecond),
        'lists, CPU ms': list.cpuMs.toFixed(3),
      });
      notice(
        `${i * part} of ${statements} statements: ${Object.values(rows.at(-1) ?? {})
          .slice(1)
          .join(', ')}`,
      );
    }
    return rows;
  } finally {
    recorder.stop();
    await db.close();
    await service.end('SIGTERM');
  }
}
