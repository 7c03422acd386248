import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline, Readable } from 'node:stream';
import { constants, createBrotliCompress, createGzip } from 'node:zlib';
import type { Holding } from '../load/memory.ts';
import type { UnreadAnswers } from '../load/unread.ts';

/** The compressions of an export, the preferred one first. */
export const ENCODINGS = ['br', 'gzip'] as const;
export type Encoding = (typeof ENCODINGS)[number];

/**
 * Bytes a second that a client must take of an export, on average over the time that the service waits for it, once that is a minute.
 * Beyond it the connection is closed before the end of the file. An export holds one of `EXPORTS_MAX` connections.
 * @limit bytes a second
 */
export const EXPORT_BYTES_PER_SECOND_MIN = 8_192;
/** How long the service waits for a slow client before it counts. */
const PATIENCE_MS = 60_000;

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
  /** Ends the export: when the client has gone or has taken too long. */
  readonly abort: AbortController;
  /** Default: `PATIENCE_MS`. */
  readonly patienceMs?: number;
}

/** Sends a body at the pace of its client, but not more slowly than `EXPORT_BYTES_PER_SECOND_MIN`. */
export async function sendBody(
  pieces: AsyncIterable<string>,
  { request, response, encoding, unread, holding, abort, patienceMs = PATIENCE_MS }: SendOptions,
): Promise<void> {
  const { signal } = abort;
  /** How much longer the service waits for the client. */
  let leftMs = patienceMs;
  for await (const bytes of bytesOf(pieces, encoding)) {
    signal.throwIfAborted();
    leftMs = Math.min(patienceMs, leftMs) + (bytes.length / EXPORT_BYTES_PER_SECOND_MIN) * 1_000;
    if (response.write(bytes)) continue;
    unread.watch(request.socket, holding);
    const beganMs = performance.now();
    const timer = setTimeout(() => abort.abort(), leftMs);
    await once(response, 'drain', { signal }).finally(() => clearTimeout(timer));
    leftMs -= performance.now() - beganMs;
  }
  response.end();
}
