import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { GraphQLError } from 'graphql';
import { ReadoutError } from '../../../base/errors.ts';
import type { OperationObserver } from '../../../observe/operations.ts';
import type { Bodies, BodyRefusal } from '../../body/bodies.ts';
import type { ClientAddresses } from '../../client/address.ts';
import { sourceRequest } from '../../client/operation.ts';
import type { Sessions } from '../../client/sessions.ts';
import { statusOf, withoutHttp } from '../../errors.ts';
import type { Billing } from '../../limits/billing.ts';
import { ANSWER_TEXT_BYTES_MAX, AnswerMemory } from '../../load/answerMemory.ts';
import type { Holding } from '../../load/memory.ts';
import type { Connections } from '../../load/sockets.ts';
import type { UnreadAnswers } from '../../load/unread.ts';
import { REFUSAL_DELAY_MS, sendUnpaid } from '../../server/charge.ts';
import type { Route } from '../../server/dispatch.ts';
import { requestIdOfAnswer } from '../../server/headers.ts';
import { chooseType } from '../../server/negotiation.ts';
import { sendError, sendJson } from '../../server/send.ts';
import type { Live } from '../live.ts';
import type { LiveOperation, OperationParams } from '../operation.ts';
import { readParams } from './params.ts';
import { EventStream } from './stream.ts';

/** Types in the order of the service's preference. A client that accepts every type gets an answer. */
const EVENTS_LAST = ['application/json', 'application/graphql-response+json', 'text/event-stream'] as const;
/** Statuses by the code of the first error. An EventSource does not connect again after them. */
const REFUSAL_STATUSES: Readonly<Record<string, number>> = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  RESYNC: 410,
};

export interface SseOptions {
  readonly live: Live;
  readonly observer: OperationObserver;
  readonly sessions: Sessions;
  readonly mask: (error: unknown) => GraphQLError;
  readonly billing: Billing;
  readonly addresses: ClientAddresses;
  readonly connections: Connections;
  readonly bodies: Bodies;
  readonly unread: UnreadAnswers;
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

  /** Serves requests to `graphqlPath` whose clients prefer events, and all requests to `/live`. */
  route(graphqlPath: string): Route {
    return (request, response, url) => {
      const plain = url.pathname === '/live';
      if (!plain && !(url.pathname === graphqlPath && wantsEvents(request.headers.accept))) return false;
      return this.#serve(request, response, url, plain).then(() => true);
    };
  }

  /** Refuses new streams. */
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
    let params: OperationParams | BodyRefusal | null;
    try {
      params = await readParams({ request, url, client, holding }, this.#options);
    } catch (error) {
      if (error instanceof GraphQLError) {
        sendUnpaid(response, error);
        return;
      }
      const { status } = error instanceof ReadoutError ? statusOf(error) : { status: 400 };
      refuse([mask(error)], status);
      return;
    }
    if (params === null) return; // the client has gone
    if ('error' in params) {
      sendError(response, params.status, params.error, params.headers);
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
      facts: this.#options.observer.begin(
        'sse',
        client.key,
        requestIdOfAnswer(response),
        request.headers.traceparent,
      ),
    };
    const outcome = await live.run(params, source, {
      resumeAfter: typeof lastId === 'string' && lastId !== '' ? lastId : null,
      subscriptionsOnly: plain || request.method !== 'POST',
    });
    if (outcome.type === 'live') {
      this.#follow(response, stream(), outcome.operation);
    } else if (outcome.type === 'refused' && plain && !isTemporary(outcome.errors)) {
      const code = String(outcome.errors[0]?.extensions.code);
      refuse(outcome.errors, REFUSAL_STATUSES[code] ?? 400);
    } else {
      const answer = stream();
      answer.send(outcome.type === 'refused' ? { errors: outcome.errors } : outcome.result);
      answer.end(null);
    }
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

/**
 * Whether an error is temporary. It is sent in a stream that ends, since an EventSource connects again after that, but not
 * after any status other than 200.
 */
function isTemporary([error]: readonly GraphQLError[]): boolean {
  return error?.extensions.code === 'UNAVAILABLE' || error?.extensions.code === 'INTERNAL';
}
