import DataLoader from 'dataloader';
import { Cancellation } from '../../db/pool/cancellation.ts';

/** A value, and the time of its SQL. */
interface Read<Value> {
  readonly value: Value;
  readonly sqlMs: number;
}

/**
 * Reads the keys that are requested in one tick together. The time of the SQL statement is divided evenly among its keys, and that of a
 * key among its requests.
 */
export class SharedLoader<Key, Value> {
  readonly #read: (keys: readonly Key[]) => Promise<Read<Value>[]>;
  readonly #lengthMax: number;
  /** Made on first use, because most changes need no search. */
  #loader: DataLoader<Key, Read<Value>> | undefined;
  readonly #requests = new Map<Key, number>();

  /**
   * @param read returns the value of each key.
   * @param lengthMax keys of one SQL statement.
   * @param meter measures the SQL.
   */
  constructor(
    read: (keys: readonly Key[]) => Promise<readonly Value[]>,
    lengthMax: number,
    meter: () => Cancellation = () => new Cancellation(null),
  ) {
    this.#lengthMax = lengthMax;
    this.#read = async (keys) => {
      const work = meter();
      const values = await work.run(() => read(keys));
      return values.map((value) => ({ value, sqlMs: work.sqlMs / keys.length }));
    };
  }

  /** @returns the value, and the share of this request in the time of the SQL. */
  async load(key: Key): Promise<Read<Value>> {
    this.#requests.set(key, (this.#requests.get(key) ?? 0) + 1);
    this.#loader ??= new DataLoader(this.#read, { maxBatchSize: this.#lengthMax });
    const { value, sqlMs } = await this.#loader.load(key);
    return { value, sqlMs: sqlMs / (this.#requests.get(key) as number) };
  }
}
