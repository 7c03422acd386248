import { createHash } from 'node:crypto';
import pg from 'pg';
import type { Database } from '../db/client.ts';

/**
 * Names of the prepared statements, by their text. The texts depend on what is selected and filtered by, and not on values;
 * there are many, so that one is prepared when it comes again. Beyond so many a text is planned each time.
 */
const names = new Map<string, string>();
/** Texts that came once; a full memory is emptied. */
const once = new Set<string>();
const ONCE_MAX = 2_000;
const NAMES_MAX = 2_000;

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

/** The name to prepare a statement under; undefined for one that came for the first time, or where there are too many. */
function nameOf(text: string): string | undefined {
  const known = names.get(text);
  if (known !== undefined || names.size >= NAMES_MAX) return known;
  if (!once.delete(text)) {
    if (once.size >= ONCE_MAX) once.clear();
    once.add(text);
    return undefined;
  }
  const name = createHash('sha1').update(text).digest('hex');
  names.set(text, name);
  return name;
}

/**
 * Runs a read.
 * @param planned once per connection, or anew for the values of each run, where the best plan depends on them.
 */
export async function query<Row extends object>(
  db: Pick<Database, 'pool'>,
  text: string,
  values: readonly unknown[],
  planned: 'once' | 'anew' = 'once',
): Promise<Row[]> {
  const name = planned === 'once' ? nameOf(text) : undefined;
  const result = await db.pool.query<Row>({
    ...(name !== undefined && { name }),
    text,
    values: values.map(withoutNul),
    types: TYPES,
  });
  return result.rows;
}
