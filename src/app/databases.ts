import type pg from 'pg';
import { type Database, openControlPool, openDatabase, openExportPool } from '../db/client.ts';
import { Canceller } from '../db/pool/canceller.ts';
import { SqlClock } from '../db/pool/sqlClock.ts';
import { isPooled } from '../db/pooler.ts';
import { EXPORT_SQL_TIMEOUT_MS } from '../export/snapshot.ts';
import { EXPORTS_MAX } from '../http/export/route.ts';
import { usingDatabase } from '../store.ts';
import type { Budgets } from './budgets.ts';
import type { Setup } from './setup.ts';

/** Connections to PostgreSQL that serve subscribers. Queries can't use them. */
const LIVE_CONNECTIONS_MAX = 2;

export interface Databases {
  readonly db: Database;
  /** Connections that serve subscribers. */
  readonly liveDb: Database;
  /** Connections that check PostgreSQL and cancel SQL. */
  readonly controlPool: pg.Pool;
  readonly canceller: Canceller;
  /** Connections that read exports. */
  readonly exportPool: pg.Pool;
}

export async function openDatabases(
  { config, notice, url, stops }: Setup,
  { crowd }: Budgets,
): Promise<Databases> {
  const options = {
    url,
    statementTimeoutMs: config.statementTimeoutMs,
    onConnectionError: (error: Error) =>
      notice(`A connection to PostgreSQL broke and is replaced: ${error.message}`),
  };
  const liveMax = Math.max(1, Math.min(LIVE_CONNECTIONS_MAX, Math.floor(config.poolMax / 4)));
  const db = openDatabase({
    ...options,
    isAlone: () => crowd.isAlone,
    poolMax: config.poolMax - liveMax,
    waitMs: config.limits.QUEUE_WAIT_MS,
  });
  stops.add('connections', () => db.close());
  const liveDb = openDatabase({ ...options, poolMax: liveMax });
  stops.add('connections for subscribers', () => liveDb.close());
  const controlPool = openControlPool(url);
  stops.add('control connections', () => controlPool.end());
  const exportPool = openExportPool(url, EXPORTS_MAX, EXPORT_SQL_TIMEOUT_MS);
  stops.add('connections for exports', () => exportPool.end());
  if (await usingDatabase(url, () => isPooled(db))) {
    notice(
      'There is a pooler before PostgreSQL, so queries can’t be cancelled; they run until their timeout. Connect directly, or let the pooler pool sessions (docs/operating.md, “A PostgreSQL of your own”).',
    );
  }
  return { db, liveDb, controlPool, exportPool, canceller: new Canceller(controlPool, new SqlClock()) };
}
