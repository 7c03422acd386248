import { randomUUID } from 'node:crypto';
import type { Database } from '../../src/db/client.ts';

/* Bare SQL that only counts and appends: what numbered writes can't be cheaper than. */
export const DROP_COUNTER = 'DROP TABLE IF EXISTS bench_head, bench_entry';
export const MAKE_COUNTER = `
  ${DROP_COUNTER};
  CREATE TABLE bench_head (position bigint NOT NULL);
  CREATE TABLE bench_entry (position bigint PRIMARY KEY, at timestamptz NOT NULL DEFAULT now(), content text NOT NULL);
  INSERT INTO bench_head VALUES (0)`;
const COUNT = 'UPDATE bench_head SET position = position + 1 RETURNING position';

/** In a transaction, as a service does that writes more than one thing. */
export async function appendInTransaction({ pool }: Database): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const { rows } = await client.query({ name: 'count', text: COUNT });
    const text = 'INSERT INTO bench_entry (position, content) VALUES ($1, $2)';
    await client.query({ name: 'append', text, values: [rows[0].position, randomUUID()] });
    await client.query('COMMIT');
  } finally {
    client.release();
  }
}

/** In one round trip. */
export async function appendAtOnce({ pool }: Database): Promise<void> {
  const text = `WITH next AS (${COUNT}) INSERT INTO bench_entry (position, content) SELECT position, $1 FROM next`;
  await pool.query({ name: 'at once', text, values: [randomUUID()] });
}
