import { ReadoutError } from '../../base/errors.ts';
import type { Prisma } from '../../db/client.ts';
import type { StatementContent } from '../content.ts';
import { References } from '../input/reference.ts';
import { parseReason } from '../withdraw.ts';
import { RENAMED_MAX, RENAMING_TIME_MAX_MS, type RenamingLimits, renameAll } from './renameAll.ts';

export interface MentionInput {
  /** The words of the mention, exactly. */
  readonly as: string;
  /** Slug of the actor whom they mean. */
  readonly actor: string;
  /** Slug of a collection or source: only mentions of statements in it. Default: all. */
  readonly collection?: string | null | undefined;
  readonly source?: string | null | undefined;
  readonly reason: string;
}

/** What one call has done. */
export interface ResolvedMentions {
  /** Id of the actor. */
  readonly id: number;
  /** Position of the last change; null if no such mention was unresolved. */
  readonly position: bigint | null;
  /** Statements that were revised now. */
  readonly statements: number;
  /** Whether no such mention is left. */
  readonly isComplete: boolean;
}

/** $1 words, $2 collection or null, $3 source or null, $4 number. */
const MENTIONING_STATEMENTS = `SELECT DISTINCT s.id FROM statement_mention m JOIN statement s ON s.id = m.statement_id
  WHERE m."as" = $1 AND m.actor_id IS NULL AND s.status = 'CURRENT'
    AND ($2::int IS NULL OR s.collection_id = $2) AND ($3::int IS NULL OR s.source_id = $3)
  ORDER BY s.id LIMIT $4::int`;

/** The content with the actor in every unresolved mention with these words; the same object if there is none. */
export function withResolvedMention(content: StatementContent, as: string, actor: string): StatementContent {
  const { mentions = [] } = content;
  const isMeant = (mention: (typeof mentions)[number]): boolean =>
    mention.as === as && mention.actor === undefined;
  if (!mentions.some(isMeant)) return content;
  const isNamed = mentions.some((mention) => mention.as === as && mention.actor === actor);
  return {
    ...content,
    mentions: mentions.flatMap((mention) => {
      if (!isMeant(mention)) return [mention];
      return isNamed ? [] : [{ as, actor }];
    }),
  };
}

async function idOf(
  prisma: Prisma,
  noun: 'collection' | 'source',
  slug: string | null | undefined,
): Promise<number | null> {
  if (slug == null) return null;
  const rows = await prisma.$queryRawUnsafe<{ id: number }[]>(`SELECT id FROM ${noun} WHERE slug = $1`, slug);
  if (!rows[0]) throw new ReadoutError('NOT_FOUND', `The record has no ${noun} “${slug}”.`, ['input', noun]);
  return rows[0].id;
}

/**
 * Gives an actor to every unresolved mention with these words, so that the actor is a speaker of the statement. Each statement is revised
 * in a logged change. It works in short transactions; after an interruption, or where the result is not complete, the next call continues.
 * @throws ReadoutError NOT_FOUND; INVALID_INPUT without a reason.
 */
export async function resolveMention(
  prisma: Prisma,
  { as, actor, collection, source, reason: given }: MentionInput,
  by: string,
  { entriesMax = RENAMED_MAX, timeMaxMs = RENAMING_TIME_MAX_MS }: RenamingLimits = {},
): Promise<ResolvedMentions> {
  const endMs = performance.now() + timeMaxMs;
  const reason = parseReason(given);
  const references = new References();
  references.want('actor', actor);
  await references.find(prisma);
  const target = references.get('actor', actor);
  if (!target)
    throw new ReadoutError('NOT_FOUND', `The record has no current actor “${actor}”.`, ['input', 'actor']);
  const slug = references.presentSlug(actor);
  const scope = [await idOf(prisma, 'collection', collection), await idOf(prisma, 'source', source)];
  const renamed = await renameAll(prisma, {
    find: (limit) => prisma.$queryRawUnsafe<{ id: number }[]>(MENTIONING_STATEMENTS, as, ...scope, limit),
    rename: (content) => withResolvedMention(content, as, slug),
    reason,
    by,
    max: entriesMax,
    endMs,
  });
  return { id: target.id, ...renamed };
}
