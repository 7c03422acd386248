import type { Database } from '../../db/client.ts';
import type { Anchor } from '../../db/generated/client.ts';
import type { Slice } from '../slice.ts';

/** The anchors whose words a new text of their source does not have, or has at several places. */
export interface LostAnchors {
  readonly anchors: readonly Anchor[];
  readonly total: number;
}

/** Those of current statements, by source and statement. @param sourceId null for all sources. */
export async function readLostAnchors(
  { prisma }: Database,
  sourceId: number | null,
  { first, offset }: Slice,
): Promise<LostAnchors> {
  const where = {
    status: { not: 'PLACED' },
    statement: { status: 'CURRENT' },
    ...(sourceId !== null && { sourceId }),
  } as const;
  const [anchors, total] = await Promise.all([
    prisma.anchor.findMany({
      where,
      orderBy: [{ sourceId: 'asc' }, { statementId: 'asc' }, { ordinal: 'asc' }],
      skip: offset,
      take: first,
    }),
    prisma.anchor.count({ where }),
  ]);
  return { anchors, total };
}
