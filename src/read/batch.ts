import DataLoader from 'dataloader';
import { groupBy } from './group.ts';

/** Lists that hang on something, one for every id, in the order of the ids. */
export function listsOf<Row, Item>(
  read: (ids: number[]) => Promise<Row[]>,
  ownerOf: (row: Row) => number | null,
  itemOf: (row: Row) => Item,
): DataLoader<number, Item[]> {
  return new DataLoader(async (ids) => {
    const rows = groupBy(await read([...ids]), ownerOf);
    return ids.map((id) => (rows.get(id) ?? []).map(itemOf));
  });
}

/** Lists that hang on a statement. */
export function lists<Row extends { statementId: number }, Item>(
  read: (ids: number[]) => Promise<Row[]>,
  itemOf: (row: Row) => Item,
): DataLoader<number, Item[]> {
  return listsOf(read, (row) => row.statementId, itemOf);
}

/** Rows by id that another row refers to, so that each must be there. */
export function things<Row extends { id: number }>(
  read: (ids: number[]) => Promise<Row[]>,
): DataLoader<number, Row> {
  return new DataLoader(async (ids) => {
    const rows = new Map((await read([...ids])).map((row) => [row.id, row]));
    return ids.map((id) => rows.get(id) ?? new Error(`row ${id} is not in the record`));
  });
}
