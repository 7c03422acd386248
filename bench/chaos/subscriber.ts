import { request } from 'node:http';
import { WebSocket } from 'ws';
import type { StatementFilterInput } from '../../src/read/statements/filter.ts';

const RECONNECT_DELAY_MIN_MS = 20;
const RECONNECT_DELAY_MAX_MS = 400;
const QUERY = `subscription ($filter: StatementFilter, $after: Position) {
  statementAdded(filter: $filter, after: $after) { cursor previous position statement { slug text } }
}`;

interface Change {
  readonly cursor: string;
  readonly previous: string;
  readonly position: string;
}
interface Result {
  readonly data?: { readonly statementAdded: Change } | null;
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
}

/** A reader that follows for ever: whatever breaks, it goes on elsewhere after the last cursor it has. */
export class Subscriber {
  readonly positions: number[] = [];
  /** Changes whose `previous` was not the cursor that this reader had last. */
  broken = 0;
  connections = 0;
  /** How often each code ended a subscription. */
  readonly codes = new Map<string, number>();
  #cursor: string;
  #turn: number;
  #stopped = false;
  #leave: () => void = () => undefined;
  #reconnectTimer: NodeJS.Timeout | undefined;

  constructor(
    readonly filterIndex: number,
    readonly start: { readonly cursor: string; readonly position: number },
    private readonly options: {
      readonly filter: StatementFilterInput;
      readonly origins: readonly string[];
      readonly transport: 'socket' | 'stream' | 'alternating';
      readonly turn: number;
    },
  ) {
    this.#cursor = start.cursor;
    this.#turn = options.turn;
  }

  open(): void {
    if (this.#stopped) return;
    this.connections += 1;
    const { origins, transport } = this.options;
    const origin = origins[this.#turn % origins.length] as string;
    const bySocket = transport === 'socket' || (transport === 'alternating' && this.#turn % 2 === 0);
    this.#turn += 1;
    if (bySocket) this.#openSocket(origin);
    else this.#openStream(origin);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#reconnectTimer);
    this.#leave();
  }

  get #variables(): object {
    return { filter: this.options.filter, after: this.#cursor };
  }

  #openSocket(origin: string): void {
    const socket = new WebSocket(`${origin.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    this.#leave = () => socket.terminate();
    socket.on('error', () => undefined); // `close` follows
    socket.once('open', () => socket.send('{"type":"connection_init"}'));
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as { type: string; payload?: unknown };
      if (message.type === 'connection_ack') {
        const payload = { query: QUERY, variables: this.#variables };
        socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload }));
      } else if (message.type === 'next') {
        this.#take(message.payload as Result);
      } else if (message.type === 'error') {
        this.#refused({ errors: message.payload as Result['errors'] });
        socket.close();
      }
    });
    socket.once('close', () => this.#again());
  }

  #openStream(origin: string): void {
    const parameters = new URLSearchParams({ query: QUERY, variables: JSON.stringify(this.#variables) });
    const stream = request(`${origin}/live?${parameters}`, { agent: false });
    this.#leave = () => stream.destroy();
    stream.on('error', () => undefined); // `close` follows
    stream.once('response', (response) => {
      let rest = '';
      response.setEncoding('utf8');
      response.on('error', () => undefined); // as above
      response.on('data', (chunk: string) => {
        const events = (rest + chunk).split('\n\n');
        rest = events.pop() ?? '';
        for (const event of events) {
          const data = /^data: (.*)$/m.exec(event)?.[1];
          if (data) this.#take(JSON.parse(data) as Result);
        }
      });
    });
    stream.once('close', () => this.#again());
    stream.end();
  }

  #take(result: Result): void {
    const change = result.data?.statementAdded;
    if (result.errors || !change) {
      this.#refused(result);
      return;
    }
    if (change.previous !== this.#cursor) this.broken += 1;
    this.#cursor = change.cursor;
    this.positions.push(Number(change.position));
  }

  #refused({ errors }: Result): void {
    const code = errors?.[0]?.extensions?.code ?? errors?.[0]?.message ?? 'no data';
    this.codes.set(code, (this.codes.get(code) ?? 0) + 1);
  }

  #again(): void {
    if (this.#stopped) return;
    const delayMs =
      RECONNECT_DELAY_MIN_MS + Math.random() * (RECONNECT_DELAY_MAX_MS - RECONNECT_DELAY_MIN_MS);
    this.#reconnectTimer = setTimeout(() => this.open(), delayMs);
  }
}
