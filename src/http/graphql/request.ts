import type { IncomingMessage } from 'node:http';
import type { GraphQLParams } from 'graphql-yoga';
import { ReadoutError } from '../../base/errors.ts';
import type { BodyRefusal } from '../body/bodies.ts';
import { JSON_TYPE, parseObject } from '../body/parameter.ts';

/** Path and query of a GET. Beyond it HTTP 414. @limit characters */
export const QUERY_STRING_LENGTH_MAX = 8_192;

/** The refusal of a request that can't be an operation; null for any other. */
export function refusalOf(request: IncomingMessage, searchParams: URLSearchParams): BodyRefusal | null {
  return refusalOfForm(request) ?? refusalOfParams(searchParams);
}

function refusalOfForm(request: IncomingMessage): BodyRefusal | null {
  if (request.method !== 'POST') {
    if ((request.url ?? '').length <= QUERY_STRING_LENGTH_MAX) return null;
    const message = `The address may have at most ${QUERY_STRING_LENGTH_MAX} characters. Send the operation by POST.`;
    const details = { limit: 'QUERY_STRING_LENGTH_MAX', max: QUERY_STRING_LENGTH_MAX };
    return { status: 414, error: new ReadoutError('LIMIT_EXCEEDED', message, undefined, details) };
  }
  // A page of any origin can send a form or plain text without a preflight.
  if (JSON_TYPE.test(request.headers['content-type'] ?? '')) return null;
  const message = 'Send the operation as JSON, with the header “content-type: application/json”.';
  return { status: 415, error: new ReadoutError('INVALID_INPUT', message) };
}

/** Whether the body is JSON that is neither compressed nor of a more specific type. */
export function isPlainJson({ method, headers }: IncomingMessage): boolean {
  return (
    method === 'POST' &&
    headers['content-encoding'] === undefined &&
    /^application\/json\s*(;|$)/i.test(headers['content-type'] ?? '')
  );
}

/** The parameters of a GET. Two of them are JSON. */
export function paramsOf(searchParams: URLSearchParams): GraphQLParams {
  const text = (name: string): string | undefined => searchParams.get(name) ?? undefined;
  const object = (name: string) => parseObject(name, text(name)) ?? undefined;
  return {
    query: text('query'),
    operationName: text('operationName'),
    variables: object('variables'),
    extensions: object('extensions'),
    ...(searchParams.has('documentId') && { documentId: text('documentId') }),
  };
}

function refusalOfParams(searchParams: URLSearchParams): BodyRefusal | null {
  if (searchParams.size === 0) return null;
  try {
    paramsOf(searchParams);
    return null;
  } catch (error) {
    if (error instanceof ReadoutError) return { status: 400, error };
    throw error;
  }
}
