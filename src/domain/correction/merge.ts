import type { Prisma } from '../../db/client.ts';
import type { Transaction } from '../../db/sql.ts';
import { lockWithdrawals, transact } from '../../db/transaction.ts';
import { ACTOR } from '../actor.ts';
import type { ActorContent } from '../content.ts';
import { EVENT } from '../event.ts';
import { renameActors } from '../input/redirect.ts';
import { isWithdrawn, readFormer } from '../save/former.ts';
import type { NounRules, Patch } from '../save/rules.ts';
import { saveEntries } from '../save/save.ts';
import { SOURCE } from '../source.ts';
import { parseReason, withdrawUnreferred } from '../withdraw.ts';
import { lockPair, type MergeInput, patchOfMerge } from './pair.ts';
import {
  RENAMED_MAX,
  RENAMED_PER_TRANSACTION_MAX,
  RENAMING_TIME_MAX_MS,
  type RenamingLimits,
  renameAll,
} from './renameAll.ts';

/** Sources of a transaction. Each can have a text of a megabyte. */
const SOURCES_PER_TRANSACTION_MAX = 10;

/** $1 actor, $2 number. Current statements that name the actor. */
const NAMING_STATEMENTS = `SELECT id FROM (
    SELECT statement_id AS id FROM statement_speaker WHERE actor_id = $1 AND status = 'CURRENT'
    UNION SELECT statement_id FROM statement_addressee WHERE actor_id = $1 AND status = 'CURRENT'
    UNION SELECT statement_id FROM attribution WHERE actor_id = $1 AND status = 'CURRENT'
    UNION SELECT statement_id FROM statement_behalf JOIN statement ON statement.id = statement_id
      WHERE actor_id = $1 AND status = 'CURRENT') AS naming
  ORDER BY id LIMIT $2::int`;

/** The nouns beside statements that refer to actors, with SQL of the rows `t` that refer to the actor $1. */
const REFERRING = [
  {
    rules: ACTOR as unknown as NounRules<never>,
    where: 't.id IN (SELECT actor_id FROM affiliation WHERE in_id = $1)',
    length: RENAMED_PER_TRANSACTION_MAX,
  },
  {
    rules: EVENT as unknown as NounRules<never>,
    where: 't.id IN (SELECT event_id FROM event_participant WHERE actor_id = $1)',
    length: RENAMED_PER_TRANSACTION_MAX,
  },
  {
    rules: SOURCE as unknown as NounRules<never>,
    where: 't.publisher_id = $1',
    length: SOURCES_PER_TRANSACTION_MAX,
  },
] as const;

/** The fields of these nouns that refer to actors. */
const REFERRING_FIELDS = ['affiliations', 'participants', 'publisher'] as const;

/** What one call has done. */
export interface Merged {
  /** Id of the actor that remains. */
  readonly id: number;
  /** Position of its last change; null if there was nothing to do. */
  readonly position: bigint | null;
  /** Statements that were revised now. */
  readonly statements: number;
  /** Other actors, events and sources that were revised now. */
  readonly entries: number;
  /** Whether nothing is left to do. */
  readonly isComplete: boolean;
}

interface Pair {
  readonly from: { readonly id: number; readonly slug: string };
  readonly into: { readonly id: number; readonly slug: string };
}

/** One merge, in several transactions. */
class Merge {
  readonly #prisma: Prisma;
  readonly #reason: string;
  readonly #by: string;
  readonly #max: number;
  readonly #endMs: number;
  readonly #pair: Pair;
  position: bigint | null = null;
  statements = 0;
  entries = 0;

  /** @param endMs time, by `performance.now()`, after which no further transaction begins. */
  constructor(prisma: Prisma, pair: Pair, reason: string, by: string, max: number, endMs: number) {
    this.#prisma = prisma;
    this.#pair = pair;
    this.#reason = reason;
    this.#by = by;
    this.#max = max;
    this.#endMs = endMs;
  }

  /** How many more entries this call may revise; none when its time is over. */
  get #rest(): number {
    return performance.now() > this.#endMs ? 0 : this.#max - this.statements - this.entries;
  }

  readonly #rename = (slug: string): string => (slug === this.#pair.from.slug ? this.#pair.into.slug : slug);

  advanceTo(written: readonly { readonly position: bigint | null }[]): void {
    this.position = written.at(-1)?.position ?? this.position;
  }

  /** Revises the statements. @returns whether none is left. */
  async reviseStatements(): Promise<boolean> {
    const renamed = await renameAll(this.#prisma, {
      find: (limit) =>
        this.#prisma.$queryRawUnsafe<{ id: number }[]>(NAMING_STATEMENTS, this.#pair.from.id, limit),
      rename: (content) => renameActors(content, this.#rename),
      reason: this.#reason,
      by: this.#by,
      max: this.#rest,
      endMs: this.#endMs,
    });
    this.position = renamed.position ?? this.position;
    this.statements += renamed.statements;
    return renamed.isComplete;
  }

  /** Revises the entries of a noun. @returns whether none is left. */
  async reviseEntries({ rules, where, length }: (typeof REFERRING)[number]): Promise<boolean> {
    const next = `SELECT t.id, t.slug FROM ${rules.noun} t WHERE ${where} AND t.withdrawal_reason IS NULL AND t.id > $2 ORDER BY t.id LIMIT $3::int`;
    for (let after = 0; this.#rest > 0; ) {
      const rows = await this.#prisma.$queryRawUnsafe<{ id: number; slug: string }[]>(
        next,
        this.#pair.from.id,
        after,
        Math.min(this.#rest, length),
      );
      const last = rows.at(-1);
      if (!last) return true;
      const slugs = rows.map(({ slug }) => slug);
      const saved = await transact(this.#prisma, (tx) => this.#saveRenamed(tx, rules, slugs));
      this.advanceTo(saved.filter(({ position }) => position !== null));
      this.entries += saved.length;
      after = last.id;
    }
    return false;
  }

  /** Saves current entries with the actor replaced. */
  async #saveRenamed(tx: Transaction, rules: NounRules<never>, slugs: readonly string[]) {
    const formers = [...(await readFormer(tx, rules, slugs)).values()];
    const patches = formers.flatMap((former): Patch[] => {
      if (isWithdrawn(former)) return [];
      const content: Patch = { ...renameActors(former.content as object, this.#rename) };
      const given = REFERRING_FIELDS.flatMap((field) =>
        content[field] === undefined ? [] : [[field, content[field]] as const],
      );
      return [{ slug: former.content.slug, ...Object.fromEntries(given) }];
    });
    return saveEntries(tx, rules, patches, this.#by, { reason: this.#reason });
  }

  /**
   * Withdraws the actor.
   * @returns false if something refers to it again.
   * @throws ReadoutError CONFLICT or INVALID_INPUT if the other one was withdrawn or merged meanwhile. Two merges could lead to each other.
   */
  async withdrawActor(): Promise<boolean> {
    const { from, into } = this.#pair;
    const withdrawn = await transact(this.#prisma, async (tx) => {
      await lockWithdrawals(tx);
      await lockPair(tx, { from: from.slug, into: into.slug });
      return withdrawUnreferred(tx, ACTOR, [from.slug], this.#reason, this.#by, { mergedInto: into.slug });
    });
    this.advanceTo(withdrawn);
    return withdrawn.length > 0;
  }
}

/**
 * Merges an actor into another one. All current entries that named it then name the other one, with one logged change for each. Its names
 * become aliases of the other one; its affiliations and identifiers move. It is then withdrawn, and its slug leads to the other one. The
 * merge works in short transactions, so that readers and other recorders are served meanwhile. After an interruption, or where the result
 * is not complete, the next call continues.
 * @throws ReadoutError NOT_FOUND; INVALID_INPUT without a reason, for an actor and itself, or where the other one would have too many names;
 *   CONFLICT if one of them is withdrawn or merged, or `from` has changed since `ifPosition`.
 */
export async function mergeActors(
  prisma: Prisma,
  input: MergeInput,
  by: string,
  { entriesMax = RENAMED_MAX, timeMaxMs = RENAMING_TIME_MAX_MS }: RenamingLimits = {},
): Promise<Merged> {
  const endMs = performance.now() + timeMaxMs;
  const reason = parseReason(input.reason);
  const { pair, saved } = await transact(prisma, async (tx) => {
    const { from, into } = await lockPair(tx, input);
    const options = { reason, pathOf: () => ['input', 'into'] };
    const content = from.content as unknown as ActorContent;
    // An identifier names one actor only, so one loses it before the other gets it.
    const emptied = { slug: content.slug, affiliations: null, identifiers: null };
    const [savedFrom] = await saveEntries(tx, ACTOR, [emptied], by, options);
    const patch = patchOfMerge(content, into.content as unknown as ActorContent);
    const [savedInto] = await saveEntries(tx, ACTOR, [patch], by, options);
    return {
      pair: {
        from: { id: from.id, slug: content.slug },
        into: { id: into.id, slug: into.content.slug },
      },
      saved: [savedFrom, savedInto].flatMap((one) => (one && one.position !== null ? [one] : [])),
    };
  });
  const merge = new Merge(prisma, pair, reason, by, entriesMax, endMs);
  merge.advanceTo(saved);
  const [actors, ...others] = REFERRING;
  let isComplete = await merge.reviseEntries(actors);
  isComplete &&= await merge.reviseStatements();
  for (const referring of others) isComplete &&= await merge.reviseEntries(referring);
  isComplete &&= await merge.withdrawActor();
  const { position, statements, entries } = merge;
  return { id: pair.into.id, position, statements, entries, isComplete };
}
