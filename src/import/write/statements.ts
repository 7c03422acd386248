import type { Prisma } from '../../db/client.ts';
import { retry, transact, wroteNothing } from '../../db/transaction.ts';
import type { Fault } from '../../domain/input/fault.ts';
import { statementInput } from '../../domain/input/input.ts';
import { References } from '../../domain/input/reference.ts';
import {
  type KnownStatement,
  type PreparedList,
  prepareStatements,
  type StatementItem,
  writeDrafts,
} from '../../domain/statement/record.ts';
import { reviseStatement } from '../../domain/statement/revise.ts';
import type { Tally } from '../report.ts';
import type { Entry } from './batch.ts';
import { reasonOf } from './nouns.ts';
import type { Targets } from './targets.ts';

export interface StatementWriterOptions {
  readonly prisma: Prisma;
  readonly by: string;
  readonly targets: Targets;
  readonly tally: Tally;
  readonly dryRun: boolean;
  readonly keepExisting: boolean;
  /** The key of a statement that has neither key nor slug, by the digest of its content. */
  readonly keyOf: (digest: string) => string;
}

/** Statements that are being written. */
interface Pending {
  /** Their slugs and keys. */
  readonly names: ReadonlySet<string>;
  readonly slugs: ReadonlySet<string>;
  readonly written: Promise<void>;
}

/** A statement of the record whose content differs from that of an entry. */
interface Difference {
  readonly entry: Entry;
  readonly row: KnownStatement;
  readonly digest: string;
}

/** The fields that a revision can change. */
const REVISED_FIELDS = Object.keys(statementInput.shape).filter(
  (field) => field !== 'key' && field !== 'slug',
);

const isDefined = <T>(value: T | undefined): value is T => value !== undefined;

/** Undoes what a dry run has tried. */
class Undo extends Error {
  constructor(readonly isChanged: boolean) {
    super('a dry run is undone');
  }
}

/**
 * Writes the statements of an import. While PostgreSQL writes one list, the next one is checked. A list that refers to the one before,
 * or has one of its keys, waits for it.
 */
export class StatementWriter {
  readonly #options: StatementWriterOptions;
  #pending: Pending | null = null;

  constructor(options: StatementWriterOptions) {
    this.#options = options;
  }

  /** Checks statements and begins to write them. It waits for those before. */
  async write(entries: readonly Entry[]): Promise<void> {
    const prepared = await this.#prepare(entries);
    const { names, slugs } = namesOf(prepared);
    const differences = this.#settleKnown(entries, prepared);
    await this.#pending?.written;
    this.#pending = { names, slugs, written: this.#writeNew(entries, prepared) };
    this.#pending.written.catch(() => undefined); // `finish`, or the next list, throws it
    if (differences.length === 0) return;
    await this.finish();
    for (const difference of differences) await this.#revise(difference);
  }

  /** Waits until all statements are written. */
  async finish(): Promise<void> {
    const pending = this.#pending;
    this.#pending = null;
    await pending?.written;
  }

  #prepare(entries: readonly Entry[]): Promise<PreparedList> {
    const { prisma, targets, keyOf } = this.#options;
    const pending = this.#pending;
    const beforeLookUp = async (items: readonly StatementItem[]): Promise<void> => {
      if (pending && items.some((item) => touches(item, pending.names))) await pending.written;
    };
    return prepareStatements(
      prisma,
      entries.map(({ value }) => value),
      {
        ...{
          pathOf: (i: number) => [i],
          references: new References(targets),
          keyOf,
          beforeLookUp,
          eachAlone: true,
        },
        ...(pending && { reserved: pending.slugs }),
      },
    );
  }

  /** Counts and refuses what needs no write. Returns the statements that must be revised. */
  #settleKnown(entries: readonly Entry[], { results, items }: PreparedList): Difference[] {
    const { tally, keepExisting } = this.#options;
    return results
      .map((result, i) => {
        const entry = entries[i] as Entry;
        const refuse = (faults: readonly Fault[]): undefined => {
          tally.refuse(
            'statement',
            entry.place,
            faults.map(({ path, message }) => ({ path: path.slice(1), message })),
          );
          return undefined;
        };
        if (result.fate === 'new') return undefined;
        if (result.fate === 'faulty') return refuse(result.faults);
        const { row } = result;
        if (row?.isRetracted) return refuse([retracted(row, i)]);
        if (result.fate === 'known' || (row && keepExisting)) {
          tally.count('statement', 'unchanged');
          return undefined;
        }
        return row ? { entry, row, digest: (items[i] as StatementItem).digest } : refuse(result.faults);
      })
      .filter(isDefined);
  }

  async #writeNew(entries: readonly Entry[], prepared: PreparedList): Promise<void> {
    const { prisma, by, tally, dryRun } = this.#options;
    if (dryRun) {
      this.#remember(prepared);
      return;
    }
    try {
      await writeDrafts(prisma, prepared.drafts, by);
      tally.count('statement', 'added', prepared.drafts.length);
    } catch (error) {
      if (!wroteNothing(error)) throw error;
      await this.#writeHalves(entries.filter((_, i) => prepared.results[i]?.fate === 'new'));
    }
  }

  /** Checks and writes statements again, which could not be written together: one of them, or another recorder, is the reason. */
  async #writeHalves(entries: readonly Entry[]): Promise<void> {
    const { prisma, by, tally } = this.#options;
    for (const part of entries.length > 1 ? halvesOf(entries) : [entries]) {
      try {
        const differences = await retry(async () => {
          const prepared = await this.#prepareAgain(part);
          await writeDrafts(prisma, prepared.drafts, by);
          tally.count('statement', 'added', prepared.drafts.length);
          return this.#settleKnown(part, prepared);
        });
        for (const difference of differences) await this.#revise(difference);
      } catch (error) {
        if (!wroteNothing(error)) throw error;
        if (part.length > 1) await this.#writeHalves(part);
        else
          for (const { place } of part)
            tally.refuse('statement', place, [{ path: [], message: reasonOf(error) }]);
      }
    }
  }

  #prepareAgain(entries: readonly Entry[]): Promise<PreparedList> {
    const { prisma, keyOf } = this.#options;
    const inputs = entries.map(({ value }) => value);
    return prepareStatements(prisma, inputs, { pathOf: (i) => [i], keyOf, eachAlone: true });
  }

  /** Counts what a dry run would add. */
  #remember({ results, items }: PreparedList): void {
    const { tally, targets } = this.#options;
    for (const [i, { fate }] of results.entries()) {
      if (fate !== 'new') continue;
      const { key, digest, input } = items[i] as StatementItem;
      const name = key ?? digest;
      const known = targets.compareStatement(name, digest);
      tally.count('statement', known === 'none' ? 'added' : known === 'same' ? 'unchanged' : 'changed');
      targets.rememberStatement(name, digest);
      if (input.slug !== undefined && input.slug !== name) targets.rememberStatement(input.slug, digest);
    }
  }

  /** Makes the content of a statement that of the entry. What the entry leaves out is emptied. */
  async #revise({ entry, row, digest }: Difference): Promise<void> {
    const { prisma, by, tally, dryRun } = this.#options;
    const value = entry.value as Readonly<Record<string, unknown>>;
    const changes = Object.fromEntries(REVISED_FIELDS.map((field) => [field, value[field] ?? null]));
    try {
      const isChanged = await transact(prisma, async (tx) => {
        const { position } = await reviseStatement(tx, row.id, changes, null, by);
        if (dryRun) throw new Undo(position !== null);
        // From now on the key stands for this content, so the next import of it finds it unchanged.
        await tx.$executeRawUnsafe('UPDATE statement SET input_digest = $2 WHERE id = $1', row.id, digest);
        return position !== null;
      }).catch((error: unknown) => {
        if (error instanceof Undo) return error.isChanged;
        throw error;
      });
      tally.count('statement', isChanged ? 'changed' : 'unchanged');
    } catch (error) {
      if (!wroteNothing(error)) throw error;
      const faults = faultsOf(error).map(({ path, message }) => ({ path: path.slice(1), message }));
      tally.refuse(
        'statement',
        entry.place,
        faults.length > 0 ? faults : [{ path: [], message: reasonOf(error) }],
      );
    }
  }
}

const faultsOf = (error: unknown): readonly Fault[] =>
  ((error as { details?: { faults?: readonly Fault[] } }).details?.faults as readonly Fault[] | undefined) ??
  [];

const retracted = ({ slug }: KnownStatement, i: number): Fault => ({
  path: [i],
  message: `was retracted from the record: “${slug}”. Give it another key and slug to record it again`,
});

/** The slugs and keys that a list takes. */
function namesOf({ results, items, drafts }: PreparedList): { names: Set<string>; slugs: Set<string> } {
  const slugs = new Set(drafts.map(({ slug }) => slug));
  const names = new Set(slugs);
  for (const [i, { fate }] of results.entries()) {
    const key = items[i]?.key;
    if (fate === 'new' && key != null) names.add(key);
  }
  return { names, slugs };
}

/** Whether a statement has one of these names, or links to one. */
function touches({ key, input: { slug, links } }: StatementItem, names: ReadonlySet<string>): boolean {
  if (key !== null && names.has(key)) return true;
  if (slug !== undefined && names.has(slug)) return true;
  return links?.some(({ to }) => names.has(to)) ?? false;
}

function halvesOf<T>(items: readonly T[]): (readonly T[])[] {
  const half = Math.ceil(items.length / 2);
  return [items.slice(0, half), items.slice(half)];
}
