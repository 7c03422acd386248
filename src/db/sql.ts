import pg from 'pg';
import type { PrismaClient } from './generated/client.ts';
import type { CancellablePool } from './pool/pool.ts';
import type { PreparedNames } from './pool/preparedNames.ts';

/** Runs SQL: Prisma, inside or outside a transaction, or a transaction of the pool. A 64-bit integer is a BigInt. */
export interface Queryable {
  $queryRawUnsafe<Rows = unknown>(text: string, ...values: unknown[]): Promise<Rows>;
  $executeRawUnsafe(text: string, ...values: unknown[]): Promise<unknown>;
}
/** A transaction of Prisma or of the pool. */
export type Transaction = Queryable;

/** Time that a write has, all its SQL together. Beyond it the write is rolled back: UNAVAILABLE. @limit ms */
export const TRANSACTION_TIMEOUT_MS = 30_000;
/** The SQLSTATE of a transaction that takes too long. */
const TRANSACTION_TIMEOUT_STATE = '25P04';

/** Runs SQL and returns its rows. */
export interface Sql {
  rows<Row extends object>(text: string, ...values: readonly unknown[]): Promise<Row[]>;
}

const { INT8 } = pg.types.builtins;

/** A row has the types that Prisma gives it: a 64-bit integer is a BigInt. Dates and decimals are not read in this way. */
function columnTypes({ options: { types } }: CancellablePool): pg.CustomTypesConfig {
  const own = types ?? pg.types;
  return {
    getTypeParser: ((oid: number, format: 'text') =>
      oid === INT8 ? BigInt : own.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
  };
}

/**
 * SQL on the pool of a Prisma client, without its runtime. Prisma writes the values as JSON, parses them and does the same with the rows,
 * which takes a fifth of the time that the process needs for a list of statements.
 */
export class PoolSql implements Sql {
  readonly #pool: CancellablePool;
  readonly #prepared: PreparedNames;
  readonly #types: pg.CustomTypesConfig;
  readonly #timeoutMs: number;

  /** @param timeoutMs of a transaction. Default: `TRANSACTION_TIMEOUT_MS`. */
  constructor(pool: CancellablePool, prepared: PreparedNames, timeoutMs = TRANSACTION_TIMEOUT_MS) {
    this.#pool = pool;
    this.#prepared = prepared;
    this.#types = columnTypes(pool);
    this.#timeoutMs = timeoutMs;
  }

  rows<Row extends object>(text: string, ...values: readonly unknown[]): Promise<Row[]> {
    return this.#rowsOn<Row>(this.#pool, text, values);
  }

  /**
   * Runs a transaction on one connection.
   * @param begin the SQL that begins it.
   * @throws an error with the SQLSTATE 25P04, before the next statement, if it takes too long.
   */
  async transact<T>(begin: string, write: (sql: Sql) => Promise<T>): Promise<T> {
    const connection = await this.#pool.connect();
    let isBroken = true;
    try {
      await connection.query(begin);
      const endMs = performance.now() + this.#timeoutMs;
      const result = await write({
        rows: async (text, ...values) => {
          refuseAfter(endMs);
          return this.#rowsOn(connection, text, values);
        },
      });
      refuseAfter(endMs);
      await connection.query('COMMIT');
      isBroken = false;
      return result;
    } catch (error) {
      isBroken = await connection.query('ROLLBACK').then(
        () => false,
        () => true,
      );
      throw error;
    } finally {
      connection.release(isBroken);
    }
  }

  async #rowsOn<Row extends object>(
    connection: Pick<pg.ClientBase, 'query'>,
    text: string,
    values: readonly unknown[],
  ): Promise<Row[]> {
    const name = this.#prepared.nameOf(text);
    const { rows } = await connection.query<Row>({
      ...{ text, types: this.#types, values: [...values] },
      ...(name !== undefined && { name }),
    });
    return rows;
  }
}

function refuseAfter(endMs: number): void {
  if (performance.now() <= endMs) return;
  throw Object.assign(new Error('The transaction took too long.'), { code: TRANSACTION_TIMEOUT_STATE });
}

const poolSql = new WeakMap<Queryable, PoolSql>();

/** Makes the pool of a Prisma client known. */
export function registerPool(prisma: PrismaClient, sql: PoolSql): void {
  poolSql.set(prisma, sql);
}

/** The pool of a Prisma client. */
export function poolSqlOf(prisma: PrismaClient): PoolSql {
  const sql = poolSql.get(prisma);
  if (!sql) throw new Error('the client was not made by openDatabase');
  return sql;
}

/** Runs SQL on the pool of a Prisma client, or in a transaction of it. */
export function sqlOf(db: Queryable): Sql {
  return poolSql.get(db) ?? { rows: (text, ...values) => db.$queryRawUnsafe(text, ...values) };
}
