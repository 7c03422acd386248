import type { Prisma } from '../../db/client.ts';
import type { OutdatedAnchors } from '../report.ts';

/**
 * $1 sources. A change of a source keeps its former content with the position of the change. A statement with an earlier position was neither
 * imported again nor re-anchored after it. A source that had no digest before says nothing about its former text.
 */
const COUNT_OUTDATED = `SELECT count(*)::int AS anchors, count(DISTINCT source.id)::int AS sources, min(source.slug) AS source
  FROM source JOIN source_revision former ON former.source_id = source.id AND former.position = source.position
  JOIN statement ON statement.source_id = source.id AND statement.status = 'CURRENT' AND statement.position < source.position
  JOIN anchor ON anchor.statement_id = statement.id AND anchor.start IS NOT NULL AND anchor.status = 'PLACED'
  WHERE source.id = ANY ($1::int[]) AND former.content ->> 'digest' <> source.digest`;

/** Counts the anchors of these sources, whose texts an import changed, that are still those of the former texts; null if there are none. */
export async function countOutdated(
  prisma: Prisma,
  sources: Iterable<number>,
): Promise<OutdatedAnchors | null> {
  const [row] = await prisma.$queryRawUnsafe<OutdatedAnchors[]>(COUNT_OUTDATED, [...sources]);
  return row && row.anchors > 0 ? row : null;
}
