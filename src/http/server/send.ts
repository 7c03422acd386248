import type { ServerResponse } from 'node:http';
import type { ReadoutError } from '../../base/errors.ts';

/** A small JSON answer that nothing caches. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    ...headers,
  });
  response.end(JSON.stringify(body));
}

/** Sends an expected failure, before GraphQL, in the form of a GraphQL answer. */
export function sendError(
  response: ServerResponse,
  status: number,
  { code, message, details }: ReadoutError,
  headers: Record<string, string> = {},
): void {
  const retry: Record<string, string> = status === 503 ? { 'retry-after': '2' } : {};
  sendJson(
    response,
    status,
    { errors: [{ message, extensions: { code, ...details } }] },
    { ...retry, ...headers },
  );
}
