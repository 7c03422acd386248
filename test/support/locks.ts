import type { Pool } from 'pg';
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
