import { ReadoutError } from '../../base/errors.ts';
import {
  type Connection,
  encodeCursor,
  type Keys,
  makeConnection,
  type PageArguments,
  parsePage,
} from '../../read/page.ts';

/** One level of an order: a column, its direction, and the type of its value in a cursor. */
interface OrderKey<Row> {
  readonly field: keyof Row & string;
  readonly type: 'text' | 'day' | 'id';
  readonly descending?: boolean;
}

interface Order<Row> {
  /** Named in the cursors. */
  readonly name: string;
  readonly keys: readonly OrderKey<Row>[];
}

type Where = Record<string, unknown>;

/** The rows after the keys of a cursor: (a > x) or (a = x and b > y), because Prisma cannot compare tuples. */
function rowsPast<Row>(keys: readonly OrderKey<Row>[], values: Keys, forward: boolean): Where {
  const keyValue = (i: number) => (keys[i]?.type === 'day' ? new Date(`${values[i]}T00:00:00Z`) : values[i]);
  const alternatives = keys.map((key, i) => ({
    ...Object.fromEntries(keys.slice(0, i).map((before, j) => [before.field, keyValue(j)])),
    [key.field]: { [(key.descending ?? false) === forward ? 'lt' : 'gt']: keyValue(i) },
  }));
  return { OR: alternatives };
}

/**
 * A page of a Prisma model in a stable order, with one SQL statement for the rows.
 * @throws ReadoutError INVALID_INPUT or LIMIT_EXCEEDED that names the argument.
 */
export async function readPage<Row>(
  args: PageArguments,
  order: Order<Row>,
  where: Where,
  findMany: (args: { where: Where; orderBy: Where[]; take: number }) => Promise<unknown[]>,
): Promise<Connection<Row>> {
  const page = parsePage(
    args,
    order.name,
    order.keys.map((key) => key.type),
  );
  const bounds = [
    ...(page.after ? [rowsPast(order.keys, page.after, true)] : []),
    ...(page.before ? [rowsPast(order.keys, page.before, false)] : []),
  ];
  const rows = (await findMany({
    where: { AND: [where, ...bounds] },
    orderBy: order.keys.map((key) => ({
      [key.field]: (key.descending ?? false) === page.fromEnd ? 'asc' : 'desc',
    })),
    take: page.size + 1,
  })) as Row[];
  return makeConnection(page, rows, (row) =>
    encodeCursor(
      order.name,
      order.keys.map((key) => cursorValue(row, key)),
    ),
  );
}

function cursorValue<Row>(row: Row, key: OrderKey<Row>): string | number {
  const value = row[key.field];
  return value instanceof Date ? value.toISOString().slice(0, 10) : (value as string | number);
}

/** The index of a cursor in the results of a search. */
function indexOfCursor(name: 'after' | 'before', keys: Keys | null, ids: readonly number[]): number | null {
  if (keys === null) return null;
  const index = ids.indexOf(keys[0] as number);
  if (index >= 0) return index;
  throw new ReadoutError(
    'INVALID_INPUT',
    `The cursor in “${name}” is not one of this search’s results. Start again without it if you change the search.`,
    [name],
  );
}

/**
 * A page of the rows with these ids, in the order of the ids: best match first.
 * @throws ReadoutError INVALID_INPUT or LIMIT_EXCEEDED that names the argument.
 */
async function readRanked<Row extends { id: number }>(
  args: PageArguments,
  ids: readonly number[],
  findMany: (ids: number[]) => Promise<unknown[]>,
): Promise<Connection<Row>> {
  const page = parsePage(args, 'SEARCH', ['id']);
  const after = indexOfCursor('after', page.after, ids);
  const before = indexOfCursor('before', page.before, ids);
  const within = ids.slice(after === null ? 0 : after + 1, before ?? ids.length);
  const wanted = page.fromEnd ? within.slice(-page.size - 1).reverse() : within.slice(0, page.size + 1);
  const rows = new Map((await findMany([...wanted])).map((row) => [(row as Row).id, row as Row]));
  const items = wanted.flatMap((id) => rows.get(id) ?? []);
  return makeConnection(page, items, (row) => encodeCursor('SEARCH', [row.id]));
}

/** By name. Rows with the same name are in the order in which they were added. */
export const BY_NAME = {
  name: 'NAME',
  keys: [
    { field: 'name', type: 'text' },
    { field: 'id', type: 'id' },
  ],
} as const;

/** By title. Rows with the same title are in the order in which they were added. */
export const BY_TITLE = {
  name: 'TITLE',
  keys: [
    { field: 'title', type: 'text' },
    { field: 'id', type: 'id' },
  ],
} as const;

/** The arguments of a list in which names can be searched. */
interface SearchArguments extends PageArguments {
  readonly search?: string | null | undefined;
}

/**
 * A page of rows in this order or, with a search, of the best matches first.
 * @param find returns the ids of the matches, best first.
 * @throws ReadoutError INVALID_INPUT or LIMIT_EXCEEDED that names the argument.
 */
export async function readSearched<Row extends { id: number }>(
  args: SearchArguments,
  order: Order<Row>,
  where: Where,
  find: (search: string) => Promise<number[]>,
  findMany: (args: { where: Where; orderBy?: Where[]; take?: number }) => Promise<unknown[]>,
): Promise<Connection<Row>> {
  const search = args.search?.trim();
  if (!search) return readPage<Row>(args, order, where, findMany);
  const found = await find(search);
  const kept = new Set(
    (await findMany({ where: { AND: [{ id: { in: found } }, where] } })).map((row) => (row as Row).id),
  );
  const ids = found.filter((id) => kept.has(id));
  return readRanked<Row>(args, ids, (wanted) => findMany({ where: { id: { in: wanted } } }));
}
