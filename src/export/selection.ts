import { ReadoutError } from '../base/errors.ts';
import type { Database } from '../db/client.ts';
import type { Catalog } from '../read/memory/catalog.ts';
import { SlugLoader } from '../read/memory/slugs.ts';
import { UnknownSlugs } from '../read/memory/unknownSlugs.ts';
import { withoutNul } from '../read/sql.ts';
import { parseFilter, type StatementFilterInput, takeSlugs } from '../read/statements/filter.ts';
import { parametersFor } from '../read/statements/list.ts';
import { toSql } from '../read/statements/where.ts';

/** What it takes to check a filter and to make SQL from it. */
interface SelectionOptions {
  readonly db: Database;
  readonly catalog: Pick<Catalog, 'slugs' | 'languages'>;
}

/** Which statements an export has. */
export interface Selection {
  /** As the client sent it; null for all statements. */
  readonly filter: StatementFilterInput | null;
  /** SQL of the condition, over the statement `s`. */
  readonly condition: string;
  /** The values of the condition. */
  readonly values: readonly unknown[];
}

/**
 * Makes the condition of a filter.
 * @throws ReadoutError INVALID_INPUT for an unknown slug or for retracted statements, which an export of the content can't have;
 *   LIMIT_EXCEEDED.
 */
export async function selectionOf(
  { db, catalog }: SelectionOptions,
  filter: StatementFilterInput | null,
): Promise<Selection> {
  if (filter?.includeRetracted) {
    throw new ReadoutError(
      'INVALID_INPUT',
      'An export of the content has current statements only. Export the history for the retracted ones.',
      ['filter', 'includeRetracted'],
    );
  }
  const condition = parseFilter(filter);
  const unknown = new UnknownSlugs(catalog.slugs, new SlugLoader(db, catalog.slugs));
  takeSlugs(filter ?? {}, ['filter'], (noun, slug, path) => unknown.take(noun, slug, path));
  const [first] = (await unknown.find()).unknown;
  if (first) {
    throw new ReadoutError('INVALID_INPUT', `The record has no ${first.noun} “${first.slug}”.`, first.path);
  }
  const parameters = await parametersFor(db, catalog.languages, condition);
  const sql = toSql(condition, parameters);
  return { filter, condition: `(${sql})`, values: parameters.values.map(withoutNul) };
}
