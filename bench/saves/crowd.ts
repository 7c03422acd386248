import { once } from 'node:events';
import { WebSocket } from 'ws';

/** Maximum subscriptions of one socket, less one for a query. */
const SUBSCRIPTIONS_PER_SOCKET = 99;
const SUBSCRIPTION = `subscription ($filter: StatementFilter) { statementAdded(filter: $filter) {
  cursor previous position statement { id slug text speakers { slug name } source { slug title } } } }`;

/** Realistic filters, all different. No statement of `actor-1` in 2026 matches one. */
export function differingFilter(i: number): object {
  const day = new Date(Date.UTC(1900, 0, 1 + i)).toISOString().slice(0, 10);
  const actor = (n: number): string => `actor-${2 + (n % 999)}`;
  const filters = [
    { speakers: [actor(i)], saidFrom: day },
    { topics: [`topic-${1 + (i % 20)}`], saidTo: day },
    {
      any: [{ speakers: [actor(i)] }, { positions: [{ topic: 'topic-7', stance: 'MIXED' }] }],
      saidFrom: day,
    },
    { speakers: [`nobody-${i}`] },
    { topics: ['topic-3'], speakers: [actor(i)], acts: ['DENY'], saidFrom: day },
  ];
  return filters[i % filters.length] as object;
}

/** Idle subscriptions on few sockets. */
export class Crowd {
  readonly #sockets: WebSocket[] = [];
  #delivered = 0;
  #onDelivery: () => void = () => undefined;

  /** How many changes were delivered. */
  get delivered(): number {
    return this.#delivered;
  }

  async open(origin: string, filters: readonly object[]): Promise<void> {
    for (let at = 0; at < filters.length; at += SUBSCRIPTIONS_PER_SOCKET) {
      const socket = new WebSocket(`${origin.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
      this.#sockets.push(socket);
      const subscribe = (i: number): void => {
        const payload = { query: SUBSCRIPTION, variables: { filter: filters[at + i] } };
        socket.send(JSON.stringify({ id: String(i), type: 'subscribe', payload }));
      };
      await once(socket, 'open');
      socket.send('{"type":"connection_init"}');
      await once(socket, 'message');
      socket.on('message', (data) => {
        const text = String(data);
        if (text.includes('"type":"error"')) {
          if (!text.includes('"UNAVAILABLE"')) throw new Error(`refused: ${text}`);
          subscribe(Number(JSON.parse(text).id)); // the machine is busy with something else
          return;
        }
        if (!text.includes('"type":"next"')) return;
        this.#delivered += 1;
        this.#onDelivery();
      });
      for (let i = 0; i < Math.min(SUBSCRIPTIONS_PER_SOCKET, filters.length - at); i += 1) subscribe(i);
      // Operations of a socket are begun in order, so this one is answered when all before it have begun.
      const answered = new Promise<void>((resolve) => {
        const take = (data: unknown): void => {
          if (!String(data).includes('"id":"probe"')) return;
          socket.off('message', take);
          resolve();
        };
        socket.on('message', take);
      });
      socket.send('{"id":"probe","type":"subscribe","payload":{"query":"{ record { position } }"}}');
      await answered;
    }
  }

  /** Resolves at the next delivery, with the time of it. */
  nextDelivery(): Promise<number> {
    return new Promise((resolve) => {
      this.#onDelivery = () => resolve(performance.now());
    });
  }

  close(): void {
    for (const socket of this.#sockets) socket.terminate();
  }
}
