import { ReadoutError } from '../../base/errors.ts';
import type { Prisma, Transaction } from '../../db/client.ts';
import { transact } from '../../db/transaction.ts';
import { ACTOR } from '../actor.ts';
import type { ActorContent } from '../content.ts';
import { EVENT } from '../event.ts';
import { readRedirects, renameActors } from '../input/redirect.ts';
import { type Former, isWithdrawn, readFormer } from '../save/former.ts';
import type { NounRules, Patch } from '../save/rules.ts';
import { saveEntries } from '../save/save.ts';
import { SOURCE } from '../source.ts';
import { renameInStatements } from '../statement/rename.ts';
import { parseReason, withdrawUnreferred } from '../withdraw.ts';

/** Statements and other entries that one `mergeActors` or `resolveMention` revises. Call it again for the rest. @limit entries */
export const RENAMED_MAX = 5_000;
/** Entries of a transaction, few enough to hold the counter row for some hundred milliseconds at most. */
export const RENAMED_PER_TRANSACTION_MAX = 100;
/** Sources of a transaction. Each can have a text of a megabyte. */
const SOURCES_PER_TRANSACTION_MAX = 10;

/** $1 actor, $2 id after which to go on, $3 number. Current statements that name the actor. */
const NEXT_STATEMENTS = `SELECT id FROM (
    SELECT statement_id AS id FROM statement_speaker WHERE actor_id = $1 AND status = 'CURRENT'
    UNION SELECT statement_id FROM statement_addressee WHERE actor_id = $1 AND status = 'CURRENT'
    UNION SELECT statement_id FROM attribution WHERE actor_id = $1 AND status = 'CURRENT'
    UNION SELECT statement_id FROM statement_behalf JOIN statement ON statement.id = statement_id
      WHERE actor_id = $1 AND status = 'CURRENT') AS naming
  WHERE id > $2 ORDER BY id LIMIT $3::int`;

/** The nouns beside statements that name actors: SQL of the current rows `t` that name the actor $1. */
const NAMING = [
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

/** The fields of the nouns that name actors. */
const NAMING_FIELDS = ['affiliations', 'participants', 'publisher'] as const;

export interface MergeInput {
  /** Slug of the actor that is withdrawn. */
  readonly from: string;
  /** Slug of the actor that remains. A former slug means the present one. */
  readonly into: string;
  /** Position at which the client read `from`. */
  readonly ifPosition?: string | null | undefined;
  readonly reason: string;
}

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

function conflict(message: string, field: string, details?: Record<string, unknown>): ReadoutError {
  return new ReadoutError('CONFLICT', message, ['input', field], details);
}

/** Reads and locks both actors. @throws ReadoutError NOT_FOUND, INVALID_INPUT or CONFLICT where they can't be merged. */
async function lockPair(
  tx: Transaction,
  { from: given, into: target, ifPosition }: MergeInput,
): Promise<{ from: Former; into: Former }> {
  const redirects = await readRedirects(tx, [given, target]);
  const moved = redirects.get(given);
  if (moved !== undefined)
    throw conflict(`“${given}” was merged into “${moved}” already.`, 'from', { slug: moved });
  const present = redirects.get(target) ?? target;
  if (present === given)
    throw new ReadoutError('INVALID_INPUT', 'An actor can’t be merged into itself.', ['input', 'into']);
  const formers = await readFormer(tx, ACTOR, [given, present]);
  const named = (slug: string, field: string): Former => {
    const former = formers.get(slug);
    if (!former) throw new ReadoutError('NOT_FOUND', `The record has no actor “${slug}”.`, ['input', field]);
    if (isWithdrawn(former))
      throw conflict(`The actor “${slug}” was withdrawn. Save it to make it current again.`, field);
    return former;
  };
  const from = named(given, 'from');
  const into = named(present, 'into');
  if (ifPosition != null && ifPosition !== String(from.position)) {
    throw conflict(
      `The actor “${given}” has changed since position ${ifPosition}: it is now at ${from.position}. Read it again before you merge it.`,
      'ifPosition',
      { position: String(from.position) },
    );
  }
  return { from, into };
}

/** What the remaining actor gets from the other one: its names, affiliations and identifiers, unless it has them. */
function gained(from: ActorContent, into: ActorContent): Patch {
  const names = new Set([into.name, ...(into.aliases ?? []).map(({ name }) => name)]);
  const aliases = [{ name: from.name }, ...(from.aliases ?? [])].filter(({ name }) => {
    if (names.has(name)) return false;
    names.add(name);
    return true;
  });
  const { affiliations } = renameActors(
    { affiliations: [...(into.affiliations ?? []), ...(from.affiliations ?? [])] },
    (slug) => (slug === from.slug ? into.slug : slug),
  );
  const own = new Set<string>();
  return {
    slug: into.slug,
    aliases: [...(into.aliases ?? []), ...aliases],
    affiliations: affiliations?.filter((affiliation) => {
      const text = JSON.stringify(affiliation);
      if (affiliation.in === into.slug || own.has(text)) return false;
      own.add(text);
      return true;
    }),
    identifiers: [...(into.identifiers ?? []), ...(from.identifiers ?? [])],
  };
}

/** One merge, in several transactions. */
class Merge {
  readonly #prisma: Prisma;
  readonly #reason: string;
  readonly #by: string;
  readonly #max: number;
  readonly #pair: Pair;
  position: bigint | null = null;
  statements = 0;
  entries = 0;

  constructor(prisma: Prisma, pair: Pair, reason: string, by: string, max: number) {
    this.#prisma = prisma;
    this.#pair = pair;
    this.#reason = reason;
    this.#by = by;
    this.#max = max;
  }

  /** How many more entries this call may revise. */
  get #rest(): number {
    return this.#max - this.statements - this.entries;
  }

  readonly #rename = (slug: string): string => (slug === this.#pair.from.slug ? this.#pair.into.slug : slug);

  reached(written: readonly { readonly position: bigint | null }[]): void {
    this.position = written.at(-1)?.position ?? this.position;
  }

  /** Revises the statements. @returns whether none is left. */
  async ofStatements(): Promise<boolean> {
    const { from } = this.#pair;
    for (let after = 0; this.#rest > 0; ) {
      const rows = await this.#prisma.$queryRawUnsafe<{ id: number }[]>(
        NEXT_STATEMENTS,
        from.id,
        after,
        Math.min(this.#rest, RENAMED_PER_TRANSACTION_MAX),
      );
      const last = rows.at(-1);
      if (!last) return true;
      const ids = rows.map(({ id }) => id);
      const written = await transact(this.#prisma, (tx) =>
        renameInStatements(tx, ids, (content) => renameActors(content, this.#rename), this.#reason, this.#by),
      );
      this.reached(written);
      this.statements += written.length;
      after = last.id;
    }
    return false;
  }

  /** Revises the entries of a noun. @returns whether none is left. */
  async ofEntries({ rules, where, length }: (typeof NAMING)[number]): Promise<boolean> {
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
      this.reached(saved.filter(({ position }) => position !== null));
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
      const given = NAMING_FIELDS.flatMap((field) =>
        content[field] === undefined ? [] : [[field, content[field]] as const],
      );
      return [{ slug: former.content.slug, ...Object.fromEntries(given) }];
    });
    return saveEntries(tx, rules, patches, this.#by, { reason: this.#reason });
  }

  /** Withdraws the actor. @returns false if something refers to it again. */
  async end(): Promise<boolean> {
    const { from, into } = this.#pair;
    const withdrawn = await transact(this.#prisma, (tx) =>
      withdrawUnreferred(tx, ACTOR, [from.slug], this.#reason, this.#by, [], into.slug),
    );
    this.reached(withdrawn);
    return withdrawn.length > 0;
  }
}

/**
 * Merges an actor into another one. All current entries that named it then name the other one, with one logged change for each. Its names
 * become aliases of the other one; its affiliations and identifiers move. It is then withdrawn, and its slug leads to the other one. The
 * merge works in short transactions, so that readers and other recorders are served meanwhile. After an interruption, or where the result
 * is not complete, the next call continues.
 * @param entriesMax statements and other entries that this call revises at most.
 * @throws ReadoutError NOT_FOUND; INVALID_INPUT without a reason, for an actor and itself, or where the other one would have too many names;
 *   CONFLICT if one of them is withdrawn or merged, or `from` has changed since `ifPosition`.
 */
export async function mergeActors(
  prisma: Prisma,
  input: MergeInput,
  by: string,
  entriesMax: number = RENAMED_MAX,
): Promise<Merged> {
  const reason = parseReason(input.reason);
  const { pair, saved } = await transact(prisma, async (tx) => {
    const { from, into } = await lockPair(tx, input);
    const options = { reason, pathOf: () => ['input', 'into'] };
    const content = from.content as unknown as ActorContent;
    // An identifier names one actor only, so one loses it before the other gets it.
    const lost = { slug: content.slug, affiliations: null, identifiers: null };
    const [given] = await saveEntries(tx, ACTOR, [lost], by, options);
    const patch = gained(content, into.content as unknown as ActorContent);
    const [taken] = await saveEntries(tx, ACTOR, [patch], by, options);
    return {
      pair: {
        from: { id: from.id, slug: content.slug },
        into: { id: into.id, slug: into.content.slug },
      },
      saved: [given, taken].flatMap((one) => (one && one.position !== null ? [one] : [])),
    };
  });
  const merge = new Merge(prisma, pair, reason, by, entriesMax);
  merge.reached(saved);
  const [actors, ...others] = NAMING;
  let isComplete = await merge.ofEntries(actors);
  isComplete &&= await merge.ofStatements();
  for (const naming of others) isComplete &&= await merge.ofEntries(naming);
  isComplete &&= await merge.end();
  const { position, statements, entries } = merge;
  return { id: pair.into.id, position, statements, entries, isComplete };
}
