import pg from 'pg';
import type { Database } from '../db/client.ts';

/** The items of a list as PostgreSQL writes it; null if some have quotes, which only unusual texts need. */
function plainItems(list: string): string[] | null {
  if (list.includes('"')) return null;
  return list === '{}' ? [] : list.slice(1, -1).split(',');
}

const { INT4 } = pg.types.builtins;
const INT4_LIST = 1007 as typeof INT4;
const TEXT_LIST = 1009 as typeof INT4;
const parseTextList = pg.types.getTypeParser(TEXT_LIST, 'text') as (list: string) => unknown;

/** Parsers of values: those of the driver, but faster ones for lists of ids and of short names, of which a page has many. */
const TYPES: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format: 'text') => {
    switch (oid) {
      case INT4:
        return Number;
      case INT4_LIST:
        return (list: string) => plainItems(list)?.map((item) => (item === 'NULL' ? null : Number(item)));
      case TEXT_LIST:
        return (list: string) =>
          plainItems(list)?.map((item) => (item === 'NULL' ? null : item)) ?? parseTextList(list);
      default:
        return pg.types.getTypeParser(oid, format);
    }
  }) as typeof pg.types.getTypeParser,
};

/** Collects the values of an SQL statement while its text is assembled. */
export class Parameters {
  readonly values: unknown[] = [];
  /** The languages that searches in the SQL statement are made for, beside English. */
  readonly languages: readonly string[];

  constructor(languages: readonly string[] = []) {
    this.languages = languages;
  }

  /** The placeholder for a value. */
  add(value: unknown): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }
}

/** A value that PostgreSQL accepts: its texts can't contain NUL, so the replacement character takes its place. */
export function withoutNul(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNul);
  return typeof value === 'string' ? value.replaceAll('\0', '\uFFFD') : value;
}

/** The part of the database that reads use. */
export type Readable = Pick<Database, 'pool' | 'prepared'>;

/**
 * Runs a read.
 * @param planned `once` per connection if the service determines the shape of the text; at `each run` if a client does, or if the best
 *   plan depends on the values.
 */
export async function query<Row extends object>(
  db: Readable,
  text: string,
  values: readonly unknown[],
  planned: 'once' | 'each run' = 'once',
): Promise<Row[]> {
  const name = planned === 'once' ? db.prepared.nameOf(text) : undefined;
  const result = await db.pool.query<Row>({
    ...(name !== undefined && { name }),
    text,
    values: values.map(withoutNul),
    types: TYPES,
  });
  return result.rows;
}
