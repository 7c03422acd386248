import type { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ReadoutError } from '../../base/errors.ts';

/**
 * Bytes a second that a client must send of an import, on average over the time that the service waits for it, once that is a minute.
 * Beyond it LIMIT_EXCEEDED: the import ends, incomplete, because it holds one of `IMPORTS_MAX` places.
 * @limit bytes a second
 */
export const IMPORT_BYTES_PER_SECOND_MIN = 8_192;
/** How far a client can fall behind the minimum rate, and so the longest wait for its next bytes. */
const PATIENCE_MS = 60_000;

/** Bytes that are read without a look at the clock. As lines of one byte they are some milliseconds of work. */
const SLICE_BYTES = 1_024;
/** After this time, other requests go first. */
const TURN_MS = 5;

/**
 * The bytes of a body until its end, or until the import ends. The connection stays open for the report.
 * @param arrive is awaited before each piece is read.
 * @param patienceMs how far the client can fall behind the minimum rate.
 */
export async function* bytesOf(
  body: Readable,
  abort: AbortController,
  arrive: (piece: Uint8Array) => Promise<void>,
  patienceMs: number = PATIENCE_MS,
): AsyncGenerator<Uint8Array> {
  const pieces: AsyncIterator<Uint8Array> = body.iterator({ destroyOnReturn: false });
  let sinceMs = performance.now();
  /** How much longer the service waits for the client. */
  let leftMs = patienceMs;
  for (;;) {
    const beganMs = performance.now();
    const next = await nextOf(pieces, abort, leftMs);
    if (next === null || next.done) return;
    leftMs += (next.value.length / IMPORT_BYTES_PER_SECOND_MIN) * 1_000 - (performance.now() - beganMs);
    leftMs = Math.min(patienceMs, leftMs);
    await arrive(next.value);
    for (let start = 0; start < next.value.length && !abort.signal.aborted; start += SLICE_BYTES) {
      if (performance.now() - sinceMs > TURN_MS) {
        await nextTurn();
        sinceMs = performance.now();
      }
      yield next.value.subarray(start, start + SLICE_BYTES);
    }
  }
}

/** The next piece, or null if the import ends before. A race with one promise for all pieces would keep every piece in memory. */
async function nextOf(
  pieces: AsyncIterator<Uint8Array>,
  abort: AbortController,
  leftMs: number,
): Promise<IteratorResult<Uint8Array> | null> {
  const { signal } = abort;
  if (signal.aborted) return null;
  const timer = setTimeout(() => abort.abort(tooSlow()), leftMs);
  let end = (): void => undefined;
  const next = await new Promise<IteratorResult<Uint8Array> | null>((resolve) => {
    end = () => resolve(null);
    signal.addEventListener('abort', end);
    // An error: the client has gone before the end of the body.
    pieces.next().then(resolve, (error: unknown) => abort.abort(error));
  });
  signal.removeEventListener('abort', end);
  clearTimeout(timer);
  return next;
}

function tooSlow(): ReadoutError {
  const message =
    `The body comes more slowly than ${IMPORT_BYTES_PER_SECOND_MIN} bytes a second, so the import has ended. ` +
    'What is recorded stays. Import again to complete it.';
  const details = { limit: 'IMPORT_BYTES_PER_SECOND_MIN', max: IMPORT_BYTES_PER_SECOND_MIN };
  return new ReadoutError('LIMIT_EXCEEDED', message, undefined, details);
}
