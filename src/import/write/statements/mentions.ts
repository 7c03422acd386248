import type { Prisma } from '../../../db/client.ts';
import type { Queryable } from '../../../db/sql.ts';
import { transact } from '../../../db/transaction.ts';
import type { StatementContent } from '../../../domain/content.ts';
import { withResolvedMention } from '../../../domain/correction/mention.ts';
import { parseInput } from '../../../domain/input/fault.ts';
import { statementInput } from '../../../domain/input/statement.ts';
import { inputDigest } from '../../../domain/statement/record/item.ts';
import type { PreparedList } from '../../../domain/statement/record/prepare.ts';
import { renameInStatements } from '../../../domain/statement/rename.ts';
import { mentionsOf } from '../../recognise/references.ts';
import type { Review } from '../../recognise/review.ts';
import type { Entry } from '../batch.ts';

const REASON = 'An import has found the actor of a mention.';
const STATEMENTS_PER_TRANSACTION_MAX = 100;

/** $1 ids of statements. Those that have mentions without an actor, with the words of these. */
const READ_UNRESOLVED = `SELECT s.id, s.slug, array_agg(m."as") AS words FROM statement_mention m JOIN statement s ON s.id = m.statement_id
  WHERE m.actor_id IS NULL AND s.status = 'CURRENT' AND s.id = ANY ($1::int[]) GROUP BY s.id ORDER BY s.id`;

/** $1 ids of statements. Their mentions that have an actor. */
const READ_RESOLVED = `SELECT m.statement_id AS id, m."as", actor.slug AS actor
  FROM statement_mention m JOIN actor ON actor.id = m.actor_id WHERE m.statement_id = ANY ($1::int[])`;

/**
 * Digest of the content of an entry as the file has it, without the actors that the import has found: the next import of the file can find
 * others. Undefined where it has found none.
 */
export function digestInFile({ value, recognised }: Entry): string | undefined {
  if (!recognised) return undefined;
  const mentions = mentionsOf(value).map((mention) =>
    mention.as !== undefined && recognised.includes(mention.as) ? { as: mention.as } : mention,
  );
  const input = parseInput(statementInput, { ...(value as object), mentions }, [], []);
  return input && inputDigest(input);
}

/** An entry that the record has with the same words, and the id of its statement. */
export interface KnownEntry {
  readonly entry: Entry;
  readonly id: number;
}

/**
 * Gives mentions of the record the actors that the import has found, each statement in a logged change. Mentions that have an actor keep it.
 * @param by null to write nothing.
 * @returns the number of statements that differ.
 */
export async function resolveKnown(
  prisma: Prisma,
  known: readonly KnownEntry[],
  by: string | null,
): Promise<number> {
  const entries = new Map(known.map(({ id, entry }) => [id, entry]));
  const rows = await prisma.$queryRawUnsafe<{ id: number; slug: string; words: string[] }[]>(
    READ_UNRESOLVED,
    [...entries.keys()],
  );
  const found = rows.flatMap(({ id, slug, words }) => {
    const { value, recognised = [] } = entries.get(id) as Entry;
    const mentions = mentionsOf(value).flatMap(({ as, actor }) =>
      as !== undefined && actor !== undefined && recognised.includes(as) && words.includes(as)
        ? [{ as, actor }]
        : [],
    );
    return mentions.length > 0 ? [{ id, slug, mentions }] : [];
  });
  if (by === null) return found.length;
  for (let i = 0; i < found.length; i += STATEMENTS_PER_TRANSACTION_MAX) {
    const part = found.slice(i, i + STATEMENTS_PER_TRANSACTION_MAX);
    const bySlug = new Map(part.map(({ slug, mentions }) => [slug, mentions]));
    const rename = (content: StatementContent): StatementContent =>
      (bySlug.get(String(content.slug)) ?? []).reduce(
        (renamed, { as, actor }) => withResolvedMention(renamed, as, actor),
        content,
      );
    const ids = part.map(({ id }) => id);
    await transact(prisma, (tx) => renameInStatements(tx, ids, rename, REASON, by));
  }
  return found.length;
}

/** $1 ids of statements. The words of their mentions that have an actor. */
const READ_RESOLVED_WORDS = `SELECT statement_id AS id, array_agg("as") AS words FROM statement_mention
  WHERE actor_id IS NOT NULL AND statement_id = ANY ($1::int[]) GROUP BY statement_id`;

/** Counts the mentions of statements for which neither the import nor the record has an actor. */
export async function reviewMentions(
  db: Queryable,
  review: Review,
  entries: readonly Entry[],
  { results }: Pick<PreparedList, 'results'>,
): Promise<void> {
  const unresolved = entries.flatMap(({ value, place }, i) => {
    const words = mentionsOf(value).flatMap(({ as, actor }) =>
      typeof as === 'string' && actor === undefined ? [as] : [],
    );
    const result = results[i];
    const id = result && 'row' in result ? result.row?.id : undefined;
    return words.length > 0 ? [{ value: value as object, place, words, id }] : [];
  });
  const ids = unresolved.flatMap(({ id }) => id ?? []);
  const rows =
    ids.length > 0
      ? await db.$queryRawUnsafe<{ id: number; words: string[] }[]>(READ_RESOLVED_WORDS, ids)
      : [];
  const resolved = new Map(rows.map(({ id, words }) => [id, new Set(words)]));
  for (const { value, place, words, id } of unresolved) {
    const known = resolved.get(id ?? Number.NaN);
    for (const as of words)
      if (!known?.has(as)) review.add(as, value as Readonly<Record<string, unknown>>, place);
  }
}

/** The content of an entry, and the id of its statement; null for one whose mentions stay as they are. */
export interface KnownContent {
  readonly id: number | null;
  readonly content: Readonly<Record<string, unknown>>;
}

/** The contents, in their order. A mention without an actor gets the one that the record has for the same words of the statement. */
export async function withKnownActors(
  tx: Queryable,
  known: readonly KnownContent[],
): Promise<KnownContent['content'][]> {
  const hasOpen = ({ id, content }: KnownContent): boolean =>
    id !== null && mentionsOf(content).some(({ actor }) => actor === undefined);
  const ids = known.filter(hasOpen).map(({ id }) => id);
  if (ids.length === 0) return known.map(({ content }) => content);
  const rows = await tx.$queryRawUnsafe<{ id: number; as: string; actor: string }[]>(READ_RESOLVED, ids);
  const actors = new Map(rows.map(({ id, as, actor }) => [`${id} ${as}`, actor]));
  return known.map(({ id, content }) => {
    if (!hasOpen({ id, content })) return content;
    const mentions = mentionsOf(content).map((mention) => {
      const actor = mention.actor ?? actors.get(`${id} ${mention.as}`);
      return actor === undefined ? mention : { ...mention, actor };
    });
    return { ...content, mentions };
  });
}
