import { poolSqlOf, type Queryable, type Sql, sqlOf } from '../../../db/sql.ts';
import { writeAtOnce, wroteNothing } from '../../../db/transaction.ts';
import type { Fault } from '../../../domain/input/fault.ts';
import { References } from '../../../domain/input/reference.ts';
import type { StatementItem } from '../../../domain/statement/record/item.ts';
import {
  type KnownStatement,
  type PreparedList,
  type PrepareOptions,
  prepareStatements,
} from '../../../domain/statement/record/prepare.ts';
import { type WrittenStatement, writeDrafts } from '../../../domain/statement/record/record.ts';
import type { Entry } from '../batch.ts';
import { reasonOf, withinItem } from '../faults.ts';
import type { Scope } from '../scope.ts';
import { digestInFile, resolveKnown, reviewMentions } from './mentions.ts';
import { OrderedTransactions } from './orderedTransactions.ts';
import { PendingLists } from './pending.ts';
import { type Difference, RevisionWriter } from './revisions.ts';

const isDefined = <T>(value: T | undefined): value is T => value !== undefined;

/**
 * Writes the statements of an import. While PostgreSQL writes lists, the next one is checked. A list that refers to one that is being
 * written, or has one of its keys, waits for it.
 */
export class StatementWriter {
  readonly #scope: Scope;
  readonly #transactions = new OrderedTransactions();
  readonly #revisions: RevisionWriter;
  readonly #pending = new PendingLists();

  constructor(scope: Scope) {
    this.#scope = scope;
    this.#revisions = new RevisionWriter(scope);
  }

  /** Checks statements and begins to write them. It waits for those before. */
  async write(entries: readonly Entry[]): Promise<void> {
    const prepared = await this.#prepare(entries);
    const { prisma, review } = this.#scope;
    if (review) await reviewMentions(prisma, review, entries, prepared);
    // A link to a statement that this list changes is checked when that is changed. A dry run changes none.
    const postponed: Entry[] = [];
    const changesAny = !this.#scope.dryRun && prepared.results.some(({ outcome }) => outcome === 'differs');
    const differences = this.#settleKnown(entries, prepared, changesAny ? postponed : undefined);
    await this.#pending.makeRoom();
    this.#pending.add(prepared, this.#writeNew(entries, prepared));
    if (differences.length + postponed.length > 0) await this.finish();
    await this.#revisions.write(differences);
    if (postponed.length > 0) await this.#writeHalves(postponed);
    await this.#resolveKnown(entries, prepared);
  }

  /** Resolves mentions of statements that the record has with the same words. */
  async #resolveKnown(entries: readonly Entry[], { results }: PreparedList): Promise<void> {
    const { prisma, by, dryRun, keepExisting, tally } = this.#scope;
    if (keepExisting) return;
    const known = results.flatMap((result, i) => {
      const entry = entries[i] as Entry;
      return result.outcome === 'known' && result.row && !result.row.isRetracted && entry.recognised
        ? [{ entry, id: result.row.id }]
        : [];
    });
    if (known.length === 0) return;
    const changed = await resolveKnown(prisma, known, dryRun ? null : by);
    tally.count('statement', 'changed', changed);
    tally.count('statement', 'unchanged', -changed);
  }

  /** Waits until all lists are written. @throws the first error of one of them. */
  finish(): Promise<void> {
    return this.#pending.finish();
  }

  /** Checks statements while other lists are written. */
  async #prepare(entries: readonly Entry[]): Promise<PreparedList> {
    return this.#prepareWith(this.#scope.prisma, entries, {
      references: new References(this.#scope.targets),
      beforeLookUp: (items) => this.#pending.waitFor(items),
      reserved: this.#pending.slugs,
    });
  }

  async #prepareWith(
    db: Queryable,
    entries: readonly Entry[],
    options: PrepareOptions,
  ): Promise<PreparedList> {
    const inputs = entries.map(({ value }) => value);
    return prepareStatements(db, inputs, {
      ...options,
      pathOf: (i) => [i],
      keyOf: (digest, i) => this.#scope.keyOf(digest, entries[i] as Entry),
      digestOf: (i) => digestInFile(entries[i] as Entry),
      collection: await this.#scope.collectionIdsOf(entries),
      skipFaulty: true,
    });
  }

  /**
   * Counts and refuses what needs no write. Returns the statements that must be revised.
   * @param postponed gets the entries with faults that have links, if it is given; they are not refused then.
   */
  #settleKnown(
    entries: readonly Entry[],
    { results, items }: PreparedList,
    postponed?: Entry[],
  ): Difference[] {
    const { tally, keepExisting, seen, placed, isPlaced } = this.#scope;
    return results
      .map((result, i) => {
        const entry = entries[i] as Entry;
        const refuse = (faults: readonly Fault[]): undefined => {
          tally.refuse('statement', entry.place, withinItem(faults));
          return undefined;
        };
        if (result.outcome === 'new') return undefined;
        if (result.outcome === 'faulty' && postponed && hasLinks(entry)) {
          postponed.push(entry);
          return undefined;
        }
        if (result.outcome === 'faulty') return refuse(result.faults);
        const { row } = result;
        const difference = row ? { entry, row, digest: (items[i] as StatementItem).digest } : undefined;
        const isOther = row && result.outcome === 'differs' && seen.has('statement', row.id);
        if (isOther && !keepExisting) return refuse([repeated(items[i] as StatementItem, i)]);
        if (row) seen.add('statement', row.id);
        if (row && isPlaced) placed.add('statement', row.id);
        if (row?.isRetracted) {
          const isBack = row.isReinstatable && !keepExisting;
          return isBack ? difference : refuse([retracted(row, i)]);
        }
        if (result.outcome === 'known' || (row && keepExisting)) {
          tally.count('statement', 'unchanged');
          return undefined;
        }
        return difference ?? refuse(result.faults);
      })
      .filter(isDefined);
  }

  async #writeNew(entries: readonly Entry[], prepared: PreparedList): Promise<void> {
    const { prisma, by, dryRun } = this.#scope;
    if (dryRun) {
      this.#remember(entries, prepared);
      return;
    }
    try {
      if (prepared.drafts.length === 0) return;
      const write = (sql: Sql, before: bigint) => writeDrafts(sql, prepared, by, before);
      this.#added(await this.#transactions.run(poolSqlOf(prisma), write));
    } catch (error) {
      if (!wroteNothing(error)) throw error;
      this.#scope.targets.forgetRead();
      await this.#writeHalves(entries.filter((_, i) => prepared.results[i]?.outcome === 'new'));
    }
  }

  #added(written: readonly WrittenStatement[]): void {
    const { tally, seen } = this.#scope;
    tally.count('statement', 'added', written.length);
    for (const { id } of written) seen.add('statement', id);
  }

  /** Checks and writes statements again that could not be written together, because of one of them or of another recorder. */
  async #writeHalves(entries: readonly Entry[]): Promise<void> {
    const { prisma, by, tally } = this.#scope;
    for (const part of entries.length > 1 ? halvesOf(entries) : [entries]) {
      try {
        const { prepared, written } = await writeAtOnce(prisma, async (db) => {
          const checked = await this.#prepareWith(db, part, {});
          return { prepared: checked, written: await writeDrafts(sqlOf(db), checked, by) };
        });
        this.#added(written);
        await this.#revisions.write(this.#settleKnown(part, prepared));
      } catch (error) {
        if (!wroteNothing(error)) throw error;
        if (part.length > 1) await this.#writeHalves(part);
        else
          for (const { place } of part)
            tally.refuse('statement', place, [{ path: [], message: reasonOf(error) }]);
      }
    }
  }

  /** Counts what a dry run would add. */
  #remember(entries: readonly Entry[], { results, items }: PreparedList): void {
    const { tally, targets } = this.#scope;
    for (const [i, { outcome }] of results.entries()) {
      if (outcome !== 'new') continue;
      const item = items[i] as StatementItem;
      const { key, digest, input } = item;
      const name = key ?? digest;
      const known = targets.compareStatement(name, digest);
      if (known === 'other') {
        tally.refuse('statement', (entries[i] as Entry).place, withinItem([repeated(item, i)]));
        continue;
      }
      tally.count('statement', known === 'none' ? 'added' : 'unchanged');
      targets.rememberStatement(name, digest);
      if (input.slug !== undefined && input.slug !== name) targets.rememberStatement(input.slug, digest);
    }
  }
}

const hasLinks = ({ value }: Entry): boolean =>
  ((value as { links?: readonly unknown[] | null } | null)?.links?.length ?? 0) > 0;

const retracted = ({ slug }: KnownStatement, i: number): Fault => ({
  path: [i],
  message: `was retracted from the record: “${slug}”. Give it another key and slug to record it again`,
});

/** The last of two rows would otherwise replace the first one, and each import would change both. */
const repeated = ({ input }: StatementItem, i: number): Fault => ({
  path: [i, input.key == null ? 'slug' : 'key'],
  message: 'is that of an earlier row of this import, which says something else. Give each statement its own',
});

function halvesOf<T>(items: readonly T[]): (readonly T[])[] {
  const half = Math.ceil(items.length / 2);
  return [items.slice(0, half), items.slice(half)];
}
