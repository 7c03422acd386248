import pg from 'pg';
import type { Database } from '../db/client.ts';

/** A list as PostgreSQL writes it, without the quotes that only some texts need. */
function plainItems(list: string): string[] | null {
  if (list.includes('"')) return null;
  return list === '{}' ? [] : list.slice(1, -1).split(',');
}

const { INT4 } = pg.types.builtins;
const INT4_LIST = 1007 as typeof INT4;
const TEXT_LIST = 1009 as typeof INT4;
const parseTextList = pg.types.getTypeParser(TEXT_LIST, 'text') as (list: string) => unknown;

/** How values are read: as the driver does, but lists of ids and of short names, of which a page has many, at once. */
const TYPES: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format: 'text') => {
    switch (oid) {
      case INT4:
        return Number;
      case INT4_LIST:
        return (list: string) => plainItems(list)?.map(Number);
      case TEXT_LIST:
        return (list: string) =>
          plainItems(list)?.map((item) => (item === 'NULL' ? null : item)) ?? parseTextList(list);
      default:
        return pg.types.getTypeParser(oid, format);
    }
  }) as typeof pg.types.getTypeParser,
};

/** Collects the values of a statement while its text is put together. */
export class Parameters {
  readonly values: unknown[] = [];

  /** The placeholder for a value. */
  add(value: unknown): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }
}

/** A value as PostgreSQL can take it: its texts hold no NUL, so the replacement character stands in for it. */
function withoutNul(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNul);
  return typeof value === 'string' ? value.replaceAll('\0', '\uFFFD') : value;
}

/** What reads run on. */
export type Readable = Pick<Database, 'pool' | 'prepared'>;

/**
 * Runs a read.
 * @param planned `once` per connection where the service determines the shape of the text; at `each run` where a client does,
 *   or where the best plan depends on the values.
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
