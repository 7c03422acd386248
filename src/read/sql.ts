import { createHash } from 'node:crypto';
import type { Database } from '../db/client.ts';

/** Names of the prepared statements, by their text. The texts depend on which filters are used, not on values. */
const names = new Map<string, string>();
const NAMES_MAX = 2_000;

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

/** The name to prepare a statement under, or undefined where there are too many. */
function nameOf(text: string): string | undefined {
  let name = names.get(text);
  if (name === undefined && names.size < NAMES_MAX) {
    name = createHash('sha1').update(text).digest('hex');
    names.set(text, name);
  }
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
  });
  return result.rows;
}
