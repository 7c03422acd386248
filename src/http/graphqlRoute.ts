import type { IncomingMessage } from 'node:http';
import type { YogaServerInstance } from 'graphql-yoga';
import { ReadoutError } from '../errors.ts';
import type { Context } from '../schema/builder.ts';
import { JSON_TYPE, parseObject } from './body.ts';
import type { ClientAddresses } from './clientAddress.ts';
import type { Asked } from './guard.ts';
import { type Route, sendError } from './server.ts';

/** Bodies that may be on their way at the same time, by the lengths that they announce. */
export const BODIES_BYTES_MAX = 67_108_864;
export const QUERY_STRING_LENGTH_MAX = 8_192;

export interface GraphqlRouteOptions {
  readonly path: string;
  readonly graphql: YogaServerInstance<object, Context>;
  readonly addresses: ClientAddresses;
  readonly bodyBytesMax: number;
}

/** The GraphQL endpoint for queries and mutations over HTTP. */
export function graphqlRoute({ path, graphql, addresses, bodyBytesMax }: GraphqlRouteOptions): Route {
  let bodiesBytes = 0;

  function refusal(request: IncomingMessage): { status: number; error: ReadoutError } | null {
    if (request.method !== 'POST') {
      if ((request.url ?? '').length <= QUERY_STRING_LENGTH_MAX) return null;
      const message = `The address may have at most ${QUERY_STRING_LENGTH_MAX} characters. Send the operation by POST.`;
      return { status: 414, error: new ReadoutError('LIMIT_EXCEEDED', message) };
    }
    // A form or plain text could be sent by a page of any origin without the browser asking first.
    if (!JSON_TYPE.test(request.headers['content-type'] ?? '')) {
      const message = 'Send the operation as JSON, with the header “content-type: application/json”.';
      return { status: 415, error: new ReadoutError('INVALID_INPUT', message) };
    }
    const announced = announcedLength(request, bodyBytesMax);
    if (announced > bodyBytesMax) {
      const message = `The body may have at most ${bodyBytesMax} bytes.`;
      return { status: 413, error: new ReadoutError('LIMIT_EXCEEDED', message) };
    }
    if (bodiesBytes + announced > BODIES_BYTES_MAX) {
      const message = 'The service takes in too much already. Try again shortly.';
      return { status: 503, error: new ReadoutError('UNAVAILABLE', message) };
    }
    return null;
  }

  return async (request, response, { pathname, searchParams }) => {
    if (pathname !== path) return false;
    const refused = refusal(request) ?? unreadable(searchParams);
    if (refused) {
      sendError(response, refused.status, refused.error);
      return true;
    }
    const announced = announcedLength(request, bodyBytesMax);
    bodiesBytes += announced;
    response.once('close', () => {
      bodiesBytes -= announced;
    });
    const asked: Asked = { client: addresses.of(request), answer: { headers: {} } };
    await graphql(request, response, asked as object);
    return true;
  };
}

/** The parameters of a GET are texts, and two of them JSON. */
function unreadable(searchParams: URLSearchParams): { status: number; error: ReadoutError } | null {
  try {
    for (const name of ['variables', 'extensions']) parseObject(name, searchParams.get(name) ?? undefined);
    return null;
  } catch (error) {
    if (error instanceof ReadoutError) return { status: 400, error };
    throw error;
  }
}

/** A body without a length can become as long as any. */
function announcedLength({ method, headers }: IncomingMessage, bodyBytesMax: number): number {
  if (method !== 'POST') return 0;
  const length = headers['content-length'];
  return length === undefined ? bodyBytesMax : Number(length);
}

/** Puts the headers that an operation has left for its answer on the response. */
export function answerHeaders(response: Response, { answer }: Asked): void {
  for (const [name, value] of Object.entries(answer?.headers ?? {})) response.headers.set(name, value);
}
