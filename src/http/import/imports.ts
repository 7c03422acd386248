import { setTimeout as sleep } from 'node:timers/promises';
import { ReadoutError } from '../../base/errors.ts';
import type { Database } from '../../db/client.ts';
import { Cancellation } from '../../db/pool/cancellation.ts';
import type { Canceller } from '../../db/pool/canceller.ts';
import type { Item, ItemSource, Place } from '../../import/item.ts';
import { BodyReader } from '../../import/read/conversion/body.ts';
import type { CsvOptions } from '../../import/read/csv.ts';
import { type Format, isLineFormat, LINE_READERS } from '../../import/read/readers.ts';
import { Recognition } from '../../import/recognise/recognition.ts';
import { Review } from '../../import/recognise/review.ts';
import type { ImportReport, Refusal } from '../../import/report.ts';
import { type ImportOptions, runImport } from '../../import/write/engine.ts';
import type { OperationSource } from '../client/operation.ts';
import {
  CHECKED_ENTRY_POINTS,
  IMPORT_POINTS,
  importPoints,
  PROCESS_POINTS_PER_MS,
  REFUSAL_POINTS,
  sqlPoints,
} from '../cost/prices.ts';
import type { Billing } from '../limits/billing.ts';
import { type Load, unavailable } from '../load/load.ts';
import type { Turns } from '../load/turns.ts';

/** Imports that run in one process at the same time, one of each token. Beyond it UNAVAILABLE, HTTP 503. @limit imports */
export const IMPORTS_MAX = 2;
/** How long an import pauses while the process is too slow for its clients. */
const PAUSE_MS = 500;

export interface ImportsOptions {
  readonly db: Database;
  readonly canceller: Canceller;
  readonly billing: Billing;
  readonly load: Load;
  readonly turns: Turns;
}

interface Running {
  readonly done: Promise<unknown>;
  readonly abort: AbortController;
}

/** The imports that run in this process. An import gives way to other clients before each batch. */
export class Imports {
  readonly #options: ImportsOptions;
  readonly #running = new Map<string, Running>();
  readonly #bodies = new BodyReader();
  #isStopping = false;

  constructor(options: ImportsOptions) {
    this.#options = options;
  }

  /**
   * Refuses an import if too many are running.
   * @param payer who pays for it.
   * @throws ReadoutError UNAVAILABLE.
   */
  admit(payer: string): void {
    if (this.#isStopping) throw unavailable('The service is stopping. Import again shortly.');
    if (this.#running.has(payer))
      throw unavailable(
        'This token imports already. Wait until that import has ended, or use another token.',
      );
    if (this.#running.size >= IMPORTS_MAX)
      throw unavailable(`The service runs ${IMPORTS_MAX} imports already, the maximum. Import again later.`);
  }

  /** Takes points for bytes that have arrived, and waits until the client has no more than its share of the work. */
  async arrive(
    bytes: Uint8Array,
    payer: string,
    source: OperationSource,
    signal: AbortSignal,
  ): Promise<void> {
    this.#options.billing.settle(payer, importPoints(bytes), source);
    await this.#giveWay(payer, signal);
  }

  /** The items of a body. A format that is not read line by line is read in another process, whose time the client pays. */
  read(
    bytes: AsyncIterable<Uint8Array>,
    format: Format,
    options: CsvOptions,
    payer: string,
    source: OperationSource,
    signal: AbortSignal,
  ): ItemSource {
    if (isLineFormat(format)) return LINE_READERS[format](bytes, options);
    const onWork = (ms: number): void =>
      void this.#options.billing.settle(payer, Math.ceil(ms * PROCESS_POINTS_PER_MS), source);
    return this.#bodies.read(bytes, format, { ...options, signal, onWork });
  }

  /**
   * Runs an admitted import.
   * @param source where it comes from.
   * @param abort ends it after the current batch.
   */
  async run(
    items: ItemSource,
    options: ImportOptions,
    payer: string,
    source: OperationSource,
    abort: AbortController,
  ): Promise<ImportReport> {
    const { db, canceller } = this.#options;
    const work = new Cancellation(canceller, payer, null, source.facts?.span);
    let charged = 0;
    let entries = 0;
    let refusals = 0;
    const settle = (): void => {
      const points = Math.ceil(
        IMPORT_POINTS + sqlPoints(work) + entries * CHECKED_ENTRY_POINTS + refusals * REFUSAL_POINTS,
      );
      this.#options.billing.settle(payer, points - charged, source);
      charged = points;
    };
    const pace = async (): Promise<void> => {
      await options.pace?.();
      settle();
      await this.#giveWay(payer, abort.signal);
    };
    let read: Place | undefined;
    let stoppedAt: Place | undefined;
    const onProgress = (handled: number): void => {
      stoppedAt = read;
      options.onProgress?.(handled);
    };
    const onRefusal = (refusal: Refusal): void => {
      refusals += 1;
      options.onRefusal?.(refusal);
    };
    const running = work.run(async () => {
      const recognition = new Recognition(db, options.collection ?? null);
      const resolved = eachOf(recognition.resolveActors(items), ({ kind, place }) => {
        read = place;
        if (kind !== 'unread') entries += 1;
      });
      const review = new Review(db);
      const engine = { ...options, review, pace, onRefusal, onProgress, signal: abort.signal };
      const report = await runImport(db.prisma, resolved, engine);
      const unresolved = await review.unresolved();
      return { ...report, unresolved, found: recognition.found, ...(!report.complete && { stoppedAt }) };
    });
    this.#running.set(payer, { done: running, abort });
    try {
      return await running;
    } finally {
      settle();
      this.#running.delete(payer);
    }
  }

  /** Ends all imports after their current batches. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    const running = [...this.#running.values()];
    for (const { abort } of running)
      abort.abort(
        unavailable('The service is stopping. Import again: what is recorded is not recorded again.'),
      );
    await Promise.allSettled(running.map(({ done }) => done));
  }

  /** Waits until the client has no more than its share of the work, and the event loop is fast. */
  async #giveWay(payer: string, signal: AbortSignal): Promise<void> {
    const { turns, load } = this.#options;
    while (!signal.aborted) {
      try {
        load.shed(payer);
        await turns.pace(payer, 0);
        return;
      } catch (error) {
        if (!(error instanceof ReadoutError)) throw error;
        await sleep(PAUSE_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }
}

/** The items, each shown to `see` before it is passed on. */
async function* eachOf(items: ItemSource, see: (item: Item) => void): ItemSource {
  for await (const item of items) {
    see(item);
    yield item;
  }
}
