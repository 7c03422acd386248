import type { Prisma } from '../../db/client.ts';
import { countOutdated, findOutdated } from '../../domain/outdated.ts';
import type { Patch } from '../../domain/save/rules.ts';
import { isHistory } from '../history/line.ts';
import { importHistory } from '../history/restore.ts';
import type { ImportItem, Item, ItemSource } from '../item.ts';
import type { Review } from '../recognise/review.ts';
import { type ImportReport, type OutdatedAnchors, type Refusal, Tally } from '../report.ts';
import { type Batch, batchesOf, lengthOf } from './batch.ts';
import { faultsOf, withinItem } from './faults.ts';
import { findGone } from './gone.ts';
import { NounWriter } from './nouns.ts';
import { Scope } from './scope.ts';
import { SeenEntries } from './seen.ts';
import { Spool } from './spool.ts';
import { StatementWriter } from './statements/writer.ts';
import { Targets } from './targets.ts';

export interface ImportOptions {
  /** The recorder. */
  readonly by: string;
  /** The collection that new entries belong to, in the shape of its input; null for the one in the header of the items, if there is one. */
  readonly collection?: Patch | null;
  /** Retracts what the collection has and the import does not, but only if everything was read and nothing was refused. Default: false. */
  readonly retractGone?: boolean;
  /** Gives the report of an import, and writes nothing. Default: false. */
  readonly dryRun?: boolean;
  /** Writes everything or nothing: all of it is checked first. Default: false. */
  readonly atomic?: boolean;
  /** Leaves entries that the record has as they are. Default: they get the content of the import. */
  readonly keepExisting?: boolean;
  /** Counts the mentions without an actor, except those for which the record has one. Default: they are not counted. */
  readonly review?: Review;
  /** Called with every refusal. */
  readonly onRefusal?: (refusal: Refusal) => void;
  /** Called after each batch with the number of lines and rows handled so far. The last statements may not be written yet. */
  readonly onProgress?: (handled: number) => void;
  /** Awaited before each batch: lets other clients of the process go first. */
  readonly pace?: () => Promise<void>;
  /** Ends the import after the current batch. */
  readonly signal?: AbortSignal;
}

/**
 * Imports items in short transactions, at the pace of PostgreSQL and in bounded memory. Entries with faults are refused one by one. A
 * second import of the same items changes nothing, so an interrupted import is completed by running it again.
 * @throws ReadoutError LIMIT_EXCEEDED for an atomic import or dry run that is too large; those of `restoreHistory` for a history; errors of the
 *   database.
 */
export async function runImport(
  prisma: Prisma,
  items: ItemSource,
  options: ImportOptions,
): Promise<ImportReport> {
  const { header, rest } = await headerOf(items);
  if (isHistory(header)) return importHistory(prisma, header, rest, options);
  return options.atomic ? runAtomic(prisma, rest, options) : new Import(prisma, options).run(rest);
}

/** The header of a file, null without one, and all items with it. */
async function headerOf(items: ItemSource): Promise<{ header: unknown; rest: ItemSource }> {
  const iterator = items[Symbol.asyncIterator]();
  const first = await iterator.next();
  async function* all(): ItemSource {
    if (!first.done) yield first.value;
    yield* { [Symbol.asyncIterator]: () => iterator };
  }
  const header = !first.done && first.value.kind === 'header' ? first.value.value : null;
  return { header, rest: all() };
}

async function runAtomic(prisma: Prisma, items: ItemSource, options: ImportOptions): Promise<ImportReport> {
  const spool = new Spool();
  try {
    for await (const item of items) {
      if (options.signal?.aborted) break;
      await spool.add(item);
    }
    const checked = await new Import(prisma, { ...options, dryRun: true }).run(spool.read());
    const isRight = checked.refused === 0 && checked.complete && !options.signal?.aborted;
    if (!isRight || options.dryRun) return { ...checked, dryRun: options.dryRun ?? false };
    // The check has counted the mentions.
    return await new Import(prisma, { ...options, review: undefined }).run(spool.read());
  } finally {
    await spool.close();
  }
}

/** One run over the items. */
class Import {
  readonly #options: ImportOptions;
  readonly #scope: Scope;
  readonly #nouns: NounWriter;
  readonly #statements: StatementWriter;

  constructor(prisma: Prisma, options: ImportOptions) {
    const { by, dryRun = false, keepExisting = false, review = null, onRefusal } = options;
    this.#options = options;
    const parts = { targets: new Targets(), tally: new Tally(onRefusal), seen: new SeenEntries() };
    this.#scope = new Scope({ prisma, by, dryRun, keepExisting, review, ...parts });
    this.#nouns = new NounWriter(this.#scope);
    this.#statements = new StatementWriter(this.#scope);
  }

  async run(items: ItemSource): Promise<ImportReport> {
    const { signal, pace, onProgress, collection } = this.#options;
    const { tally, dryRun } = this.#scope;
    if (collection) {
      await this.#scope.openCollection(collection);
      this.#scope.isOnlyCollection = true;
    }
    let taken = 0;
    try {
      for await (const batch of batchesOf(items)) {
        if (signal?.aborted) break;
        await pace?.();
        await this.#write(batch);
        taken += lengthOf(batch);
        onProgress?.(taken);
      }
      if (!signal?.aborted)
        for (const kind of ['actor', 'topic'] as const) await this.#nouns.writeWaiting(kind);
    } finally {
      // Statements that PostgreSQL is already writing are written, whatever has happened.
      await Promise.all([this.#statements.finish(), this.#nouns.close()]);
    }
    const complete = !signal?.aborted;
    const [first = null] = this.#scope.opened;
    const compared = complete && tally.refused === 0 && first !== null;
    if (compared) await this.#compare();
    const report = tally.report({ dryRun, collection: first, compared, complete });
    const outdated = await this.#countOutdated();
    return outdated ? { ...report, outdated } : report;
  }

  /** Counts the anchors that new texts have left behind; undefined for none. */
  async #countOutdated(): Promise<OutdatedAnchors | undefined> {
    const { prisma, targets, changedTexts, placed } = this.#scope;
    if (changedTexts.size === 0) return undefined;
    const changed = targets.changedStatements;
    const left = await findOutdated(prisma, changedTexts, changed);
    const inPlace = left.filter((id) => placed.has('statement', id));
    const outdated = await countOutdated(prisma, changedTexts, [...changed, ...inPlace]);
    const [source] = outdated;
    if (!source) return undefined;
    const anchors = outdated.reduce((sum, one) => sum + one.anchors, 0);
    return { anchors, sources: outdated.length, source: source.slug };
  }

  /** Counts, and retracts where wanted, what the collections have and the import does not. */
  async #compare(): Promise<void> {
    const { prisma, by, dryRun, seen, tally, openedIds } = this.#scope;
    const isRetracted = this.#options.retractGone === true && !dryRun;
    for (const collection of openedIds)
      await findGone({
        ...{ prisma, collection, seen },
        retraction: isRetracted
          ? { reason: 'The newer version of its collection does not have it.', by }
          : null,
        onGone: (kind, count) => tally.count(kind, 'gone', count),
      });
  }

  async #write({ entries, others }: Batch): Promise<void> {
    for (const item of others) await this.#take(item);
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

  /** Saves a collection that the import describes beside that of its header, or refuses it. */
  async #saveCollection({ value, place }: ImportItem): Promise<void> {
    const given = (typeof value === 'object' ? value : null) ?? {};
    try {
      await this.#scope.saveCollection(given as Patch);
    } catch (error) {
      const faults = faultsOf(error);
      if (faults.length === 0) throw error;
      this.#scope.tally.refuse('collection', place, withinItem(faults));
    }
  }

  /** Handles a line without an entry. Recognition has used the lines of a map before. */
  async #take(item: Item): Promise<void> {
    const { tally, isOnlyCollection } = this.#scope;
    if (item.kind === 'header')
      this.#scope.isPlaced = (item.value as { placed?: unknown } | null)?.placed === true;
    if (item.kind === 'unread') {
      tally.refuse('unread', item.place, [{ path: item.path, message: item.reason }]);
    } else if (item.kind === 'omitted') {
      tally.omit(item);
    } else if (item.kind === 'change') {
      const message =
        'is a change of a history, which only an empty record takes. Export without the history to import it here';
      tally.refuse('change', item.place, [{ path: [], message }]);
    } else if (isOnlyCollection) {
      return;
    } else if (item.kind === 'collection') {
      await this.#saveCollection(item);
    } else if (item.kind === 'header') {
      const {
        collection: given,
        content,
        only,
      } = item.value as { collection?: Patch; content?: unknown; only?: unknown };
      if (given) await this.#scope.openCollection(given);
      else if (content !== undefined) this.#scope.collection = null;
      if (given && only === true) this.#scope.isOnlyCollection = true;
    }
  }
}
