import type { Queryable, Transaction } from '../db/client.ts';
import type { Patch } from './save/rules.ts';
import type { Saved, SaveOptions } from './save/save.ts';
import { saveSources } from './source.ts';
import type { Warning } from './warning.ts';

/** Anchors of a source that got another text, which were not placed in it. */
export interface OutdatedSource {
  readonly id: number;
  readonly slug: string;
  readonly anchors: number;
}

/**
 * $1 sources. A change of a source keeps its former content with the position of the change. A statement with an earlier position was neither
 * recorded nor re-anchored after it. A source that had neither digest nor length before says nothing about its former text.
 */
const COUNT_OUTDATED = `SELECT source.id, source.slug, count(*)::int AS anchors
  FROM source JOIN source_revision former ON former.source_id = source.id AND former.position = source.position
  JOIN statement ON statement.source_id = source.id AND statement.status = 'CURRENT' AND statement.position < source.position
  JOIN anchor ON anchor.statement_id = statement.id AND anchor.start IS NOT NULL AND anchor.status = 'PLACED'
  WHERE source.id = ANY ($1::int[])
    AND (former.content ->> 'digest' <> source.digest OR (former.content ->> 'length')::int <> source.length)
  GROUP BY source.id ORDER BY source.slug`;

/** Whether a save gave another text to a source that the record had, with or without the text itself. */
export const hasOtherText = ({ created, changed }: Pick<Saved, 'created' | 'changed'>): boolean =>
  !created && (changed.includes('digest') || changed.includes('length'));

/**
 * Counts the anchors that still refer to the former texts of sources. The last change of each source must be that of its text. Sources
 * without such anchors are left out.
 */
export const countOutdated = (db: Queryable, sources: Iterable<number>): Promise<OutdatedSource[]> =>
  db.$queryRawUnsafe<OutdatedSource[]>(COUNT_OUTDATED, [...sources]);

function outdatedWarning({ text }: Patch, { changed }: Saved, anchors: number): Warning {
  const message = `Anchors of its statements that are still those of the former text: ${anchors}. Give the new text to reanchorSource (npm run reanchor), which places them.`;
  const digestOrLength = changed.includes('digest') ? 'digest' : 'length';
  return { code: 'OUTDATED_ANCHORS', message, path: [typeof text === 'string' ? 'text' : digestOrLength] };
}

/**
 * Saves sources as `saveSources` does, and warns of anchors that a new text leaves behind. The same text saved again gives no
 * warning.
 */
export async function saveSourcesWarned(
  tx: Transaction,
  patches: readonly Patch[],
  by: string,
  options?: SaveOptions,
): Promise<Saved[]> {
  const saved = await saveSources(tx, patches, by, options);
  const changed = saved.filter(hasOtherText);
  if (changed.length === 0) return saved;
  const outdated = await countOutdated(
    tx,
    changed.map(({ id }) => id),
  );
  const anchorsOf = new Map(outdated.map(({ id, anchors }) => [id, anchors]));
  return saved.map((one, i) => {
    const anchors = hasOtherText(one) ? anchorsOf.get(one.id) : undefined;
    if (anchors === undefined) return one;
    return { ...one, warnings: [...one.warnings, outdatedWarning(patches[i] as Patch, one, anchors)] };
  });
}
