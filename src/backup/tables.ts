import assert from 'node:assert/strict';
import type pg from 'pg';

/** A table of the record, as a backup contains it. */
export interface BackupTable {
  readonly name: string;
  /** The columns that are copied. PostgreSQL computes generated columns again. */
  readonly columns: readonly string[];
}

/** The number that a sequence has given last. */
interface SequenceState {
  readonly name: string;
  readonly last: string;
}

/** SQL that is true where an object belongs to an extension. @param catalog the system catalog that has it. @param id SQL of its OID. */
const OF_EXTENSION = (catalog: string, id: string): string =>
  `EXISTS (SELECT FROM pg_depend d WHERE d.classid = '${catalog}'::regclass AND d.objid = ${id} AND d.deptype = 'e')`;

/** The tables with data that can't be made again. The table of migrations is written by the migrations. */
const READ_TABLES = `
  SELECT c.relname AS name,
    ARRAY(SELECT a.attname::text FROM pg_attribute a
      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum) AS columns,
    ARRAY(SELECT DISTINCT other.relname::text FROM pg_constraint f JOIN pg_class other ON other.oid = f.confrelid
      WHERE f.conrelid = c.oid AND f.contype = 'f' AND f.confrelid <> c.oid) AS needs
  FROM pg_class c
  WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND c.relpersistence = 'p'
    AND c.relname <> '_prisma_migrations' AND NOT ${OF_EXTENSION('pg_class', 'c.oid')}
  ORDER BY c.relname`;

/** `last_value` is null where a sequence has given no number. */
const READ_SEQUENCES = `SELECT sequencename AS name, last_value::text AS last FROM pg_sequences
  WHERE schemaname = current_schema() AND last_value IS NOT NULL ORDER BY 1`;

/** Removes everything that the migrations have made, and nothing that belongs to an extension. */
const DROP_ALL = `DO $$ DECLARE command text; BEGIN
  FOREACH command IN ARRAY ARRAY(
    SELECT format('DROP TABLE IF EXISTS %s CASCADE', c.oid::regclass) FROM pg_class c
      WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND NOT ${OF_EXTENSION('pg_class', 'c.oid')}
    UNION ALL SELECT format('DROP ROUTINE IF EXISTS %s CASCADE', p.oid::regprocedure) FROM pg_proc p
      WHERE p.pronamespace = current_schema()::regnamespace AND NOT ${OF_EXTENSION('pg_proc', 'p.oid')}
    UNION ALL SELECT format('DROP TYPE IF EXISTS %s CASCADE', t.oid::regtype) FROM pg_type t
      WHERE t.typnamespace = current_schema()::regnamespace AND t.typtype IN ('e', 'd') AND NOT ${OF_EXTENSION('pg_type', 't.oid')}
    UNION ALL SELECT format('DROP TEXT SEARCH CONFIGURATION IF EXISTS %s CASCADE', s.oid::regconfig) FROM pg_ts_config s
      WHERE s.cfgnamespace = current_schema()::regnamespace AND NOT ${OF_EXTENSION('pg_ts_config', 's.oid')}
    UNION ALL SELECT format('DROP TEXT SEARCH DICTIONARY IF EXISTS %s CASCADE', s.oid::regdictionary) FROM pg_ts_dict s
      WHERE s.dictnamespace = current_schema()::regnamespace AND NOT ${OF_EXTENSION('pg_ts_dict', 's.oid')})
  LOOP EXECUTE command; END LOOP;
END $$`;

type Connection = Pick<pg.ClientBase, 'query'>;

/** The tables of the record, each after those that its foreign keys refer to. */
export async function readTables(connection: Connection): Promise<BackupTable[]> {
  const { rows } = await connection.query<BackupTable & { needs: string[] }>(READ_TABLES);
  const ordered: BackupTable[] = [];
  let rest = rows;
  while (rest.length > 0) {
    const placed = new Set(ordered.map(({ name }) => name));
    const next = rest.filter(({ needs }) => needs.every((name) => placed.has(name)));
    assert(next.length > 0, `foreign keys go round in a circle: ${rest.map(({ name }) => name).join(', ')}`);
    ordered.push(...next.map(({ name, columns }) => ({ name, columns })));
    rest = rest.filter((table) => !next.includes(table));
  }
  return ordered;
}

export async function readSequences(connection: Connection): Promise<SequenceState[]> {
  return (await connection.query<SequenceState>(READ_SEQUENCES)).rows;
}

/** Removes the tables, functions and types of the record. To be called in a transaction. */
export async function dropRecord(connection: Connection): Promise<void> {
  await connection.query(DROP_ALL);
}

/** A name in SQL. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** `"actor" ("id", "slug")`, as COPY takes it. */
export function copyTarget({ name, columns }: BackupTable): string {
  return `${quoted(name)} (${columns.map(quoted).join(', ')})`;
}
