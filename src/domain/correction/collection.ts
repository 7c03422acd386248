import { ReadoutError } from '../../base/errors.ts';
import type { Prisma } from '../../db/client.ts';
import { transact } from '../../db/transaction.ts';
import { ACTOR } from '../actor.ts';
import { COLLECTION } from '../collection.ts';
import { EVENT } from '../event.ts';
import { SAVED_BYTES_MAX } from '../save/former.ts';
import { SOURCE } from '../source.ts';
import { retractStatements } from '../statement/retract.ts';
import { TOPIC } from '../topic.ts';
import { ACTOR_CYCLES, parseReason, type WithdrawalRules, withdrawUnreferred } from '../withdraw.ts';

/** Statements and other entries that one `retractCollection` retracts or withdraws. Call it again for the rest. @limit entries */
export const COLLECTION_RETRACTED_MAX = 5_000;
/** Entries of a transaction, few enough to hold the counter row for some milliseconds only. */
const TRANSACTION_LENGTH_MAX = 200;

/** In this order, no entry refers to one that was withdrawn before it. */
const NOUNS = [EVENT, SOURCE, TOPIC, ACTOR] as const;

/** $1 collection; $2, $3 day and id after which to go on. Current statements, newest first, as the index has them. */
const NEXT_STATEMENTS = `SELECT id, said_earliest::text AS day FROM statement
  WHERE collection_id = $1 AND status = 'CURRENT' AND (said_earliest, id) < ($2::date, $3::int)
  ORDER BY said_earliest DESC, id DESC LIMIT $4::int`;

/** $1 collection, $2 id after which to go on. Current entries of a noun. */
const nextEntriesSql = ({ noun, bytesSql = '0' }: WithdrawalRules): string => `
  SELECT t.id, t.slug, coalesce(${bytesSql}, 0)::int AS bytes FROM ${noun} t
  WHERE t.collection_id = $1 AND t.withdrawal_reason IS NULL AND t.id > $2::int ORDER BY t.id LIMIT $3::int`;

/** $1 collection. Its current statements, and its current entries of all nouns. */
const COUNT_CURRENT = `SELECT
  (SELECT count(*) FROM statement WHERE collection_id = $1 AND status = 'CURRENT')::int AS statements,
  (${NOUNS.map(({ noun }) => `(SELECT count(*) FROM ${noun} WHERE collection_id = $1 AND withdrawal_reason IS NULL)`).join(' + ')})::int AS entries`;

/** $1 collection, $2 reason or null. */
const SET_RETRACTING = `UPDATE collection SET retracting_reason = $2 WHERE id = $1`;

/** What one call has done. */
export interface CollectionRetraction {
  readonly id: number;
  /** Position of its last change; null if there was nothing to do. */
  readonly position: bigint | null;
  /** Statements that were retracted now. */
  readonly retracted: number;
  /** Its statements that are still current; none once complete. */
  readonly remaining: number;
  /** Actors, topics, sources and events that were withdrawn now. */
  readonly withdrawn: number;
  /** Its actors, topics, sources and events that are current: once complete, those that something else refers to. */
  readonly kept: number;
  /** Whether nothing is left to do. */
  readonly isComplete: boolean;
}

/** One retraction of a collection, in several transactions. */
class Retraction {
  readonly #prisma: Prisma;
  readonly #id: number;
  readonly #reason: string;
  readonly #by: string;
  readonly #entriesMax: number;
  retracted = 0;
  withdrawn = 0;
  position: bigint | null = null;

  constructor(prisma: Prisma, id: number, reason: string, by: string, entriesMax: number) {
    this.#prisma = prisma;
    this.#id = id;
    this.#reason = reason;
    this.#by = by;
    this.#entriesMax = entriesMax;
  }

  /** How many more entries this call may take. */
  get #rest(): number {
    return Math.min(TRANSACTION_LENGTH_MAX, this.#entriesMax - this.retracted - this.withdrawn);
  }

  #advanceTo(written: readonly { readonly position: bigint }[]): number {
    this.position = written.at(-1)?.position ?? this.position;
    return written.length;
  }

  /** Retracts the statements. @returns whether none is left. */
  async retractStatements(): Promise<boolean> {
    let after: readonly [day: string, id: number] = ['infinity', 0];
    while (this.#rest > 0) {
      const rows = await this.#prisma.$queryRawUnsafe<{ id: number; day: string }[]>(
        NEXT_STATEMENTS,
        this.#id,
        ...after,
        this.#rest,
      );
      const last = rows.at(-1);
      if (!last) return true;
      const ids = rows.map(({ id }) => id);
      const write = () => transact(this.#prisma, (tx) => retractStatements(tx, ids, this.#reason, this.#by));
      this.retracted += this.#advanceTo(await write());
      after = [last.day, last.id];
    }
    return false;
  }

  /** Withdraws the entries of a noun that nothing refers to, and then those that only these referred to. @returns whether none is left. */
  async withdrawEntries(rules: WithdrawalRules): Promise<boolean> {
    for (let found = Number.POSITIVE_INFINITY; found > 0; ) {
      found = 0;
      for (let after = 0; ; ) {
        if (this.#rest <= 0) return false;
        const rows = await this.#prisma.$queryRawUnsafe<{ id: number; slug: string; bytes: number }[]>(
          nextEntriesSql(rules),
          this.#id,
          after,
          this.#rest,
        );
        const taken = firstWithin(rows, SAVED_BYTES_MAX);
        const last = taken.at(-1);
        if (!last) break;
        const slugs = taken.map(({ slug }) => slug);
        const written = await transact(this.#prisma, (tx) =>
          withdrawUnreferred(tx, rules, slugs, this.#reason, this.#by),
        );
        found += this.#advanceTo(written);
        this.withdrawn += written.length;
        after = last.id;
      }
    }
    return true;
  }

  /** Withdraws the actors to which only actors like them refer. @returns whether none is left. */
  async withdrawCycles(): Promise<boolean> {
    const rows = await this.#prisma.$queryRawUnsafe<{ id: number; slug: string }[]>(ACTOR_CYCLES, this.#id);
    const ids = rows.map(({ id }) => id);
    for (let i = 0; i < rows.length; ) {
      if (this.#rest <= 0) return false;
      const slugs = rows.slice(i, i + this.#rest).map(({ slug }) => slug);
      const written = await transact(this.#prisma, (tx) =>
        withdrawUnreferred(tx, ACTOR, slugs, this.#reason, this.#by, { ignored: ids }),
      );
      this.withdrawn += this.#advanceTo(written);
      i += slugs.length;
    }
    return true;
  }

  /** Withdraws the collection itself. @returns false if it has got statements again in the meantime. */
  async withdrawCollection(slug: string): Promise<boolean> {
    const written = await transact(this.#prisma, async (tx) => {
      const withdrawn = await withdrawUnreferred(tx, COLLECTION, [slug], this.#reason, this.#by);
      if (withdrawn.length > 0) await tx.$executeRawUnsafe(SET_RETRACTING, this.#id, null);
      return withdrawn;
    });
    return this.#advanceTo(written) > 0;
  }
}

/** The first of the rows whose bytes together stay within the limit, at least one. */
function firstWithin<Row extends { readonly bytes: number }>(rows: readonly Row[], bytesMax: number): Row[] {
  let bytes = 0;
  return rows.filter((row, i) => {
    bytes += row.bytes;
    return i === 0 || bytes <= bytesMax;
  });
}

/**
 * Retracts a collection as a whole: its current statements, then the actors, topics, sources and events that it added and that nothing else
 * refers to, then the collection itself. It works in short transactions, so that readers and other recorders are served meanwhile. After an
 * interruption, or where the result is not complete, the collection says that it is being retracted, and the next call continues.
 * @param entriesMax entries that this call retracts or withdraws at most.
 * @throws ReadoutError NOT_FOUND; INVALID_INPUT without a reason.
 */
export async function retractCollection(
  prisma: Prisma,
  slug: string,
  reason: string,
  by: string,
  entriesMax: number = COLLECTION_RETRACTED_MAX,
): Promise<CollectionRetraction> {
  parseReason(reason);
  const collection = await prisma.collection.findUnique({ where: { slug } });
  if (!collection)
    throw new ReadoutError('NOT_FOUND', `The record has no collection “${slug}”.`, ['input', 'slug']);
  const { id } = collection;
  if (collection.withdrawalReason === null) await prisma.$executeRawUnsafe(SET_RETRACTING, id, reason);
  const retraction = new Retraction(prisma, id, reason, by, entriesMax);
  let isComplete = await retraction.retractStatements();
  for (const rules of NOUNS) isComplete &&= await retraction.withdrawEntries(rules);
  isComplete &&= await retraction.withdrawCycles();
  if (isComplete && collection.withdrawalReason === null)
    isComplete = await retraction.withdrawCollection(slug);
  const [counted] = await prisma.$queryRawUnsafe<{ statements: number; entries: number }[]>(
    COUNT_CURRENT,
    id,
  );
  const { statements: remaining = 0, entries: kept = 0 } = counted ?? {};
  const { retracted, withdrawn, position } = retraction;
  return { id, position, retracted, remaining, withdrawn, kept, isComplete };
}
