import type { IncomingMessage } from 'node:http';
import { ReadoutError } from '../errors.ts';

/** Content types of JSON; a page of another origin can't send them unless the browser has asked first. */
export const JSON_TYPE = /^application\/([\w.+-]+\+)?json\s*(;|$)/i;

export function tooLarge(bodyBytesMax: number): ReadoutError {
  return new ReadoutError('LIMIT_EXCEEDED', `The body may have at most ${bodyBytesMax} bytes.`);
}

/** The text of a request's body; null for one that is too large, of which no more is read, or that its client broke off. */
export async function readText(request: IncomingMessage, bodyBytesMax: number): Promise<string | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  return new Promise((resolve) => {
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > bodyBytesMax) {
        request.pause();
        resolve(null);
      } else chunks.push(chunk);
    });
    request.on('end', () =>
      resolve((chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)).toString()),
    );
    request.on('error', () => resolve(null)); // the client has gone, and is told nothing
  });
}

/**
 * The JSON object of a request's body.
 * @param charge takes the price of reading so many bytes; throws where its client can't pay.
 * @throws ReadoutError LIMIT_EXCEEDED for a body that is too large; INVALID_INPUT for one that is no JSON object.
 */
export async function readBody(
  request: IncomingMessage,
  bodyBytesMax: number,
  charge: (bytes: number) => void,
): Promise<Record<string, unknown>> {
  if (!JSON_TYPE.test(request.headers['content-type'] ?? '')) {
    throw new ReadoutError(
      'INVALID_INPUT',
      'Send the operation as JSON, with the header “content-type: application/json”.',
    );
  }
  const text = await readText(request, bodyBytesMax);
  if (text === null) throw tooLarge(bodyBytesMax);
  charge(text.length);
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = null; // refused below
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new ReadoutError('INVALID_INPUT', 'The body must be a JSON object with “query”.');
  }
  return body as Record<string, unknown>;
}

/**
 * A parameter that is an object, as such or as JSON; null where it is not given.
 * @throws ReadoutError INVALID_INPUT for anything else.
 */
export function parseObject(name: string, given: unknown): Record<string, unknown> | null {
  let value = given;
  if (typeof value === 'string') {
    try {
      value = value === '' ? null : JSON.parse(value);
    } catch {
      value = undefined; // refused below
    }
  }
  if (value === undefined && given === undefined) return null;
  if (value === null) return null;
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw new ReadoutError('INVALID_INPUT', `The parameter “${name}” must be a JSON object.`, [name]);
  }
  return value as Record<string, unknown>;
}
