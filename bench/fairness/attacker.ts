import { Agent, request } from 'node:http';
import { createInterface } from 'node:readline';
import { WebSocket } from 'ws';
import { ATTACKS, type Attack } from './attacks.ts';

/*
 * One address in a process of its own. For each line `{ port, attack, address, ms }` it keeps the connections of an attack busy
 * for this long, asks again at once after any answer, and prints how often it got each status.
 */
interface Order {
  readonly port: number;
  readonly attack: number;
  readonly address: string;
  readonly ms: number;
}

type Counts = Record<string, number>;

function ask({ port, address }: Order, attack: Attack, agent: Agent, i: number): Promise<string> {
  const body = JSON.stringify(attack.body(i));
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...attack.headers?.(),
  };
  return new Promise((resolve) => {
    const sent = request(
      { host: '127.0.0.1', port, path: '/graphql', method: 'POST', localAddress: address, agent, headers },
      (response) => {
        response.resume();
        response.once('close', () => resolve(String(response.statusCode)));
      },
    );
    sent.once('error', () => resolve('broken'));
    sent.end(body);
  });
}

function follow({ port, address }: Order, attack: Attack, counts: Counts): WebSocket {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/graphql`, 'graphql-transport-ws', {
    localAddress: address,
  });
  socket.on('error', () => undefined); // its end is counted
  socket.on('open', () => socket.send('{"type":"connection_init"}'));
  socket.on('message', (data) => {
    const { type } = JSON.parse(String(data)) as { type: string };
    counts[type] = (counts[type] ?? 0) + 1;
    if (type === 'connection_ack') {
      socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: attack.body(0) }));
    }
  });
  return socket;
}

async function run(order: Order): Promise<void> {
  const attack = ATTACKS[order.attack] as Attack;
  const counts: Counts = {};
  const endMs = performance.now() + order.ms;
  if (attack.overSocket) {
    const sockets = Array.from({ length: attack.connections }, () => follow(order, attack, counts));
    await new Promise((resolve) => setTimeout(resolve, order.ms));
    for (const socket of sockets) socket.terminate();
  } else {
    const agent = new Agent({ keepAlive: true, maxSockets: attack.connections });
    let i = 0;
    const keepBusy = async (): Promise<void> => {
      while (performance.now() < endMs) {
        i += 1;
        const status = await ask(order, attack, agent, i);
        counts[status] = (counts[status] ?? 0) + 1;
      }
    };
    const working = Promise.all(Array.from({ length: attack.connections }, keepBusy));
    await Promise.race([working, new Promise((resolve) => setTimeout(resolve, order.ms + 1_000))]);
    agent.destroy();
    await working;
  }
  console.log(JSON.stringify(counts));
}

for await (const line of createInterface({ input: process.stdin })) await run(JSON.parse(line) as Order);
