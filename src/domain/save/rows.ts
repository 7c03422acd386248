import { mapInSteps } from '../../base/steps.ts';
import type { Transaction } from '../../db/sql.ts';
import type { EntryNoun } from '../../log/append.ts';
import type { SavedEntry } from './rules.ts';

/**
 * $1 JSON list of items, each the content of an entry with `id` and `isNew`. `item` has them in their order as `j`. SQL that writes rows
 * begins with it. It finds rows by their ids: PostgreSQL would read the whole table to find those of some hundred slugs.
 */
export const ITEMS = `item AS MATERIALIZED (
    SELECT n, j, (j -> 'id')::int AS id, j ->> 'slug' AS slug, (j -> 'isNew')::boolean AS is_new
    FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY AS part (j, n))`;

/** The list of items that `ITEMS` reads. @param extra more columns of an entry. */
export const itemsJson = <Input>(
  entries: readonly SavedEntry<Input>[],
  extra: (input: Input) => object = () => ({}),
): string =>
  JSON.stringify(
    entries.map(({ id, content, former, input }) =>
      Object.assign({}, content, extra(input), { id, isNew: former === null }),
    ),
  );

/** Ids for new entries, in ascending order. */
export async function reserveIds(tx: Transaction, noun: EntryNoun, count: number): Promise<number[]> {
  if (count === 0) return [];
  const rows = await tx.$queryRawUnsafe<{ id: number }[]>(
    `SELECT nextval('${noun}_id_seq')::int AS id FROM generate_series(1, $1::int) ORDER BY id`,
    count,
  );
  return rows.map(({ id }) => id);
}

/** How a list of an entry is written, such as its aliases: a row for each. */
export interface Parts<Input> {
  readonly field: keyof Input & string;
  /** Deletes the rows of entries. $1 their ids. */
  readonly clear: string;
  /** Adds rows. $1 a JSON list of them, each with `id` of its entry and `ordinal` from 0. */
  readonly add: string;
}

/** Writes a list of each entry in which it changed. @param partsOf the list as rows. */
export async function writeParts<Input>(
  tx: Transaction,
  entries: readonly SavedEntry<Input>[],
  { field, clear, add }: Parts<Input>,
  partsOf: (input: Input) => readonly object[] | undefined,
): Promise<void> {
  const changed = entries.filter((entry) => entry.changed.includes(field));
  const former = changed.flatMap((entry) => entry.former?.id ?? []);
  if (former.length > 0) await tx.$executeRawUnsafe(clear, former);
  const rowsOf = ({ id, input }: SavedEntry<Input>) =>
    (partsOf(input) ?? []).map((part, ordinal) => ({ id, ordinal, ...part }));
  const rows = (await mapInSteps(changed, rowsOf)).flat();
  if (rows.length > 0) await tx.$executeRawUnsafe(add, JSON.stringify(rows));
}
