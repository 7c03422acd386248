import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { GraphQLError } from 'graphql';
import type { GraphQLParams } from 'graphql-yoga';
import { ReadoutError } from '../../base/errors.ts';
import { ANONYMOUS, type Identity } from '../../domain/access/identity.ts';
import type { Cursor } from '../../log/cursor.ts';
import { CLIENT_GONE, type OperationObserver } from '../../observe/operations.ts';
import { type Bodies, Body } from '../body/bodies.ts';
import type { ClientAddresses } from '../client/address.ts';
import type { TokenAuth } from '../client/auth.ts';
import { type OperationSource, sourceRequest } from '../client/operation.ts';
import { bodyPoints, REQUEST_POINTS } from '../cost/prices.ts';
import { statusOf } from '../errors.ts';
import type { Billing } from '../limits/billing.ts';
import { COST_HEADER, type Guard } from '../limits/guard.ts';
import { documentIdOf } from '../limits/trusted.ts';
import { ANSWER_TEXT_BYTES_MAX, AnswerMemory } from '../load/answerMemory.ts';
import { type Holding, REQUEST_BYTES } from '../load/memory.ts';
import type { UnreadAnswers } from '../load/unread.ts';
import { REFUSAL_DELAY_MS, sendUnpaid } from '../server/charge.ts';
import type { Route } from '../server/dispatch.ts';
import { requestIdOfAnswer } from '../server/headers.ts';
import { sendError } from '../server/send.ts';
import { type Answer, type AnswerType, answerOperation, answerTypeOf } from './answer.ts';
import type { ResponseCache } from './cache.ts';
import { MIN_POSITION_HEADER } from './context.ts';
import { type CacheKey, type Exchange, noteCached, refuse, refuseMissing, send } from './exchange.ts';
import type { KnownQueries } from './known.ts';
import { isPlainJson, paramsOf, refusalOf } from './request.ts';
import type { Endpoint } from './yoga.ts';

/** The answer to a longer request is not cached. */
const KEY_LENGTH_MAX = 32_768;
export interface GraphqlRouteOptions {
  readonly path: string;
  readonly endpoint: Endpoint;
  readonly known: KnownQueries;
  readonly auth: TokenAuth;
  readonly guard: Guard;
  readonly billing: Billing;
  /** The head of the log, as this process has read it. */
  readonly tailer: { readonly head: Cursor };
  readonly addresses: ClientAddresses;
  readonly bodies: Bodies;
  readonly unread: UnreadAnswers;
  /** The cached answers. */
  readonly cache: ResponseCache;
  readonly mask: (error: unknown) => GraphQLError;
  readonly observer: OperationObserver;
}

/** Equal mutations must not wait for each other. */
const MUTATION = /\bmutation\b/;

const NO_BODY = new Body(0);

/** The GraphQL endpoint for queries and mutations over HTTP. */
export function graphqlRoute(options: GraphqlRouteOptions): Route {
  const {
    path,
    endpoint,
    known,
    auth,
    guard,
    billing,
    tailer,
    addresses,
    bodies,
    unread,
    cache,
    mask,
    observer,
  } = options;

  /**
   * The cache key: everything that the answer depends on besides the record; null where the answer is for one client. Every
   * valid token gets the same answers. Clients without one have their own, because they may run fewer documents.
   */
  function keyOf(
    { headers, method, url }: IncomingMessage,
    { role }: Identity,
    type: AnswerType,
    text: string,
  ): CacheKey | null {
    if (headers[COST_HEADER] !== undefined || !hasSeen(headers[MIN_POSITION_HEADER])) return null;
    if (MUTATION.test(text)) return null;
    const readers = role === null ? 'anonymous' : 'token';
    const question = method === 'GET' ? (url as string) : text;
    return question.length > KEY_LENGTH_MAX
      ? null
      : { readers, text: `${readers} ${type} ${method} ${question}` };
  }

  /** Checks the token of a request before the cache is asked; null where it is refused: the operation then reports why. */
  async function identify({ request, source }: Exchange): Promise<Identity | null> {
    const withHeaders = { ...source, request: sourceRequest(request) };
    try {
      guard.begin(withHeaders);
      return await auth.identityOf(withHeaders);
    } catch (error) {
      if (error instanceof ReadoutError || error instanceof GraphQLError) return null;
      throw error;
    }
  }

  /** Whether this process has read the log up to the position that the client demands. If not, the operation waits or refuses. */
  function hasSeen(position: string | string[] | undefined): boolean {
    return (
      position === undefined ||
      (/^\d{1,18}$/.test(String(position)) && BigInt(String(position)) <= tailer.head.position)
    );
  }

  /** Sends an answer. It counts for the client's memory until the client has read it. */
  function deliver(
    { request, response, source, holding }: Exchange,
    answer: Answer,
    key: CacheKey | null,
  ): void {
    holding.resize(REQUEST_BYTES + answer.body.length);
    send(request, response, source, answer, key);
    watch(request, response, holding);
  }

  function watch({ socket }: IncomingMessage, response: ServerResponse, holding: Holding): void {
    if (response.writableLength === 0) return;
    unread.watch(socket);
    holding.endBy(() => socket.destroy());
  }

  /** Lets Yoga answer: it refuses content types that no answer has, and malformed requests. */
  async function answerByEndpoint(exchange: Exchange, body: Body): Promise<void> {
    const { request, response, source, holding } = exchange;
    // The body is parsed here, so that the memory of its values is held for the client.
    const read = request.method === 'POST' ? await bodies.parse(body, holding, () => payerOf(exchange)) : '';
    if (read === null) {
      refuseMissing(exchange);
      return;
    }
    await endpoint(Object.assign(request, { body: read }), response, source as object);
    holding.resize(REQUEST_BYTES + response.writableLength);
    watch(request, response, holding);
  }

  async function answer(exchange: Exchange, body: Body, searchParams: URLSearchParams): Promise<void> {
    const { request, response, source, holding } = exchange;
    const type = answerTypeOf(request.headers.accept);
    const isGet = request.method === 'GET';
    if (type === null || !(isGet || isPlainJson(request))) {
      await answerByEndpoint(exchange, body);
      return;
    }
    // Nothing is awaited without a token, or with one that was just checked: cached answers are sent at once.
    const { authorization } = request.headers;
    const identity =
      authorization === undefined ? ANONYMOUS : (auth.holderOf(authorization) ?? (await identify(exchange)));
    const key = body.isLarge || !identity ? null : keyOf(request, identity, type, body.text);
    const making = key && cache.find(key.text);
    let found = making instanceof Promise ? await making : making;
    if (key && making !== null && found === null) {
      // The shared execution has failed. The first request that waited executes again, and the others wait for it.
      const again = cache.find(key.text);
      found = again instanceof Promise ? await again : again;
    }
    if (key && identity && found && guard.repeats(found.points, { ...source, identity })) {
      const { contentType, body, operation } = found;
      noteCached(exchange.facts, operation, identity);
      deliver(exchange, { status: 200, headers: { 'content-type': contentType }, body, cached: found }, key);
      return;
    }
    const given = isGet ? paramsOf(searchParams) : bodies.parse(body, holding, () => payerOf(exchange));
    // There must be no await between `cache.find` and `cache.make`.
    const params = (given instanceof Promise ? await given : given) as GraphQLParams | null;
    if (params === null || (params.query == null && documentIdOf({ ...params }) === null)) {
      refuseMissing(exchange);
      return;
    }
    const made = answerOperation({ endpoint, known, request, response, params, type, source, mask });
    if (key)
      cache.make(
        key.text,
        made.then(({ cached }) => cached),
      );
    const answer = await made;
    if (answer.status === 429) await sleep(REFUSAL_DELAY_MS);
    deliver(exchange, answer, key);
  }

  /** Who pays for a body. */
  function payerOf({ client, request }: Exchange): string {
    return billing.presumedPayerOf(client, request.headers.authorization ?? null);
  }

  /** Charges for a body; false where the client can't pay and was answered. */
  function pays(exchange: Exchange, bytes: number): boolean {
    const { response, source, facts } = exchange;
    try {
      billing.spend(payerOf(exchange), bodyPoints(bytes), source);
      return true;
    } catch (error) {
      facts.code = 'LIMIT_EXCEEDED';
      sendUnpaid(response, error);
      return false;
    }
  }

  /** Answers a request, and counts it as an operation whatever comes of it. */
  async function serve(
    request: IncomingMessage,
    response: ServerResponse,
    searchParams: URLSearchParams,
  ): Promise<true> {
    const client = addresses.of(request);
    const { traceparent } = request.headers;
    const facts = observer.begin('http', client.key, requestIdOfAnswer(response), traceparent);
    try {
      const refused = refusalOf(request, searchParams);
      if (refused) {
        refuse(facts, response, refused.status, refused.error, refused.headers);
        return true;
      }
      const holding = bodies.open(response, client);
      const memory = new AnswerMemory(ANSWER_TEXT_BYTES_MAX, holding);
      const charged = { allowance: null, points: REQUEST_POINTS };
      const source: OperationSource = { client, memory, facts, answer: charged };
      const exchange: Exchange = { client, request, response, source, holding, facts };
      const body = request.method === 'POST' ? await bodies.read(request, holding) : NO_BODY;
      if (!(body instanceof Body)) {
        facts.code = CLIENT_GONE;
        if (body) refuse(facts, response, body.status, body.error, body.headers);
      } else if (pays(exchange, body.length)) {
        await answer(exchange, body, searchParams);
      }
      facts.points = charged.points;
    } catch (error) {
      facts.code = error instanceof ReadoutError ? error.code : 'INTERNAL';
      if (!(error instanceof ReadoutError) || response.headersSent) throw error;
      const { status, headers } = statusOf(error);
      if (status === 429) await sleep(REFUSAL_DELAY_MS);
      sendError(response, status, error, headers);
    } finally {
      observer.end(facts);
    }
    return true;
  }

  return (request, response, { pathname, searchParams }) =>
    pathname === path ? serve(request, response, searchParams) : false;
}
