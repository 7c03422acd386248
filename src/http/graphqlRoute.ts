import type { IncomingMessage } from 'node:http';
import type { YogaServerInstance } from 'graphql-yoga';
import { ReadoutError } from '../errors.ts';
import type { Context } from '../schema/builder.ts';
import type { Bodies, BodyRefusal } from './bodies.ts';
import { JSON_TYPE, parseObject } from './body.ts';
import type { ClientAddresses } from './clientAddress.ts';
import type { Asked } from './guard.ts';
import { type Route, sendError } from './server.ts';

export const QUERY_STRING_LENGTH_MAX = 8_192;

export interface GraphqlRouteOptions {
  readonly path: string;
  readonly graphql: YogaServerInstance<object, Context>;
  readonly addresses: ClientAddresses;
  readonly bodies: Bodies;
}

/** The GraphQL endpoint for queries and mutations over HTTP. */
export function graphqlRoute({ path, graphql, addresses, bodies }: GraphqlRouteOptions): Route {
  return async (request, response, { pathname, searchParams }) => {
    if (pathname !== path) return false;
    const client = addresses.of(request);
    const refused = refusal(request) ?? bodies.admit(request, response, client) ?? unreadable(searchParams);
    if (refused) {
      sendError(response, refused.status, refused.error, refused.headers);
      return true;
    }
    const asked: Asked = { client, answer: { headers: {} } };
    await graphql(request, response, asked as object);
    return true;
  };
}

function refusal(request: IncomingMessage): BodyRefusal | null {
  if (request.method !== 'POST') {
    if ((request.url ?? '').length <= QUERY_STRING_LENGTH_MAX) return null;
    const message = `The address may have at most ${QUERY_STRING_LENGTH_MAX} characters. Send the operation by POST.`;
    return { status: 414, error: new ReadoutError('LIMIT_EXCEEDED', message) };
  }
  // A form or plain text could be sent by a page of any origin without the browser asking first.
  if (JSON_TYPE.test(request.headers['content-type'] ?? '')) return null;
  const message = 'Send the operation as JSON, with the header “content-type: application/json”.';
  return { status: 415, error: new ReadoutError('INVALID_INPUT', message) };
}

/** The parameters of a GET are texts, and two of them JSON. */
function unreadable(searchParams: URLSearchParams): BodyRefusal | null {
  try {
    for (const name of ['variables', 'extensions']) parseObject(name, searchParams.get(name) ?? undefined);
    return null;
  } catch (error) {
    if (error instanceof ReadoutError) return { status: 400, error };
    throw error;
  }
}

/** Puts the headers that an operation has left for its answer on the response. */
export function answerHeaders(response: Response, { answer }: Asked): void {
  for (const [name, value] of Object.entries(answer?.headers ?? {})) response.headers.set(name, value);
}
