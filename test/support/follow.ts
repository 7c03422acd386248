import { once } from 'node:events';
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import { LATE, within } from '../../src/base/within.ts';
import type { ShownError } from './graphql.ts';
import { happens, WAIT_MAX_MS } from './until.ts';

/** A change as it was delivered by any of the operations. */
export interface Delivered {
  readonly cursor: string;
  readonly previous: string;
  readonly position: string;
  readonly kind?: string;
  readonly statement: { readonly slug: string };
}

export interface Operation {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
}

/** How a subscription ended: with errors, completed, or with the connection (then perhaps with its close code). */
export type End =
  | { readonly type: 'errors'; readonly errors: readonly ShownError[] }
  | { readonly type: 'complete' }
  | { readonly type: 'closed'; readonly code: number; readonly reason: string };

export const ADDED = `subscription ($filter: StatementFilter, $after: Position) {
  statementAdded(filter: $filter, after: $after) { cursor previous position statement { slug } }
}`;
export const CHANGED = `subscription ($filter: StatementFilter, $after: Position) {
  recordChanged(filter: $filter, after: $after) { cursor previous position kind statement { slug } }
}`;

/** What a reader has received. Tests wait here for more. */
export class Received {
  readonly changes: Delivered[] = [];
  /** What came before the first result, which is not a result. */
  readonly told: unknown[] = [];
  /** What `extensions.warnings` of the results said. */
  readonly warnings: unknown[] = [];
  /** Results with errors, which are not changes. */
  readonly failures: ShownError[][] = [];
  #end: End | undefined;
  #waiting: (() => void)[] = [];

  get slugs(): string[] {
    return this.changes.map(({ statement }) => statement.slug);
  }

  get positions(): number[] {
    return this.changes.map(({ position }) => Number(position));
  }

  take(result: {
    data?: Record<string, Delivered> | null;
    errors?: ShownError[];
    extensions?: { warnings?: unknown[] };
  }): void {
    this.warnings.push(...(result.extensions?.warnings ?? []));
    const [change] = Object.values(result.data ?? {});
    if (change) this.changes.push(change);
    if (result.errors) this.failures.push(result.errors);
    this.#wake();
  }

  tell(extensions: unknown): void {
    this.told.push(extensions);
    this.#wake();
  }

  finish(end: End): void {
    this.#end ??= end;
    this.#wake();
  }

  /** Resolves when this many changes have come. */
  async count(wanted: number): Promise<void> {
    await this.#until(() => this.changes.length >= wanted, `${wanted} changes`);
  }

  /** Resolves when the change at this position has come. */
  async reached(position: bigint | number): Promise<void> {
    const wanted = BigInt(position);
    const isThere = (): boolean => this.changes.some((change) => BigInt(change.position) >= wanted);
    await this.#until(isThere, `position ${position}`);
  }

  /** Resolves when something has come before the first result. */
  async firstTold(): Promise<unknown> {
    await this.#until(() => this.told.length > 0, 'the warnings of a subscription');
    return this.told[0];
  }

  /** @throws Error with the reason if it has ended. */
  mustBeOpen(): void {
    if (this.#end) throw new Error(`it has ended: ${JSON.stringify([this.#end, this.failures])}`);
  }

  async ended(): Promise<End> {
    return happens('the end of a subscription', this.#ended());
  }

  async #ended(): Promise<End> {
    while (!this.#end) await this.#woken();
    return this.#end;
  }

  /** Where every change names the one before it as `previous`; the first one names `start` if that is given. */
  hasUnbrokenChain(start?: string): boolean {
    return this.changes.every(({ previous }, i) => {
      const before = i === 0 ? start : this.changes[i - 1]?.cursor;
      return before === undefined || previous === before;
    });
  }

  async #until(done: () => boolean, what: string): Promise<void> {
    const end = performance.now() + WAIT_MAX_MS;
    while (!done()) {
      if (this.#end) throw new Error(`ended before ${what}: ${JSON.stringify([this.#end, this.failures])}`);
      const woken = await within(end - performance.now(), this.#woken());
      if (woken === LATE)
        throw new Error(`timed out waiting for ${what}; ${this.changes.length} changes came`);
    }
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

/** A socket that speaks the protocol by hand, so that tests see what comes over the wire. */
export class TestSocket {
  readonly socket: WebSocket;
  readonly messages: Record<string, unknown>[] = [];
  readonly #received = new Map<string, Received>();
  readonly #acknowledged: Promise<void>;

  constructor(origin: string, connectionParams: Readonly<Record<string, unknown>> | null = {}) {
    this.socket = new WebSocket(`${origin.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    this.socket.on('error', () => undefined); // `close` follows
    this.socket.on('open', () => {
      if (connectionParams) this.send({ type: 'connection_init', payload: connectionParams });
    });
    this.socket.on('close', (code, reason) => {
      for (const received of this.#received.values()) {
        received.finish({ type: 'closed', code, reason: String(reason) });
      }
    });
    this.#acknowledged = new Promise((resolve, reject) => {
      this.socket.on('message', (data) => {
        const message = JSON.parse(String(data)) as Record<string, unknown>;
        this.messages.push(message);
        if (message.type === 'connection_ack') resolve();
        this.#take(message);
      });
      this.socket.on('close', (code, reason) => reject(new Error(`closed with ${code} ${reason}`)));
    });
    this.#acknowledged.catch(() => undefined); // whoever awaits it gets the error
  }

  /** Resolves when the service has accepted the connection. */
  ready(): Promise<void> {
    return happens('connection_ack', this.#acknowledged);
  }

  send(message: object): void {
    this.socket.send(JSON.stringify(message));
  }

  follow(operation: Operation, id = `operation-${this.#received.size + 1}`): Received {
    const received = new Received();
    this.#received.set(id, received);
    const send = (): void => this.send({ id, type: 'subscribe', payload: operation });
    this.#acknowledged.then(send, (error: Error) =>
      received.finish({ type: 'closed', code: 0, reason: error.message }),
    );
    return received;
  }

  async close(): Promise<void> {
    if (this.socket.readyState === WebSocket.CLOSED) return;
    const closed = once(this.socket, 'close');
    this.socket.close();
    await happens('the close of a socket', closed);
  }

  #take(message: Record<string, unknown>): void {
    if (message.type === 'ping') {
      const payload = message.payload as { id: string; extensions: unknown };
      this.#received.get(payload.id)?.tell(payload.extensions);
      this.send({ type: 'pong', payload });
    }
    const received = this.#received.get(String(message.id));
    if (!received) return;
    if (message.type === 'next') received.take(message.payload as never);
    if (message.type === 'error') received.finish({ type: 'errors', errors: message.payload as never });
    if (message.type === 'complete') received.finish({ type: 'complete' });
  }
}

/** A stream of server-sent events, read as raw lines. */
export class TestStream {
  readonly received = new Received();
  /** The last `id:` that came. */
  lastId: string | undefined;
  /** Everything as it came. */
  text = '';
  readonly response: Promise<IncomingMessage>;
  readonly #request: ClientRequest;

  constructor(
    origin: string,
    operation: Operation,
    { plain = true, headers = {} }: { plain?: boolean; headers?: Readonly<Record<string, string>> } = {},
  ) {
    const query = new URLSearchParams({ query: operation.query });
    if (operation.variables) query.set('variables', JSON.stringify(operation.variables));
    const url = plain ? `${origin}/live?${query}` : `${origin}/graphql`;
    this.#request = httpRequest(url, {
      agent: false,
      method: plain ? 'GET' : 'POST',
      headers: {
        accept: 'text/event-stream',
        ...(!plain && { 'content-type': 'application/json' }),
        ...headers,
      },
    });
    this.response = new Promise((resolve, reject) => {
      this.#request.once('response', resolve);
      this.#request.once('error', reject);
    });
    this.response.then(
      (response) => this.#read(response),
      (error: Error) => this.received.finish({ type: 'closed', code: 0, reason: error.message }),
    );
    this.#request.on('error', () => undefined); // `response` rejects
    this.#request.end(plain ? undefined : JSON.stringify(operation));
  }

  stop(): void {
    this.#request.destroy();
  }

  #read(response: IncomingMessage): void {
    let rest = '';
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => {
      this.text += chunk;
      const events = (rest + chunk).split('\n\n');
      rest = events.pop() ?? '';
      for (const event of events) this.#take(event);
    });
    const finish = (reason: string): void =>
      this.received.finish({ type: 'closed', code: response.statusCode ?? 0, reason });
    response.on('end', () => finish('end'));
    response.on('error', (error) => finish(error.message));
  }

  #take(event: string): void {
    const fields = Object.fromEntries(
      event.split('\n').map((line) => [line.split(':', 1)[0], line.slice(line.indexOf(':') + 1).trim()]),
    );
    if (fields.id) this.lastId = fields.id;
    if (fields.event === 'complete') this.received.finish({ type: 'complete' });
    else if (fields.event === 'extensions') this.received.tell(JSON.parse(fields.data ?? ''));
    else if (fields.data) this.received.take(JSON.parse(fields.data));
  }
}
