import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline, Readable } from 'node:stream';
import { constants, createBrotliCompress, createGzip } from 'node:zlib';
import type { Holding } from '../load/memory.ts';
import type { UnreadAnswers } from '../load/unread.ts';

/** The compressions of an export, the preferred one first. */
export const ENCODINGS = ['br', 'gzip'] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** The default of Brotli takes fifty times as long. */
const BROTLI_QUALITY = 4;

const compressor = (encoding: Encoding) =>
  encoding === 'gzip'
    ? createGzip()
    : createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } });

/** The bytes of pieces of text, compressed where `encoding` says how. */
function bytesOf(
  pieces: AsyncIterable<string>,
  encoding: Encoding | null,
): AsyncIterable<string | Uint8Array> {
  if (encoding === null) return pieces;
  // Without object mode, only as much as the compressor takes is read ahead.
  const text = Readable.from(pieces, { objectMode: false });
  // An error of the pieces ends the iteration below with it.
  return pipeline(text, compressor(encoding), () => undefined);
}

export interface SendOptions {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly encoding: Encoding | null;
  readonly unread: UnreadAnswers;
  readonly holding: Holding;
  /** Aborted when the client has gone or has taken too long. */
  readonly signal: AbortSignal;
}

/** Sends a body at the pace of its client. */
export async function sendBody(
  pieces: AsyncIterable<string>,
  { request, response, encoding, unread, holding, signal }: SendOptions,
): Promise<void> {
  for await (const bytes of bytesOf(pieces, encoding)) {
    signal.throwIfAborted();
    if (response.write(bytes)) continue;
    unread.watch(request.socket, holding);
    await once(response, 'drain', { signal });
  }
  response.end();
}
