import DataLoader from 'dataloader';
import { groupBy } from '../group.ts';
import type { MaybePromise } from '../maybePromise.ts';
import type { RowCache } from './rowCache.ts';

/** Reads the keys that are requested in one tick together, each once. The parts of a loader are made on first use: an operation uses few loaders. */
export class Loader<Key, Value> {
  readonly #read: (keys: readonly Key[]) => Promise<readonly (Value | Error)[]>;
  #loader: DataLoader<Key, Value> | undefined;

  /** @param read returns the value, or an error, for each of the keys, in their order. */
  constructor(read: (keys: readonly Key[]) => Promise<readonly (Value | Error)[]>) {
    this.#read = read;
  }

  load(key: Key): Promise<Value> {
    this.#loader ??= new DataLoader(this.#read);
    return this.#loader.load(key);
  }
}

/** Loads by key, usually an id, and arguments. Requests with the same arguments in the same tick are read together. */
export class ArgumentLoader<Arguments extends object, Value, Key = number> {
  readonly #read: (keys: readonly Key[], given: Arguments) => Promise<readonly Value[]>;
  #loaders: Map<string, Loader<Key, Value>> | undefined;

  /** @param read returns the value for each key, in their order. */
  constructor(read: (keys: readonly Key[], given: Arguments) => Promise<readonly Value[]>) {
    this.#read = read;
  }

  load(key: Key, given: Arguments): Promise<Value> {
    const text = JSON.stringify(given);
    this.#loaders ??= new Map();
    let loader = this.#loaders.get(text);
    if (!loader) {
      loader = new Loader((keys) => this.#read(keys, given));
      this.#loaders.set(text, loader);
    }
    return loader.load(key);
  }
}

/** The rows of each owner, in the order of the ids. */
export function listsOf<Row, Item>(
  ids: readonly number[],
  rows: readonly Row[],
  ownerOf: (row: Row) => number | null,
  itemOf: (row: Row) => Item,
): Item[][] {
  const byOwner = groupBy(rows, ownerOf);
  return ids.map((id) => (byOwner.get(id) ?? []).map(itemOf));
}

/** Rows by id that other rows refer to, so that each must exist. Cached rows are returned without a promise, the others are read together. */
export class RowLoader<Row extends { readonly id: number }> {
  readonly #cache: RowCache<Row>;
  readonly #loader: Loader<number, Row>;

  constructor(cache: RowCache<Row>, read: (ids: number[]) => Promise<Row[]>) {
    this.#cache = cache;
    this.#loader = new Loader(async (ids) => {
      const { version } = cache;
      const rows = await read([...ids]);
      cache.put(rows, version);
      const byId = new Map(rows.map((row) => [row.id, row]));
      return ids.map((id) => byId.get(id) ?? new Error(`row ${id} is not in the record`));
    });
  }

  load(id: number): MaybePromise<Row> {
    return this.#cache.get(id) ?? this.#loader.load(id);
  }

  /** The rows in the order of the ids; without a promise if all are cached. */
  all(ids: readonly number[]): MaybePromise<Row[]> {
    const rows = ids.map((id) => this.load(id));
    return rows.some((row) => row instanceof Promise) ? Promise.all(rows) : (rows as Row[]);
  }
}
