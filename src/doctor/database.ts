import pg from 'pg';
import type { Config } from '../config/config.ts';
import { adviceFor } from '../db/advice.ts';
import { readApplied, readMigrations } from '../db/migrate.ts';
import { EXPORTS_MAX } from '../http/export/route.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

const POSTGRES_MIN = 14;
const POSTGRES_MAX = 18;
const CLOCK_SKEW_MS_MAX = 2_000;
/** Connections of a process beside its pool: two that check and cancel, one that listens, one that analyses tables, and those of exports. */
const CONNECTIONS_BESIDE_POOL = 4 + EXPORTS_MAX;
const CONNECT_TIMEOUT_MS = 10_000;
const EXTENSIONS = ['unaccent', 'pg_trgm', 'fuzzystrmatch'] as const;

interface Facts {
  readonly version: number;
  readonly encoding: string;
  readonly finds: boolean | null;
  readonly skewMs: number;
  readonly connectionsMax: number;
  readonly connections: number;
  readonly isReadOnly: boolean;
  readonly available: readonly string[];
  readonly installed: readonly string[];
  readonly mayCreate: boolean;
  readonly mayCreateSchema: boolean;
  readonly foreignTable: string | null;
  readonly pid: number;
}

/** SQL for the connections that this user can have to this database. */
export const CONNECTIONS_ALLOWED = `least(current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int,
    (SELECT nullif(datconnlimit, -1) FROM pg_database WHERE datname = current_database()),
    (SELECT nullif(rolconnlimit, -1) FROM pg_roles WHERE rolname = current_user))`;

/** $1: the time of this machine in milliseconds. Without a Unicode character type, the dash counts as a letter. */
const READ_FACTS = `SELECT current_setting('server_version_num')::int / 10000 AS version,
  current_setting('server_encoding') AS encoding,
  to_tsvector('simple', 'война—мир') @@ to_tsquery('simple', 'мир') AS finds,
  (extract(epoch FROM clock_timestamp()) * 1000 - $1)::float8 AS "skewMs",
  ${CONNECTIONS_ALLOWED} AS "connectionsMax",
  current_setting('transaction_read_only')::bool AS "isReadOnly",
  (SELECT count(*)::int FROM pg_stat_activity WHERE backend_type = 'client backend') AS connections,
  ARRAY(SELECT name::text FROM pg_available_extensions) AS available,
  ARRAY(SELECT extname::text FROM pg_extension) AS installed,
  has_database_privilege(current_database(), 'CREATE') AS "mayCreate",
  has_schema_privilege(current_schema(), 'CREATE') AS "mayCreateSchema",
  (SELECT min(relname::text) FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'
    AND NOT pg_has_role(current_user, relowner, 'USAGE')) AS "foreignTable",
  pg_backend_pid() AS pid`;

/** Checks a database with one connection. It changes nothing. */
export async function checkDatabase(url: string, config: Config): Promise<Finding[]> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'readout doctor',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  });
  client.on('error', () => undefined); // a query reports it
  try {
    await client.connect();
  } catch (error) {
    const { host, pathname } = new URL(url);
    const { message, code } = error as Error & { code?: string };
    const result = `${host}${pathname} can't be reached: ${message || code}`;
    return [fail('PostgreSQL', result, adviceFor(error as Error))];
  }
  try {
    const sentMs = Date.now();
    const { rows } = await client.query<Facts>(READ_FACTS, [sentMs]);
    const facts = rows[0] as Facts;
    const { processID } = client as unknown as { processID: number | null };
    return [
      checkVersion(facts),
      checkLocale(facts),
      checkExtensions(facts),
      checkRights(facts),
      checkWriting(facts),
      checkClock(facts.skewMs, Date.now() - sentMs),
      checkConnections(facts, config),
      checkPooler(facts.pid === processID),
      await checkMigrations(client).catch(unreadable),
    ];
  } finally {
    await client.end();
  }
}

export function checkVersion({ version }: Pick<Facts, 'version'>): Finding {
  const name = 'PostgreSQL';
  if (version < POSTGRES_MIN)
    return fail(name, `${version} is too old`, `Use version ${POSTGRES_MIN} to ${POSTGRES_MAX}.`);
  if (version > POSTGRES_MAX)
    return warn(
      name,
      `${version} is newer than what Readout is tested with`,
      `Versions ${POSTGRES_MIN} to ${POSTGRES_MAX} are.`,
    );
  return ok(name, `version ${version}`);
}

export function checkLocale({ encoding, finds }: Pick<Facts, 'encoding' | 'finds'>): Finding {
  const advice =
    'Move the record to a database with UTF8 and a Unicode LC_CTYPE (docs/operating.md, “Character type”).';
  if (encoding !== 'UTF8') return fail('locale', `the encoding is ${encoding}`, advice);
  return finds
    ? ok('locale', 'UTF8 with a Unicode character type')
    : warn(
        'locale',
        'the character type (LC_CTYPE) is not a Unicode one, so searches can miss words',
        advice,
      );
}

export function checkExtensions({
  available,
  installed,
  mayCreate,
}: Pick<Facts, 'available' | 'installed' | 'mayCreate'>): Finding {
  const missing = EXTENSIONS.filter((name) => !installed.includes(name));
  if (missing.length === 0) return ok('extensions', EXTENSIONS.join(', '));
  const absent = missing.filter((name) => !available.includes(name));
  if (absent.length > 0) {
    const result = `PostgreSQL does not have ${absent.join(', ')}`;
    return fail(
      'extensions',
      result,
      'Install the additional modules of PostgreSQL (postgresql-contrib) on its machine.',
    );
  }
  return mayCreate
    ? ok('extensions', `${missing.join(', ')} will be created at the start`)
    : fail(
        'extensions',
        `${missing.join(', ')} can't be created by this user`,
        `As a superuser: ${missing.map((name) => `CREATE EXTENSION ${name};`).join(' ')}`,
      );
}

export function checkRights({
  mayCreateSchema,
  foreignTable,
}: Pick<Facts, 'mayCreateSchema' | 'foreignTable'>): Finding {
  if (!mayCreateSchema) {
    return fail(
      'rights',
      'this user may not create tables',
      'Make it the owner of the database: ALTER DATABASE … OWNER TO ….',
    );
  }
  return foreignTable === null
    ? ok('rights', 'this user may create tables and owns all existing ones')
    : fail(
        'rights',
        `the table “${foreignTable}” belongs to another user`,
        'Let the user of the service own all tables: REASSIGN OWNED BY … TO ….',
      );
}

function checkWriting({ isReadOnly }: Pick<Facts, 'isReadOnly'>): Finding {
  return isReadOnly
    ? fail(
        'writing',
        'the database is read only',
        'Use one that is not a standby, and whose default_transaction_read_only is off.',
      )
    : ok('writing', 'the database can be written');
}

/** @param skewMs how far PostgreSQL's clock is ahead. @param tripMs time until the answer of PostgreSQL. */
export function checkClock(skewMs: number, tripMs: number): Finding {
  const isNear = skewMs > -CLOCK_SKEW_MS_MAX && skewMs < CLOCK_SKEW_MS_MAX + tripMs;
  if (isNear) return ok('clock', 'agrees with PostgreSQL');
  const result = `${Math.round(Math.abs(skewMs) / 1_000)} s ${skewMs > 0 ? 'behind' : 'ahead of'} PostgreSQL`;
  return fail(
    'clock',
    result,
    'Set the clocks of both machines, with NTP for example: tokens expire by them.',
  );
}

/** The largest number of connections that the processes open. */
export const connectionsNeeded = ({ poolMax, workers }: Pick<Config, 'poolMax' | 'workers'>): number =>
  workers * (poolMax + CONNECTIONS_BESIDE_POOL);

export function checkConnections(
  { connectionsMax, connections }: Pick<Facts, 'connectionsMax' | 'connections'>,
  { poolMax, workers }: Pick<Config, 'poolMax' | 'workers'>,
): Finding {
  const needed = connectionsNeeded({ poolMax, workers });
  const result = `${needed} needed by ${workers} × (POOL_MAX ${poolMax} + ${CONNECTIONS_BESIDE_POOL}), ${connectionsMax} allowed, ${connections} open now`;
  return needed <= connectionsMax
    ? ok('connections', result)
    : fail(
        'connections',
        result,
        'Raise max_connections of PostgreSQL, or the CONNECTION LIMIT of the database or user, or lower POOL_MAX or WORKERS. A rolling restart needs twice the connections of a process for a moment.',
      );
}

export function checkPooler(isDirect: boolean): Finding {
  return isDirect
    ? ok('pooler', 'none, so statements stay prepared and can be cancelled')
    : warn(
        'pooler',
        'there is one in front of PostgreSQL, so queries can’t be cancelled',
        'Connect directly, or let it pool sessions (docs/operating.md, “A PostgreSQL of your own”).',
      );
}

/** The finding for tables that this user can't read. Other errors are thrown again. */
function unreadable(error: unknown): Finding {
  if (!(error instanceof pg.DatabaseError)) throw error;
  return fail(
    'migrations',
    error.message,
    'Let the user of the service own all tables: REASSIGN OWNED BY … TO ….',
  );
}

/** Compares the applied migrations with those of this version. */
async function checkMigrations(client: pg.Client): Promise<Finding> {
  const name = 'migrations';
  const { rows } = await client.query<{ present: boolean }>(
    `SELECT to_regclass('_prisma_migrations') IS NOT NULL AS present`,
  );
  if (!rows[0]?.present) return ok(name, 'the database is empty; the start creates the tables');
  const applied = await readApplied(client);
  const here = await readMigrations();
  const unfinished = applied.find(({ finishedAt }) => finishedAt === null);
  if (unfinished)
    return fail(name, `${unfinished.name} is not finished`, 'Resolve it with `prisma migrate resolve`.');
  const known = new Map(here.map((migration) => [migration.name, migration]));
  const edited = applied.find((row) => (known.get(row.name)?.checksum ?? row.checksum) !== row.checksum);
  if (edited) return fail(name, `${edited.name} was edited after it was applied`, 'Restore the file.');
  const foreign = applied.filter((row) => !known.has(row.name)).length;
  if (foreign > 0)
    return warn(
      name,
      `${foreign} are of a newer version`,
      'The start says whether this version can serve beside it.',
    );
  const missing = here.filter((migration) => !applied.some((row) => row.name === migration.name)).length;
  return ok(
    name,
    missing === 0 ? `all ${here.length} are applied` : `${missing} will be applied at the start`,
  );
}
