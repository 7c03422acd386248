import type { Database } from '../db/client.ts';
import { queryNamed } from '../db/pool/preparedNames.ts';

/** Collects the values of an SQL statement while its text is assembled. */
export class SqlParameters {
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
  return queryNamed<Row>(db.pool, name, text, values.map(withoutNul));
}
