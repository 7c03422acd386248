import DataLoader from 'dataloader';
import { Cancellation } from '../../db/cancellation.ts';

/** A value, and the time of its SQL. */
interface Read<Value> {
  readonly value: Value;
  readonly sqlMs: number;
}

/**
 * Reads what is asked for in the same tick together, and shares the time of the SQL statement evenly: among its keys, and
 * for each key among those who ask for it.
 */
export class SharedReads<Key, Value> {
  readonly #loader: DataLoader<Key, Read<Value>>;
  readonly #askers = new Map<Key, number>();

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
    const measured = async (keys: readonly Key[]): Promise<Read<Value>[]> => {
      const work = meter();
      const values = await work.run(() => read(keys));
      return values.map((value) => ({ value, sqlMs: work.sqlMs / keys.length }));
    };
    this.#loader = new DataLoader(measured, { maxBatchSize: lengthMax });
  }

  /** @returns the value, and the share of this asker in the time of the SQL. */
  async load(key: Key): Promise<Read<Value>> {
    this.#askers.set(key, (this.#askers.get(key) ?? 0) + 1);
    const { value, sqlMs } = await this.#loader.load(key);
    return { value, sqlMs: sqlMs / (this.#askers.get(key) as number) };
  }
}
