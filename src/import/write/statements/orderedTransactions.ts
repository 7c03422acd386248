import { randomBytes } from 'node:crypto';
import type { PoolSql, Sql } from '../../../db/sql.ts';

/** Begins a transaction that holds an advisory lock until its end. The timeout of statements bounds the wait for the turn. */
const beginHolding = (key: bigint): string =>
  `BEGIN; SET LOCAL lock_timeout = 0; SELECT pg_advisory_xact_lock(${key})`;
const KEY_BITS = 63;

/**
 * The order of transactions that PostgreSQL works on at the same time. Each holds an advisory lock from its beginning, and the one after it
 * waits for that lock before it is given its positions.
 */
export class OrderedTransactions {
  #last = BigInt.asUintN(KEY_BITS, randomBytes(8).readBigUInt64BE());
  #begun: Promise<void> = Promise.resolve();

  /** Runs a transaction. @param write gets the key of the lock that the transaction before it holds. */
  run<T>(pool: PoolSql, write: (sql: Sql, before: bigint) => Promise<T>): Promise<T> {
    const before = this.#last;
    const own = BigInt.asUintN(KEY_BITS, before + 1n);
    this.#last = own;
    const hasBegun = this.#begun;
    let begin = (): void => undefined;
    this.#begun = new Promise((resolve) => {
      begin = resolve;
    });
    const run = async (): Promise<T> => {
      await hasBegun;
      return pool.transact(beginHolding(own), (sql) => {
        begin();
        return write(sql, before);
      });
    };
    return run().finally(begin);
  }
}
