import { Agent, request } from 'node:http';
import { createInterface } from 'node:readline';
import { Chance } from '../fuzz/chance.ts';
import { ofMix, WORKLOADS } from './workloads.ts';

/*
 * Clients in a process of their own. For each line `{ port, workload, ms, first, distinct, statements }` it keeps its
 * connections busy so long (workload null: with the mix), and prints how many answers there were and their median and 99th percentile, in milliseconds.
 */
const CONNECTIONS = 16;
const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });

interface Order {
  readonly port: number;
  readonly workload: number | null;
  readonly ms: number;
  /** Number of the first request, and how many different ones there are. */
  readonly first: number;
  readonly distinct: number;
  readonly statements: number;
}

function send(port: number, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const sent = request(
      { port, host: '127.0.0.1', path: '/graphql', method: 'POST', agent, headers },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        answer.on('end', () => {
          if (answer.statusCode === 200 && text.startsWith('{"data":{') && !text.includes('"errors"'))
            resolve();
          else reject(new Error(`${answer.statusCode} ${text.slice(0, 300)}`));
        });
      },
    );
    sent.on('error', reject).end(body);
  });
}

async function run({ port, workload, ms, first, distinct, statements }: Order): Promise<void> {
  const chance = new Chance(first);
  const times: number[] = [];
  const endMs = performance.now() + ms;
  let i = first;
  const client = async (): Promise<void> => {
    while (performance.now() < endMs) {
      const order = workload === null ? ofMix(chance.next()) : { workload, i: i % distinct };
      const { query, variables } = WORKLOADS[order.workload] as (typeof WORKLOADS)[number];
      const body = JSON.stringify({ query, variables: variables(order.i, statements) });
      i += 1;
      const startMs = performance.now();
      await send(port, body);
      times.push(performance.now() - startMs);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, client));
  times.sort((a, b) => a - b);
  const at = (share: number): number => times[Math.floor(share * (times.length - 1))] ?? Number.NaN;
  console.log(JSON.stringify({ answers: times.length, p50Ms: at(0.5), p99Ms: at(0.99) }));
}

for await (const line of createInterface({ input: process.stdin })) await run(JSON.parse(line) as Order);
