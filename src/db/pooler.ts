import type { Database } from './client.ts';

/**
 * Whether a pooler such as PgBouncer is between the service and PostgreSQL. It gives a connection another process id, so
 * PostgreSQL does not know the id that a cancellation names.
 */
export async function isPooled({ pool }: Pick<Database, 'pool'>): Promise<boolean> {
  const connection = await pool.connect();
  try {
    const { rows } = await connection.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const { processID } = connection as unknown as { processID: number | null };
    return rows[0]?.pid !== processID;
  } finally {
    connection.release();
  }
}
