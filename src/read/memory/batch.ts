import DataLoader from 'dataloader';
import { groupBy } from '../group.ts';
import type { Soon } from '../maybe.ts';
import type { Shelf } from './catalog.ts';

/** Reads what is asked for in the same tick together, each key once. An operation needs few of the many that there are. */
export class Reads<Key, Value> {
  readonly #read: (keys: readonly Key[]) => Promise<readonly (Value | Error)[]>;
  #loader: DataLoader<Key, Value> | undefined;

  /** @param read gives the value, or an error, for each of the keys. */
  constructor(read: (keys: readonly Key[]) => Promise<readonly (Value | Error)[]>) {
    this.#read = read;
  }

  load(key: Key): Promise<Value> {
    this.#loader ??= new DataLoader(this.#read);
    return this.#loader.load(key);
  }
}

/** Loads by id and arguments. Requests with the same arguments in the same tick are read together. */
export class ReadsWith<Arguments extends object, Value> {
  readonly #read: (ids: readonly number[], given: Arguments) => Promise<readonly Value[]>;
  readonly #reads = new Map<string, Reads<number, Value>>();

  /** @param read returns the value for each id, in their order. */
  constructor(read: (ids: readonly number[], given: Arguments) => Promise<readonly Value[]>) {
    this.#read = read;
  }

  load(id: number, given: Arguments): Promise<Value> {
    const key = JSON.stringify(given);
    let reads = this.#reads.get(key);
    if (!reads) {
      reads = new Reads((ids) => this.#read(ids, given));
      this.#reads.set(key, reads);
    }
    return reads.load(id);
  }
}

/** Lists that hang on something, one for every id, in the order of the ids. */
export function listsOf<Row, Item>(
  read: (ids: number[]) => Promise<Row[]>,
  ownerOf: (row: Row) => number | null,
  itemOf: (row: Row) => Item,
): Reads<number, Item[]> {
  return new Reads(async (ids) => {
    const rows = groupBy(await read([...ids]), ownerOf);
    return ids.map((id) => (rows.get(id) ?? []).map(itemOf));
  });
}

/** Lists that hang on a statement. */
export function lists<Row extends { statementId: number }, Item>(
  read: (ids: number[]) => Promise<Row[]>,
  itemOf: (row: Row) => Item,
): Reads<number, Item[]> {
  return listsOf(read, (row) => row.statementId, itemOf);
}

/** Rows by id that another row refers to, so that each must be there: from the shelf at once, or read together. */
export class Things<Row extends { readonly id: number }> {
  readonly #shelf: Shelf<Row>;
  readonly #reads: Reads<number, Row>;

  constructor(shelf: Shelf<Row>, read: (ids: number[]) => Promise<Row[]>) {
    this.#shelf = shelf;
    this.#reads = new Reads(async (ids) => {
      const { version } = shelf;
      const rows = await read([...ids]);
      shelf.put(rows, version);
      const byId = new Map(rows.map((row) => [row.id, row]));
      return ids.map((id) => byId.get(id) ?? new Error(`row ${id} is not in the record`));
    });
  }

  load(id: number): Soon<Row> {
    return this.#shelf.get(id) ?? this.#reads.load(id);
  }

  /** The rows in the order of the ids; at once where all are on the shelf. */
  all(ids: readonly number[]): Soon<Row[]> {
    const rows = ids.map((id) => this.load(id));
    return rows.some((row) => row instanceof Promise) ? Promise.all(rows) : (rows as Row[]);
  }
}
