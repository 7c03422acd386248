import { Socket } from 'node:net';
import { Client, DatabaseError } from 'pg';
import { ReadoutError, startFailed } from '../../base/errors.ts';
import { type ServerSetup, USER_NAME } from './cluster.ts';
import { isAlive } from './dataDirectory.ts';
import { DATA_DIR_SETTING, type PidFile, STARTER_SETTING } from './postmaster.ts';

/** The service's database. */
export const DATABASE_NAME = 'readout';

/** The holder of this advisory lock in the database `postgres` owns the data directory. The keys spell 'Read' and 'out'. */
const LOCK_KEYS = [0x52656164, 0x6f7574];
const CONNECT_TIME_MAX_MS = 5_000;
const QUERY_TIME_MAX_MS = 30_000;
/** For this time after a server's start, only the service that started it may become its owner. */
const STARTER_FIRST_MS = 2_000;

/** The server starts, stops, recovers, or has no free connection: another attempt can succeed. */
const TRANSIENT_ERRORS = new Set(['57P01', '57P02', '57P03', '53300']);
const REFUSED_PASSWORD_ERRORS = new Set(['28P01', '28000']);

/** The ownership of a data directory. It lasts exactly as long as one connection to its server. */
export interface Ownership {
  /** Resolves when the connection has ended, for any reason. */
  readonly lost: Promise<void>;
}

/** The result of an attempt to own a server: the ownership, or the reason to try again. */
export type Claim = { readonly ownership: Ownership } | { readonly notYet: string };

/**
 * Tries to become the owner of a running server, and creates the service's database where it is missing. The owner
 * holds an advisory lock on a connection that it keeps open. PostgreSQL releases the lock when the owner ends, even by
 * SIGKILL, and then another service can take the server over.
 * @param ours whether this process started the server or owned it before. Then it need not wait for the starter.
 * @throws ReadoutError START_FAILED where another service owns it (its process is in `details.ownerPid`), where it is
 *   not the server of this data directory, or where it refuses our password.
 */
export async function claim(setup: ServerSetup, server: PidFile, ours: boolean): Promise<Claim> {
  const socket = new Socket();
  const client = new Client({
    stream: () => socket,
    host: '127.0.0.1',
    port: server.port,
    user: USER_NAME,
    password: setup.password,
    database: 'postgres',
    application_name: `readout owner ${process.pid}`,
    connectionTimeoutMillis: CONNECT_TIME_MAX_MS,
    query_timeout: QUERY_TIME_MAX_MS,
  });
  const lost = new Promise<void>((resolve) => client.once('end', () => resolve()));
  // An error outside of a query means a broken connection, and `lost` resolves.
  client.on('error', () => undefined);
  let owned = false;
  try {
    await client.connect();
    const notYet = await findObstacle(client, setup, server, ours);
    if (notYet !== undefined) return { notYet };
    await createDatabase(client);
    owned = true;
    return { ownership: { lost } };
  } catch (error) {
    return { notYet: transientReason(error, setup, server) };
  } finally {
    // The owner's connection stays open, but does not keep the process running.
    if (owned) socket.unref();
    else socket.destroy();
  }
}

/** Takes the lock. @returns why it is not available yet; undefined where it was taken. */
async function findObstacle(
  client: Client,
  setup: ServerSetup,
  server: PidFile,
  ours: boolean,
): Promise<string | undefined> {
  const facts = await client.query<{ directory: string; starter: string | null; young: boolean }>(
    `SELECT coalesce(current_setting('${DATA_DIR_SETTING}', true),
                     current_setting('data_directory')) AS directory,
            current_setting('${STARTER_SETTING}', true) AS starter,
            clock_timestamp() - pg_postmaster_start_time() < $1 * interval '1 ms' AS young`,
    [STARTER_FIRST_MS],
  );
  const { directory, starter, young } = facts.rows[0] ?? {};
  if (directory !== setup.directory.path && directory !== setup.directory.cluster) {
    throw startFailed(
      `${setup.directory.cluster}/postmaster.pid names a running server (process ${server.pid}) that ` +
        `belongs to ${directory}. If this data directory is a copy, delete that file in it; ` +
        'else stop that server.',
    );
  }
  const ownerPid = await findOwner(client);
  if (ownerPid !== undefined) {
    // The server needs a moment to notice that the owner or its connection has ended.
    const ending = !isAlive(ownerPid) || (ours && ownerPid === process.pid);
    if (ending) return `the lock of process ${ownerPid} is being released`;
    throw new ReadoutError(
      'START_FAILED',
      `Another Readout service (pid ${ownerPid}) is using ${setup.directory.path}. ` +
        'Stop it, or set DATA_DIR to another directory.',
      undefined,
      { ownerPid },
    );
  }
  if (!ours && young && isAlive(Number(starter))) return `process ${starter} is starting the server`;
  const locks = await client.query<{ taken: boolean }>(
    'SELECT pg_try_advisory_lock($1, $2) AS taken',
    LOCK_KEYS,
  );
  return locks.rows[0]?.taken ? undefined : 'another service took the lock a moment ago';
}

/** The process that holds the lock. Its number is at the end of its connection's application name. */
async function findOwner(client: Client): Promise<number | undefined> {
  const owners = await client.query<{ application_name: string }>(
    `SELECT application_name FROM pg_locks JOIN pg_stat_activity USING (pid)
     WHERE locktype = 'advisory' AND granted AND classid = $1 AND objid = $2 AND objsubid = 2`,
    LOCK_KEYS,
  );
  const name = owners.rows[0]?.application_name;
  return name === undefined ? undefined : Number(/\d+$/.exec(name)?.[0]);
}

async function createDatabase(client: Client): Promise<void> {
  const found = await client.query('SELECT FROM pg_database WHERE datname = $1', [DATABASE_NAME]);
  if (found.rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE_NAME}`);
}

/** Why to try again after this error. Throws where another attempt can't succeed. */
function transientReason(error: unknown, setup: ServerSetup, server: PidFile): string {
  if (error instanceof ReadoutError) throw error;
  const code = error instanceof DatabaseError ? error.code : undefined;
  if (code !== undefined && REFUSED_PASSWORD_ERRORS.has(code)) {
    throw startFailed(
      `The server of ${setup.directory.cluster} (process ${server.pid}, port ${server.port}) does not ` +
        `accept the password in ${setup.directory.passwordFile}. Put the right one back, ` +
        'or set DATA_DIR to another directory.',
      error,
    );
  }
  const message = error instanceof Error ? error.message : String(error);
  // Without a code the connection itself failed or broke, as it does while a server starts or stops.
  if (code === undefined || TRANSIENT_ERRORS.has(code)) return message;
  throw startFailed(`PostgreSQL: ${message}`, error);
}
