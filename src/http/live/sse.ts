import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { GraphQLError } from 'graphql';
import { ReadoutError } from '../../base/errors.ts';
import type { Result, Sink } from '../../log/hub/delivery.ts';
import { type Bodies, Body, type BodyRefusal } from '../body/bodies.ts';
import { JSON_TYPE, parseObject } from '../body/parameter.ts';
import type { Client, ClientAddresses } from '../client/address.ts';
import { sourceRequest } from '../client/operation.ts';
import type { Sessions } from '../client/sessions.ts';
import { bodyPoints } from '../cost/prices.ts';
import { statusOf, withoutHttp } from '../errors.ts';
import type { Guard } from '../limits/guard.ts';
import { documentIdOf } from '../limits/trusted.ts';
import { ANSWER_TEXT_BYTES_MAX, AnswerMemory, type Holding } from '../load/memory.ts';
import type { Connections } from '../load/sockets.ts';
import type { UnreadAnswers } from '../load/unread.ts';
import { REFUSAL_DELAY_MS, sendUnpaid } from '../server/charge.ts';
import { chooseType } from '../server/negotiation.ts';
import { type Route, sendError, sendJson } from '../server/server.ts';
import type { Live } from './live.ts';
import type { LiveOperation, OperationParams } from './operation.ts';

const HEARTBEAT_INTERVAL_MS = 12_000;
/** How long a reader that is too slow may take to read the end. */
const CLOSE_GRACE_MS = 3_000;
/** What an EventSource waits before it connects again. */
const RETRY_MS = 1_000;
/** How long a client waits after its subscription has ended because its payer had no points left. */
const SPENT_RETRY_MS = 60_000;
/** A client that accepts everything gets an answer. */
const EVENTS_LAST = ['application/json', 'application/graphql-response+json', 'text/event-stream'] as const;
/** Statuses that make an EventSource give up, by the code of the first error. */
const STATUS_BY_CODE: Readonly<Record<string, number>> = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  RESYNC: 410,
};

export interface SseOptions {
  readonly live: Live;
  readonly sessions: Sessions;
  readonly mask: (error: unknown) => GraphQLError;
  readonly guard: Guard;
  readonly addresses: ClientAddresses;
  readonly connections: Connections;
  readonly bodies: Bodies;
  readonly unread: UnreadAnswers;
}

/**
 * A stream of server-sent events. `named`: the events of the protocol GraphQL over SSE (distinct connections), `next`
 * and `complete`; otherwise bare messages, as an EventSource takes them with `onmessage`.
 */
class EventStream implements Sink {
  readonly #response: ServerResponse;
  readonly #named: boolean;
  /** Called when the client does not keep up. */
  readonly #waits: () => void;
  readonly #heartbeat: NodeJS.Timeout;
  #ended = false;

  constructor(response: ServerResponse, named: boolean, waits: () => void) {
    this.#response = response;
    this.#waits = waits;
    this.#named = named;
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    });
    response.write(named ? ':\n\n' : `retry: ${RETRY_MS}\n\n`);
    this.#heartbeat = setInterval(() => response.write(':\n\n'), HEARTBEAT_INTERVAL_MS);
    response.once('close', () => clearInterval(this.#heartbeat));
  }

  get bufferedBytes(): number {
    return this.#response.writableLength;
  }

  next(results: readonly Result[]): void {
    if (this.#ended) return;
    const events = results.map(({ text, cursor }) => `id: ${cursor}\n${this.#event(text)}`);
    this.#write(events.join(''));
  }

  /** Sends a result that is no change of the record: it has no cursor. */
  say(result: object): void {
    if (!this.#ended) this.#write(this.#event(JSON.stringify(result)));
  }

  #write(text: string): void {
    if (!this.#response.write(text)) this.#waits();
  }

  async drained(): Promise<void> {
    if (!this.#response.writableNeedDrain || this.#response.destroyed) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.#response.off('drain', done).off('close', done);
        resolve();
      };
      this.#response.on('drain', done).on('close', done);
    });
  }

  end(error: ReadoutError | null): void {
    if (this.#ended) return;
    if (error) {
      this.say({ errors: [{ message: error.message, extensions: { code: error.code, ...error.details } }] });
    }
    // A budget refills in a minute, so an EventSource is told to wait that long.
    if (error?.code === 'LIMIT_EXCEEDED') this.#response.write(`retry: ${SPENT_RETRY_MS}\n\n`);
    if (this.#named) this.#response.write('event: complete\ndata:\n\n');
    this.leave();
    if (error?.code === 'SLOW_READER') setTimeout(() => this.#response.destroy(), CLOSE_GRACE_MS).unref();
  }

  /** Ends the connection and not the subscription: clients connect again. */
  leave(): void {
    this.#ended = true;
    clearInterval(this.#heartbeat);
    this.#response.end();
  }

  #event(data: string): string {
    return `${this.#named ? 'event: next\n' : ''}data: ${data}\n\n`;
  }
}

/** Whether a client prefers events to an answer. */
export function wantsEvents(accept: string | undefined): boolean {
  return chooseType(accept, EVENTS_LAST) === 'text/event-stream';
}

/** GraphQL over SSE at the GraphQL endpoint, and the plain stream at `/live`. */
export class ServerSentEvents {
  readonly #options: SseOptions;
  readonly #streams = new Set<EventStream>();
  #stopping = false;

  constructor(options: SseOptions) {
    this.#options = options;
  }

  /** Open streams. */
  get count(): number {
    return this.#streams.size;
  }

  /** Takes requests to `graphqlPath` that want events, and everything at `/live`. */
  route(graphqlPath: string): Route {
    return (request, response, url) => {
      const plain = url.pathname === '/live';
      if (!plain && !(url.pathname === graphqlPath && wantsEvents(request.headers.accept))) return false;
      return this.#serve(request, response, url, plain).then(() => true);
    };
  }

  /** Takes no new streams. */
  refuseNew(): void {
    this.#stopping = true;
  }

  /** Ends the connection of every stream. */
  stop(): void {
    this.refuseNew();
    for (const stream of this.#streams) stream.leave();
  }

  async #serve(request: IncomingMessage, response: ServerResponse, url: URL, plain: boolean): Promise<void> {
    const { live, mask, addresses, connections, bodies } = this.#options;
    const refuse = (errors: readonly GraphQLError[], status: number) =>
      sendJson(response, status, { errors: errors.map(withoutHttp) });
    if (request.method !== 'GET' && request.method !== 'POST') {
      const message = 'Follow the record by GET or POST.';
      sendError(response, 405, new ReadoutError('INVALID_INPUT', message), { allow: 'GET, POST' });
      return;
    }
    if (this.#stopping) {
      refuse([mask(new ReadoutError('UNAVAILABLE', 'The service is stopping. Connect again.'))], 503);
      return;
    }
    const client = addresses.of(request);
    let holding: Holding;
    try {
      holding = bodies.open(response, client);
      response.once('close', connections.open(client));
    } catch (error) {
      if (!(error instanceof ReadoutError)) throw error;
      if (error.code !== 'UNAVAILABLE') await sleep(REFUSAL_DELAY_MS);
      sendError(response, error.code === 'UNAVAILABLE' ? 503 : 429, error, { 'retry-after': '5' });
      return;
    }
    holding.endBy(() => request.socket.destroy());
    let params: OperationParams;
    try {
      const given = request.method === 'POST' ? await this.#body(request, client, holding) : fromAddress(url);
      if (given === null) return; // the client has gone
      if ('error' in given) {
        sendError(response, given.status, given.error, given.headers);
        return;
      }
      params = paramsOf(given.value);
    } catch (error) {
      if (error instanceof GraphQLError) {
        sendUnpaid(response, error);
        return;
      }
      const { status } = error instanceof ReadoutError ? statusOf(error) : { status: 400 };
      refuse([mask(error)], status);
      return;
    }
    const stream = (): EventStream =>
      new EventStream(response, !plain, () => this.#options.unread.watch(request.socket, holding));
    const lastId = request.headers['last-event-id'] ?? url.searchParams.get('lastEventId');
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const source = {
      request: sourceRequest(request),
      client,
      memory: new AnswerMemory(ANSWER_TEXT_BYTES_MAX, holding),
      signal: gone.signal,
    };
    const opened = await live.run(params, source, {
      resumeAfter: typeof lastId === 'string' && lastId !== '' ? lastId : null,
      subscriptionsOnly: plain || request.method !== 'POST',
    });
    if (opened.type === 'live') {
      this.#follow(response, stream(), opened.operation);
    } else if (opened.type === 'refused' && plain && !isPassing(opened.errors)) {
      const code = String(opened.errors[0]?.extensions.code);
      refuse(opened.errors, STATUS_BY_CODE[code] ?? 400);
    } else {
      const answer = stream();
      answer.say(opened.type === 'refused' ? { errors: opened.errors } : opened.result);
      answer.end(null);
    }
  }

  async #body(
    request: IncomingMessage,
    client: Client,
    holding: Holding,
  ): Promise<Given | BodyRefusal | null> {
    if (!JSON_TYPE.test(request.headers['content-type'] ?? '')) {
      const message = 'Send the operation as JSON, with the header “content-type: application/json”.';
      throw new ReadoutError('INVALID_INPUT', message);
    }
    const { bodies, guard } = this.#options;
    const body = await bodies.read(request, holding);
    if (!(body instanceof Body)) return body;
    const payer = guard.presumedPayerOf(client, request.headers.authorization ?? null);
    guard.spend(payer, bodyPoints(body.length), { client });
    const value = await bodies.parse(body, holding, payer);
    if (value === null) {
      throw new ReadoutError('INVALID_INPUT', 'The body must be a JSON object with “query”.');
    }
    return { value };
  }

  #follow(response: ServerResponse, stream: EventStream, operation: LiveOperation): void {
    this.#streams.add(stream);
    const forget = this.#options.sessions.add(operation.identity, (reason) =>
      stream.end(new ReadoutError('UNAUTHENTICATED', `${reason}.`)),
    );
    const reading = operation.open(stream);
    const close = (): void => {
      this.#streams.delete(stream);
      forget();
      reading.close();
      operation.holding.release();
    };
    if (response.destroyed) close();
    else response.once('close', close);
  }
}

/** The unchecked parameters of a request. */
interface Given {
  readonly value: Readonly<Record<string, unknown>>;
}

function fromAddress({ searchParams }: URL): Given {
  return { value: Object.fromEntries(searchParams) };
}

/** What can be asked again in a moment: said in a stream that ends, since an EventSource gives up at any status but 200. */
function isPassing([error]: readonly GraphQLError[]): boolean {
  return error?.extensions.code === 'UNAVAILABLE' || error?.extensions.code === 'INTERNAL';
}

/** The operation of a request. @throws ReadoutError INVALID_INPUT for invalid parameters. */
function paramsOf(given: Readonly<Record<string, unknown>>): OperationParams {
  const { query = '', operationName, variables } = given;
  const documentId = documentIdOf({ ...given, extensions: parseObject('extensions', given.extensions) });
  if (typeof query !== 'string' || (query === '' && documentId === null)) {
    throw new ReadoutError('INVALID_INPUT', 'The parameter “query” must be a GraphQL document.', ['query']);
  }
  return {
    query,
    documentId,
    operationName: typeof operationName === 'string' && operationName !== '' ? operationName : null,
    variables: parseObject('variables', variables),
  };
}
