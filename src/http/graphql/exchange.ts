import type { IncomingMessage, ServerResponse } from 'node:http';
import { ReadoutError } from '../../base/errors.ts';
import type { Identity } from '../../domain/access/identity.ts';
import type { OperationFacts } from '../../observe/operations.ts';
import type { Client } from '../client/address.ts';
import type { OperationSource } from '../client/operation.ts';
import { rateHeaders } from '../cost/rate.ts';
import type { Holding } from '../load/memory.ts';
import { namesTag } from '../server/headers.ts';
import { sendError } from '../server/send.ts';
import type { Answer } from './answer.ts';
import { etagOf } from './cache.ts';

/** Caches may store the answer and revalidate it before each use. Shared ones must not store what needed a token. */
const CACHE_CONTROL = { anonymous: 'public, no-cache', token: 'private, no-cache' } as const;

/** A request with its state until it has been answered. */
export interface Exchange {
  readonly client: Client;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly source: OperationSource;
  readonly holding: Holding;
  readonly facts: OperationFacts;
}

/** Where an answer is cached: which readers may get it, and the request that it answers. */
export interface CacheKey {
  readonly readers: keyof typeof CACHE_CONTROL;
  readonly text: string;
}

/** Notes the operation and the client of an answer from the cache. */
export function noteCached(facts: OperationFacts, operation: string | null, identity: Identity): void {
  facts.name = operation;
  facts.type = 'query';
  facts.cached = true;
  facts.sentBy(identity);
}

/** Refuses a request without an operation. */
export function refuseMissing({ facts, response }: Exchange): void {
  refuse(
    facts,
    response,
    400,
    new ReadoutError('INVALID_INPUT', 'Send “query”, in a JSON object or in the address.'),
  );
}

/** Sends an expected failure before an operation, and notes its code. */
export function refuse(
  facts: OperationFacts,
  response: ServerResponse,
  status: number,
  error: ReadoutError,
  headers?: Record<string, string>,
): void {
  facts.code = error.code;
  sendError(response, status, error, headers);
}

/** Sends an answer, or status 304 to a GET that has it already. */
export function send(
  { method, headers: { 'if-none-match': known } }: IncomingMessage,
  response: ServerResponse,
  { answer }: OperationSource,
  { status, headers, body, cached }: Answer,
  key: CacheKey | null,
): void {
  if (response.destroyed) return;
  const { allowance = null } = answer ?? {};
  const all: Record<string, string | number> = { ...headers, ...(allowance && rateHeaders(allowance)) };
  if (method === 'GET' && cached && key) {
    const etag = etagOf(key.text, cached.head);
    Object.assign(all, { 'cache-control': CACHE_CONTROL[key.readers], etag });
    response.appendHeader('vary', 'accept, authorization');
    if (namesTag(known, etag)) {
      response.writeHead(304, all).end();
      return;
    }
  }
  all['content-length'] = body.length;
  response.writeHead(status, all).end(body);
}
