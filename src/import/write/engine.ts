import type { Prisma } from '../../db/client.ts';
import type { ImportItem, ItemSource, Unread } from '../item.ts';
import { type ImportReport, type Refusal, Tally } from '../report.ts';
import { type Batch, batchesOf } from './batch.ts';
import { NounWriter } from './nouns.ts';
import { Spool } from './spool.ts';
import { StatementWriter } from './statements.ts';
import { Targets } from './targets.ts';

/** Begins the keys of statements of no collection that have neither key nor slug. */
const KEY_PREFIX = 'import';

export interface ImportOptions {
  /** The recorder. */
  readonly by: string;
  /** Slug of the collection that the entries belong to; null for none. */
  readonly collection?: string | null;
  /** Gives the report of an import, and writes nothing. Default: false. */
  readonly dryRun?: boolean;
  /** Writes everything or nothing: all of it is checked first. Default: false. */
  readonly atomic?: boolean;
  /** Leaves entries that the record has as they are. Default: they become what the import says. */
  readonly keepExisting?: boolean;
  /** Called with every refusal. */
  readonly onRefusal?: (refusal: Refusal) => void;
  /** Called after each batch with the lines and rows handled so far. */
  readonly onProgress?: (handled: number) => void;
  /** Awaited before each batch: lets other clients of the process go first. */
  readonly pace?: () => Promise<void>;
  /** Ends the import after the current batch. */
  readonly signal?: AbortSignal;
}

/**
 * Imports items in short transactions, at the pace of PostgreSQL and in bounded memory. Entries with faults are refused one by one. A second
 * import of the same items changes nothing, so an import that was broken off is completed by running it again.
 * @throws ReadoutError LIMIT_EXCEEDED for an atomic import or dry run that is too large; errors of the database.
 */
export async function runImport(
  prisma: Prisma,
  items: ItemSource,
  options: ImportOptions,
): Promise<ImportReport> {
  if (!options.atomic) return new Import(prisma, options).run(items);
  const spool = new Spool();
  try {
    for await (const item of items) {
      if (options.signal?.aborted) break;
      await spool.add(item);
    }
    const checked = await new Import(prisma, { ...options, dryRun: true }).run(spool.read());
    if (checked.refused > 0 || !checked.complete || options.dryRun)
      return { ...checked, dryRun: options.dryRun ?? false, complete: checked.complete };
    return await new Import(prisma, options).run(spool.read());
  } finally {
    await spool.close();
  }
}

/** One run over the items. */
class Import {
  readonly #options: ImportOptions;
  readonly #tally: Tally;
  readonly #nouns: NounWriter;
  readonly #statements: StatementWriter;
  readonly #dryRun: boolean;

  constructor(prisma: Prisma, options: ImportOptions) {
    const { by, dryRun = false, keepExisting = false, collection = null, onRefusal } = options;
    this.#options = options;
    this.#dryRun = dryRun;
    this.#tally = new Tally(onRefusal);
    const shared = { prisma, by, targets: new Targets(), tally: this.#tally, dryRun, keepExisting };
    const keyOf = (digest: string): string => `${collection ?? KEY_PREFIX}:${digest}`;
    this.#nouns = new NounWriter(shared);
    this.#statements = new StatementWriter({ ...shared, keyOf });
  }

  async run(items: ItemSource): Promise<ImportReport> {
    const { signal, pace, onProgress, collection = null } = this.#options;
    let complete = true;
    try {
      for await (const batch of batchesOf(items)) {
        if (signal?.aborted) {
          complete = false;
          break;
        }
        await pace?.();
        await this.#write(batch);
        onProgress?.(this.#tally.handled);
      }
      for (const kind of ['actor', 'topic'] as const) if (complete) await this.#nouns.writeWaiting(kind);
      await this.#statements.finish();
    } finally {
      await this.#nouns.close();
    }
    onProgress?.(this.#tally.handled);
    return this.#tally.report({ dryRun: this.#dryRun, collection, complete });
  }

  async #write({ entries, others }: Batch): Promise<void> {
    for (const item of others) this.#refuse(item);
    const { actor, topic, source, event, statement } = entries;
    if (actor.length > 0) await this.#nouns.write('actor', actor);
    const hasLater = topic.length + source.length + event.length + statement.length > 0;
    if (hasLater) await this.#nouns.writeWaiting('actor');
    if (topic.length > 0) await this.#nouns.write('topic', topic);
    if (statement.length > 0) await this.#nouns.writeWaiting('topic');
    if (source.length > 0) await this.#nouns.write('source', source);
    if (event.length > 0) await this.#nouns.write('event', event);
    if (statement.length > 0) await this.#statements.write(statement);
  }

  /** Refuses a line that is no entry. A header needs nothing, and the names of the map are used before. */
  #refuse(item: ImportItem | Unread): void {
    if (item.kind === 'unread') {
      this.#tally.refuse('unread', item.place, [{ path: item.path, message: item.reason }]);
    } else if (item.kind === 'change') {
      const message =
        'is a change of a history, which only an empty record takes. Export without the history to import it here';
      this.#tally.refuse('change', item.place, [{ path: [], message }]);
    }
  }
}
