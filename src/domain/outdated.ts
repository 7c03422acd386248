import type { Queryable, Transaction } from '../db/sql.ts';
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

/** Ids of sources with the positions at which they got another text; null in a dry run, which gives them none. */
export type ChangedTexts = ReadonlyMap<number, bigint | null>;

/**
 * $1 sources, $2 positions at which they got another text, $3 statements to leave out. A statement with an earlier position was neither
 * recorded nor re-anchored after that. A merge, a split and a resolved mention have a reason, and leave the anchors as they are.
 */
const OUTDATED = `FROM unnest($1::int[], $2::bigint[]) AS changed (id, position) JOIN source ON source.id = changed.id
  JOIN statement ON statement.source_id = source.id AND statement.status = 'CURRENT'
    AND (changed.position IS NULL OR statement.position < changed.position OR NOT EXISTS (
      SELECT FROM change WHERE change.statement_id = statement.id AND change.position > changed.position AND change.reason IS NULL))
    AND NOT EXISTS (SELECT FROM unnest($3::int[]) AS omitted (id) WHERE omitted.id = statement.id)
  JOIN anchor ON anchor.statement_id = statement.id AND anchor.start IS NOT NULL AND anchor.status = 'PLACED'`;
const COUNT_OUTDATED = `SELECT source.id, source.slug, count(*)::int AS anchors ${OUTDATED} GROUP BY source.id ORDER BY source.slug`;
const FIND_OUTDATED = `SELECT DISTINCT statement.id ${OUTDATED}`;

/**
 * Whether a save gave another text to a source, with or without the text itself. A source that had neither digest nor length says
 * nothing about its former text.
 */
export const hasOtherText = ({ former, content }: Pick<Saved, 'former' | 'content'>): boolean =>
  ['digest', 'length'].some((field) => {
    const [before, now] = [former?.[field], content?.[field]];
    return before !== undefined && now !== undefined && before !== now;
  });

/**
 * Counts the anchors that still refer to the former texts of sources. Sources without such anchors are left out.
 * @param omitted ids of statements whose anchors are not counted.
 */
export const countOutdated = (
  db: Queryable,
  texts: ChangedTexts,
  omitted: Iterable<number> = [],
): Promise<OutdatedSource[]> =>
  db.$queryRawUnsafe<OutdatedSource[]>(COUNT_OUTDATED, [...texts.keys()], [...texts.values()], [...omitted]);

/** Ids of the statements whose anchors `countOutdated` counts. */
export async function findOutdated(
  db: Queryable,
  texts: ChangedTexts,
  omitted: Iterable<number> = [],
): Promise<number[]> {
  const values = [[...texts.keys()], [...texts.values()], [...omitted]];
  const rows = await db.$queryRawUnsafe<{ id: number }[]>(FIND_OUTDATED, ...values);
  return rows.map(({ id }) => id);
}

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
  const texts = new Map(changed.map(({ id, position }) => [id, position]));
  const outdated = await countOutdated(tx, texts);
  const anchorsOf = new Map(outdated.map(({ id, anchors }) => [id, anchors]));
  return saved.map((one, i) => {
    const anchors = hasOtherText(one) ? anchorsOf.get(one.id) : undefined;
    if (anchors === undefined) return one;
    return { ...one, warnings: [...one.warnings, outdatedWarning(patches[i] as Patch, one, anchors)] };
  });
}
