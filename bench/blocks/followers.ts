import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { type Client, recordOne } from './client.ts';

/** A change costs PostgreSQL up to a second for subscriptions with many searches. More changes than it can match would end them. */
const RETRY_MS = 2_000;

/** Open subscriptions. Each must match every statement that is recorded. */
export class Followers {
  readonly #socketCount: number;
  readonly #perSocket: number;
  readonly #payloadOf: (socket: number, i: number) => object;
  readonly #sockets: WebSocket[] = [];
  readonly #delivered = new Map<string, number>();
  #wake: () => void = () => undefined;
  /** The first error of a subscription. */
  #failure: string | undefined;

  constructor(sockets: number, perSocket: number, payloadOf: (socket: number, i: number) => object) {
    this.#socketCount = sockets;
    this.#perSocket = perSocket;
    this.#payloadOf = payloadOf;
  }

  /** Resolves when each has had a delivery. */
  async open(client: Client): Promise<void> {
    for (let n = 0; n < this.#socketCount; n += 1) await this.#openSocket(client, n);
    while (this.#delivered.size < this.#socketCount * this.#perSocket) {
      await recordOne(client);
      await sleep(RETRY_MS);
      if (this.#failure) throw new Error(this.#failure);
    }
  }

  close(): void {
    for (const socket of this.#sockets) socket.terminate();
  }

  /** Resolves when each has one delivery more than now. */
  async next(): Promise<void> {
    const wanted = [...this.#delivered].map(([id, count]) => [id, count + 1] as const);
    while (wanted.some(([id, count]) => (this.#delivered.get(id) ?? 0) < count)) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      if (this.#failure) throw new Error(this.#failure);
    }
  }

  async #openSocket({ origin }: Client, n: number): Promise<void> {
    const socket = new WebSocket(`${origin.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    this.#sockets.push(socket);
    await new Promise((resolve, reject) => {
      socket.once('open', () => socket.send('{"type":"connection_init"}'));
      socket.once('message', resolve);
      socket.once('error', reject);
    });
    socket.on('message', (data) => {
      const { id, type } = JSON.parse(String(data));
      if (type === 'error') this.#failure ??= String(data);
      const key = `${n} ${id}`;
      if (type === 'next') this.#delivered.set(key, (this.#delivered.get(key) ?? 0) + 1);
      this.#wake();
    });
    for (let i = 0; i < this.#perSocket; i += 1) {
      socket.send(JSON.stringify({ id: `${i}`, type: 'subscribe', payload: this.#payloadOf(n, i) }));
    }
  }
}
