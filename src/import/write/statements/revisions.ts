import type { Transaction } from '../../../db/sql.ts';
import { transact, wroteNothing } from '../../../db/transaction.ts';
import type { Fault } from '../../../domain/input/fault.ts';
import { statementInput } from '../../../domain/input/statement.ts';
import type { KnownStatement } from '../../../domain/statement/record/prepare.ts';
import { reinstateStatement, reviseStatement } from '../../../domain/statement/revise.ts';
import { type RevisionOutcome, reviseStatements } from '../../../domain/statement/reviseList.ts';
import type { Entry } from '../batch.ts';
import { faultsOf, reasonOf, withinItem } from '../faults.ts';
import type { Scope } from '../scope.ts';
import { withKnownActors } from './mentions.ts';

/** Statements that are revised in one transaction, few enough to hold the counter row for some tens of milliseconds. */
const REVISED_TOGETHER = 100;

/** A statement of the record whose content differs from that of an entry, or that was retracted with its collection. */
export interface Difference {
  readonly entry: Entry;
  readonly row: KnownStatement;
  readonly digest: string;
}

/** $1 id, $2 digest of its input. */
const WRITE_INPUT_DIGEST = 'UPDATE statement SET input_digest = $2 WHERE id = $1';

/** The fields that a revision can change. */
const REVISED_FIELDS = Object.keys(statementInput.shape).filter(
  (field) => field !== 'key' && field !== 'slug',
);

/** Writes what an import changes in statements of the record. */
export class RevisionWriter {
  readonly #scope: Scope;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  /** Revises statements in lists, and those that must be revised alone after them. */
  async write(differences: readonly Difference[]): Promise<void> {
    const alone: Difference[] = [];
    for (let i = 0; i < differences.length; i += REVISED_TOGETHER)
      alone.push(...(await this.#reviseTogether(differences.slice(i, i + REVISED_TOGETHER))));
    await this.#reviseEach(alone);
  }

  /** Revises statements in one transaction. @returns those that must be revised alone. */
  async #reviseTogether(differences: readonly Difference[]): Promise<readonly Difference[]> {
    const { prisma, by, tally, dryRunTargets } = this.#scope;
    const collections = await this.#scope.collectionIdsOf(differences.map(({ entry }) => entry));
    try {
      const outcomes = await transact(prisma, async (tx) => {
        const contents = await contentsOf(tx, differences);
        const revisions = differences.map(({ row, digest }, i) => ({
          ...{ id: row.id, content: contents[i] ?? {}, inputDigest: digest, isReinstated: row.isRetracted },
          collectionId: collections[i] ?? null,
        }));
        return reviseStatements(tx, revisions, by, dryRunTargets);
      });
      return differences.filter((difference, i) => {
        const result = outcomes[i] as RevisionOutcome;
        if (result.outcome === 'alone') return true;
        if (result.outcome === 'faulty')
          tally.refuse('statement', difference.entry.place, withinItem(result.faults));
        else this.#countRevised(difference, result.outcome === 'changed');
        return false;
      });
    } catch (error) {
      if (!wroteNothing(error)) throw error;
      return differences; // one of them is the reason
    }
  }

  #countRevised({ row }: Difference, isChanged: boolean): void {
    if (isChanged) this.#scope.dryRunTargets?.rememberChange(row.id);
    this.#scope.tally.count('statement', row.isRetracted ? 'added' : isChanged ? 'changed' : 'unchanged');
  }

  /** Revises statements, each in its own transaction. One that does not fit the links of another one is revised after that. */
  async #reviseEach(differences: readonly Difference[]): Promise<void> {
    for (let rest = differences; rest.length > 0; ) {
      const refused: { readonly difference: Difference; readonly faults: readonly Fault[] }[] = [];
      for (const difference of rest) {
        const faults = await this.#revise(difference);
        if (faults.length > 0) refused.push({ difference, faults });
      }
      if (refused.length === rest.length) {
        for (const { difference, faults } of refused)
          this.#scope.tally.refuse('statement', difference.entry.place, faults);
        return;
      }
      rest = refused.map(({ difference }) => difference).reverse(); // of a chain, the last one can come first
    }
  }

  /**
   * Makes the content of a statement that of the entry. What the entry leaves out is emptied. A statement that was retracted with its
   * collection becomes current again, which counts as added.
   * @returns why it was refused; empty if it was not.
   */
  async #revise(difference: Difference): Promise<readonly Fault[]> {
    const { entry, row, digest } = difference;
    const { prisma, by, dryRunTargets } = this.#scope;
    const [collectionId = null] = await this.#scope.collectionIdsOf([entry]);
    try {
      const isChanged = await transact(prisma, async (tx) => {
        const [content = {}] = await contentsOf(tx, [difference]);
        const changes = Object.fromEntries(REVISED_FIELDS.map((field) => [field, content[field] ?? null]));
        const { position } = row.isRetracted
          ? await reinstateStatement(tx, row.id, content, collectionId, by, dryRunTargets)
          : await reviseStatement(tx, row.id, changes, null, by, null, dryRunTargets);
        // The key now belongs to this content, so the next import of it finds it unchanged.
        if (!dryRunTargets) await tx.$executeRawUnsafe(WRITE_INPUT_DIGEST, row.id, digest);
        return position !== null;
      });
      this.#countRevised(difference, isChanged);
      return [];
    } catch (error) {
      if (!wroteNothing(error)) throw error;
      const faults = withinItem(faultsOf(error));
      return faults.length > 0 ? faults : [{ path: [], message: reasonOf(error) }];
    }
  }
}

type Content = Readonly<Record<string, unknown>>;

/** The contents of the entries without their keys. Mentions of current statements keep the actors that the record has. */
async function contentsOf(tx: Transaction, differences: readonly Difference[]): Promise<Content[]> {
  const known = differences.map(({ entry, row }) => {
    const { key: _, ...content } = entry.value as Content;
    return { id: row.isRetracted ? null : row.id, content };
  });
  return withKnownActors(tx, known);
}
