import { ReadoutError } from '../../base/errors.ts';
import type { Database } from '../../db/client.ts';
import type { Identity } from '../../domain/access/identity.ts';
import { type Cursor, formatCursor, parsePosition } from '../../log/cursor.ts';
import { readDigest } from '../../log/head.ts';
import type { Tailer } from '../../log/tailer.ts';
import { Loaders } from '../../read/loading/loaders.ts';
import { Catalog } from '../../read/memory/catalog.ts';
import type { Context } from '../../schema/builder/builder.ts';
import type { OperationSource } from '../client/operation.ts';

/**
 * How long a request with `x-readout-min-position` waits until this process has seen the position. Beyond it UNAVAILABLE,
 * HTTP 503.
 * @limit ms
 */
export const MIN_POSITION_WAIT_MS = 5_000;
export const MIN_POSITION_HEADER = 'x-readout-min-position';

export interface ContextOptions {
  readonly db: Database;
  readonly tailer: Tailer;
  readonly catalog: Catalog;
}

/** Waits until this process has read the log up to the position that the client demands, such as that of its own write. */
async function awaitMinPosition(tailer: Tailer, position: bigint): Promise<void> {
  if (await tailer.reached(position, MIN_POSITION_WAIT_MS)) return;
  throw new ReadoutError(
    'UNAVAILABLE',
    `This process has not seen position ${position} yet; it is at ${tailer.head.position}. Try again shortly.`,
    [MIN_POSITION_HEADER],
    { position: String(tailer.head.position) },
  );
}

/** The cursor of a change. An older one is read from the database. */
async function cursorAt({ db, tailer }: ContextOptions, position: bigint): Promise<Cursor> {
  const recent = tailer.recent(position);
  if (recent) return recent;
  const digest = await readDigest(db.pool, position);
  if (digest === null) throw new Error(`change ${position} was written and is not in the log`);
  return { position, digest };
}

/*
 * Settling after a write. A mutation returns the object that it has written, and a client may select anything below it. These reads must
 * see the write. But all operations share the rows of the catalog, which are as old as the tailer's head, and the tailer reads the change
 * some milliseconds after the commit.
 *
 * So a mutation calls `settle` with the position of its change before its fields are resolved. It waits until the tailer has
 * published that change, which has evicted the old rows, and then gives the operation new loaders. Example: `saveActor` renames
 * an actor at position 42. After `settle(42n)`, `actor { name affiliations { in { name } } }` reads the new name, and the cursor
 * in the payload names change 42. If the tailer does not get there in time, the loaders read from an empty catalog instead.
 */

/**
 * Completes the context of an operation whose client is identified. The head is taken before any data is read, so that a
 * subscription from that head misses nothing.
 * @throws ReadoutError UNAVAILABLE where this process is behind the position that the client demands.
 */
export async function completeContext(
  options: ContextOptions,
  source: OperationSource & { readonly identity: Identity },
): Promise<Context> {
  const { db, tailer, catalog } = options;
  const { request, connectionParams } = source;
  const position = request?.headers.get(MIN_POSITION_HEADER) ?? connectionParams?.[MIN_POSITION_HEADER];
  if (position != null && position !== '') {
    await awaitMinPosition(tailer, parsePosition(String(position), [MIN_POSITION_HEADER]));
  }
  const context: Context = Object.assign(source, {
    db,
    load: new Loaders(db, catalog),
    head: tailer.head,
    settle: async (written: bigint | null) => {
      const isSeen = written === null || (await tailer.reached(written, MIN_POSITION_WAIT_MS));
      // Until the tailer has read the log up to the write, rows in the catalog may be older than the write.
      context.load = new Loaders(db, isSeen ? catalog : new Catalog());
      const { position, digest } = written === null ? tailer.head : await cursorAt(options, written);
      return { position, cursor: formatCursor({ position, digest }) };
    },
  });
  return context;
}
