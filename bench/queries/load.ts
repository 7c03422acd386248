import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { Chance } from '../fuzz/chance.ts';
import { ofMix, WORKLOADS } from './workloads.ts';

/*
 * Clients in a process of their own. For each line `{ port, token, workload, ms, first, distinct, statements }` it keeps its
 * connections busy for this long (workload null: with the mix), and prints the number of answers, their median and their 99th percentile, in milliseconds.
 */
const CONNECTIONS = 16;
const STATUS_OK = Buffer.from('HTTP/1.1 200 ');
const DATA = Buffer.from('{"data":{');

interface Order {
  readonly port: number;
  readonly token?: string;
  readonly workload: number | null;
  readonly ms: number;
  /** Number of the first request, and how many different ones there are. */
  readonly first: number;
  readonly distinct: number;
  readonly statements: number;
}

/**
 * A connection that is kept, one request at a time. It does no more than it must to tell a right answer: clients take their CPU
 * from the servers that they measure.
 */
class Client {
  readonly #socket: Socket;
  readonly #head: string;
  #chunks: Buffer[] = [];
  /** Bytes that are still to come; null before the headers are there. */
  #missing: number | null = null;
  #done: (answer: Buffer) => void = () => undefined;

  constructor({ port, token }: Order) {
    const authorization = token === undefined ? '' : `authorization: Bearer ${token}\r\n`;
    this.#head = `POST /graphql HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\n${authorization}`;
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket.on('data', (chunk: Buffer) => this.#take(chunk));
    this.#socket.on('error', fail);
  }

  async send(body: string): Promise<void> {
    const answered = new Promise<Buffer>((resolve) => {
      this.#done = resolve;
    });
    this.#socket.write(`${this.#head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
    const answer = await answered;
    const start = answer.indexOf('\r\n\r\n') + 4;
    const isRight =
      answer.subarray(0, STATUS_OK.length).equals(STATUS_OK) &&
      answer.subarray(start, start + DATA.length).equals(DATA) &&
      !answer.includes('"errors"', start);
    if (!isRight) throw new Error(String(answer.subarray(0, 600)));
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    this.#chunks.push(chunk);
    if (this.#missing === null) {
      const start = Buffer.concat(this.#chunks);
      const end = start.indexOf('\r\n\r\n');
      if (end < 0) return;
      const length = /\r\ncontent-length: (\d+)/i.exec(start.subarray(0, end).toString('latin1'))?.[1];
      this.#missing = end + 4 + Number(length) - start.length;
    } else this.#missing -= chunk.length;
    if (this.#missing > 0) return;
    const answer = Buffer.concat(this.#chunks);
    this.#chunks = [];
    this.#missing = null;
    this.#done(answer);
  }
}

function fail(error: Error): never {
  throw error;
}

async function run(order: Order): Promise<void> {
  const { workload, ms, first, distinct, statements } = order;
  const chance = new Chance(first);
  const times: number[] = [];
  const endMs = performance.now() + ms;
  let i = first;
  const keepBusy = async (client: Client): Promise<void> => {
    while (performance.now() < endMs) {
      const next = workload === null ? ofMix(chance.next()) : { workload, i: i % distinct };
      const { query, variables } = WORKLOADS[next.workload] as (typeof WORKLOADS)[number];
      const body = JSON.stringify({ query, variables: variables(next.i, statements) });
      i += 1;
      const startMs = performance.now();
      await client.send(body);
      times.push(performance.now() - startMs);
    }
  };
  const clients = Array.from({ length: CONNECTIONS }, () => new Client(order));
  await Promise.all(clients.map(keepBusy));
  for (const client of clients) client.close();
  times.sort((a, b) => a - b);
  const at = (share: number): number => times[Math.floor(share * (times.length - 1))] ?? Number.NaN;
  console.log(JSON.stringify({ answers: times.length, p50Ms: at(0.5), p99Ms: at(0.99) }));
}

for await (const line of createInterface({ input: process.stdin })) await run(JSON.parse(line) as Order);
