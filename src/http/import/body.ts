import type { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ReadoutError } from '../../base/errors.ts';

/** Until the next bytes of an import arrive. Beyond it the import ends, incomplete. @limit ms */
export const IMPORT_IDLE_TIMEOUT_MS = 60_000;

/** Bytes that are read without a look at the clock. As lines of one byte they are some milliseconds of work. */
const SLICE_BYTES = 1_024;
/** After this time, other requests go first. */
const TURN_MS = 5;

/**
 * The bytes of a body until its end, or until the import ends. The connection stays open for the report.
 * @param arrive is awaited before each piece is read.
 */
export async function* bytesOf(
  body: Readable,
  abort: AbortController,
  arrive: (piece: Uint8Array) => Promise<void>,
): AsyncGenerator<Uint8Array> {
  const pieces: AsyncIterator<Uint8Array> = body.iterator({ destroyOnReturn: false });
  let sinceMs = performance.now();
  for (;;) {
    const next = await nextOf(pieces, abort);
    if (next === null || next.done) return;
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
): Promise<IteratorResult<Uint8Array> | null> {
  const { signal } = abort;
  if (signal.aborted) return null;
  const timer = setTimeout(() => abort.abort(idle()), IMPORT_IDLE_TIMEOUT_MS);
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

function idle(): ReadoutError {
  const message = `Nothing has arrived for ${IMPORT_IDLE_TIMEOUT_MS} ms, so the import has ended. Import again to complete it.`;
  const details = { limit: 'IMPORT_IDLE_TIMEOUT_MS', max: IMPORT_IDLE_TIMEOUT_MS };
  return new ReadoutError('LIMIT_EXCEEDED', message, undefined, details);
}
