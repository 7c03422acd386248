import type { Pool, PoolClient } from 'pg';
import { until } from './until.ts';

/** How many SQL statements of services on this database wait for a lock. */
export async function waitingForLock(pool: Pool): Promise<number> {
  const { rowCount } = await pool.query(
    `SELECT FROM pg_stat_activity WHERE datname = current_database()
     AND application_name = 'readout' AND wait_event_type = 'Lock'`,
  );
  return rowCount ?? 0;
}

/** Waits until exactly `count` SQL statements of services on this database wait for a lock. */
export async function untilWaitingForLock(pool: Pool, count: number): Promise<void> {
  await until(
    `${count} SQL statements that wait for a lock`,
    async () => (await waitingForLock(pool)) === count,
  );
}

/**
 * Lets SQL of this pool wait for a lock, and its transactions hold one, as long as it takes. So a test on a busy machine ends
 * the wait itself.
 */
export function waitForLocksForever(pool: Pool): void {
  const known = new WeakSet<PoolClient>();
  pool.on('acquire', (client) => {
    if (known.has(client)) return;
    known.add(client);
    client.query('SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0').catch(() => undefined); // a broken connection is the pool's to report
  });
}
