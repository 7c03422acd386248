import type pg from 'pg';

/** What is dropped before rows are copied, and made again after them: SQL of both. */
interface Part {
  readonly drop: string;
  readonly make: string;
}

/** $1 names of tables. Foreign keys need unique indexes, so they are dropped first and made last. */
const READ_FOREIGN_KEYS = `
  SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', f.conrelid::regclass, f.conname) AS drop,
    format('ALTER TABLE %s ADD CONSTRAINT %I %s', f.conrelid::regclass, f.conname, pg_get_constraintdef(f.oid)) AS make
  FROM pg_constraint f JOIN pg_class c ON c.oid = f.conrelid
  WHERE f.contype = 'f' AND c.relnamespace = current_schema()::regnamespace AND c.relname = ANY ($1) ORDER BY f.conname`;

/** $1 names of tables. Primary keys stay: the rows come in their order. */
const READ_INDEXES = `
  SELECT format('DROP INDEX %s', i.indexrelid::regclass) AS drop, pg_get_indexdef(i.indexrelid) AS make
  FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
  WHERE c.relnamespace = current_schema()::regnamespace AND c.relname = ANY ($1)
    AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid AND contype IN ('p', 'u', 'x'))
  ORDER BY i.indexrelid::regclass::text`;

/** Memory in which PostgreSQL sorts the entries of an index. */
const SORT_MEMORY_MEGABYTES = 256;

/**
 * Drops the indexes and foreign keys of tables, because making them once for all rows is faster than updating them for each row. To be called
 * in a transaction, before rows are written.
 * @param tables their names.
 * @returns a function that makes them again, in the same transaction. It reports how many are made, and of how many.
 */
export async function dropIndexes(
  client: pg.Client,
  tables: readonly string[],
): Promise<(onProgress: (done: number, total: number) => void) => Promise<void>> {
  const foreignKeys = (await client.query<Part>(READ_FOREIGN_KEYS, [tables])).rows;
  const indexes = (await client.query<Part>(READ_INDEXES, [tables])).rows;
  for (const { drop } of [...foreignKeys, ...indexes]) await client.query(drop);
  return async (onProgress) => {
    await client.query(`SET LOCAL maintenance_work_mem = '${SORT_MEMORY_MEGABYTES}MB'`);
    const parts = [...indexes, ...foreignKeys];
    for (const [done, { make }] of parts.entries()) {
      onProgress(done, parts.length);
      await client.query(make);
    }
  };
}
