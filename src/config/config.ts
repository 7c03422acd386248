import { startFailed } from '../base/errors.ts';
import { LIMIT_NAMES, type Limits } from './limits.ts';
import type { LogLevel } from './logLevels.ts';
import { items, SETTING_NAMES, settings } from './settings.ts';
import { type GivenSettings, readSettings } from './settingsFile.ts';
import type { TrustProxy } from './trustProxy.ts';

/** Settings whose values are never printed, not even in error messages. */
const SECRET_SETTINGS = new Set(['DATABASE_URL', 'RECORDER_TOKEN', 'METRICS_TOKEN']);

/** Variables that only the commands read; they are not settings of the service. */
const OTHER_VARIABLES: readonly string[] = ['READOUT_TOKEN', 'READOUT_URL', 'READOUT_STORE_URL'];

/** A setting with a value that can't be used. */
interface SettingFault {
  readonly name: string;
  readonly message: string;
}

/** Checks settings that depend on one another. */
function faultsBetween(given: Readonly<Record<string, string>>): SettingFault[] {
  if (given.JWKS_URL === undefined) return [];
  return ['JWT_ISSUER', 'JWT_AUDIENCE']
    .filter((name) => given[name] === undefined)
    .map((name) => ({ name, message: 'is needed where JWKS_URL is set' }));
}

/** The settings of the operator, parsed once. The table of settings in README describes each of them. */
export interface Config {
  /** TCP port; 0 takes any free port. */
  readonly port: number;
  readonly host: string;
  /** URL of an external PostgreSQL; undefined where the service starts its own. */
  readonly databaseUrl: string | undefined;
  /** Data directory of the embedded PostgreSQL. */
  readonly dataDir: string;
  /** Maximum number of connections of this process to PostgreSQL. */
  readonly poolMax: number;
  readonly statementTimeoutMs: number;
  /** Whether the files under `seed/` are loaded at the start. */
  readonly seed: boolean;
  /** Number of processes that share the port. */
  readonly workers: number;
  /** Whether readers need a token. */
  readonly readersNeedToken: boolean;
  /** A recorder's token that is valid from the start. */
  readonly recorderToken: string | undefined;
  /** The issuer of JSON Web Tokens; null where they are not accepted. */
  readonly jwt: { jwksUrl: string; issuer: string; audience: string; roleClaim: string } | null;
  readonly limits: Limits;
  /** Proxies whose forwarding headers are trusted. */
  readonly trustProxy: TrustProxy;
  /** Addresses and ranges of clients without limits on cost, connections and bodies. */
  readonly exemptAddresses: readonly string[];
  /** Origins whose pages may read answers in a browser; `*` means any. */
  readonly corsOrigins: '*' | readonly string[];
  /** Whether the schema can be explored: introspection, GraphiQL, SDL, suggestions in messages. */
  readonly explore: boolean;
  /** File with the operations that a client without a token may run; undefined allows every operation. */
  readonly trustedDocuments: string | undefined;
  readonly log: {
    readonly format: 'auto' | 'json' | 'text';
    readonly level: LogLevel;
    readonly operations: LogLevel;
    readonly addresses: 'full' | 'short' | 'none';
  };
  /** Where traces are sent; null where nothing is traced. */
  readonly tracing: {
    readonly endpoint: string;
    readonly serviceName: string;
    readonly ratio: number;
  } | null;
  /** Where the metrics are served. Without a port and a token they are not. */
  readonly metrics: {
    readonly port: number | undefined;
    readonly address: string;
    readonly token: string | undefined;
  };
}

/** Settings that can be used, and what the operator should be told about them. */
export interface LoadedConfig {
  readonly config: Config;
  /** Variables of the environment that are probably misspelt settings. */
  readonly notices: readonly string[];
}

/**
 * Reads the settings from the environment and from the settings file, if there is one.
 * @throws ReadoutError START_FAILED that lists every fault of both.
 */
export function loadConfig(environment: Readonly<Record<string, string | undefined>>): LoadedConfig {
  const given = readSettings(environment, SETTING_NAMES, OTHER_VARIABLES);
  return { config: configOf(given), notices: given.notices };
}

/**
 * Reads the settings from the environment alone. An empty value counts as not set.
 * @throws ReadoutError START_FAILED that lists every fault.
 */
export function parseConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const values = Object.fromEntries(
    Object.entries(environment).filter((entry): entry is [string, string] => !!entry[1]?.trim()),
  );
  return configOf({ values, files: {}, faults: [], notices: [] });
}

function configOf({ values, files, faults, notices }: GivenSettings): Config {
  const parsed = settings.safeParse(values);
  const issues = parsed.error?.issues ?? [];
  const wrong = [
    ...issues.map(({ path, message }) => ({ name: String(path[0]), message })),
    ...faultsBetween(values),
  ].map(({ name, message }) => {
    const value = SECRET_SETTINGS.has(name) ? '…' : (values[name] ?? '');
    return `${name}=${value}${files[name] === undefined ? '' : ` (${files[name]})`}: ${message}`;
  });
  const lines = [...faults, ...wrong];
  if (!parsed.success || lines.length > 0) {
    const all = [...lines, ...notices].map((line) => `  ${line}`).join('\n');
    throw startFailed(`These settings can't be used:\n${all}`);
  }
  const s = parsed.data;
  return {
    port: s.PORT,
    host: s.HOST,
    databaseUrl: s.DATABASE_URL,
    dataDir: s.DATA_DIR,
    poolMax: s.POOL_MAX,
    statementTimeoutMs: s.STATEMENT_TIMEOUT_MS,
    seed: s.SEED === 'on',
    workers: s.WORKERS,
    readersNeedToken: s.READ_ACCESS === 'token',
    recorderToken: s.RECORDER_TOKEN,
    jwt:
      s.JWKS_URL === undefined
        ? null
        : {
            jwksUrl: s.JWKS_URL,
            issuer: s.JWT_ISSUER ?? '',
            audience: s.JWT_AUDIENCE ?? '',
            roleClaim: s.JWT_ROLE_CLAIM,
          },
    limits: Object.fromEntries(LIMIT_NAMES.map((name) => [name, s[name]])) as Limits,
    trustProxy: /^\d+$/.test(s.TRUST_PROXY) ? Number(s.TRUST_PROXY) : items(s.TRUST_PROXY),
    exemptAddresses: items(s.EXEMPT_ADDRESSES),
    corsOrigins: s.CORS_ORIGINS === '*' ? '*' : s.CORS_ORIGINS === 'none' ? [] : items(s.CORS_ORIGINS),
    explore: s.EXPLORE === 'on',
    trustedDocuments: s.TRUSTED_DOCUMENTS,
    log: {
      format: s.LOG_FORMAT,
      level: s.LOG_LEVEL,
      operations: s.LOG_OPERATIONS,
      addresses: s.LOG_ADDRESSES,
    },
    tracing:
      s.OTEL_EXPORTER_OTLP_ENDPOINT === undefined
        ? null
        : {
            endpoint: s.OTEL_EXPORTER_OTLP_ENDPOINT,
            serviceName: s.OTEL_SERVICE_NAME,
            ratio: s.OTEL_TRACES_SAMPLER_ARG,
          },
    metrics: { port: s.METRICS_PORT, address: s.METRICS_ADDRESS, token: s.METRICS_TOKEN },
  };
}
