import { z } from 'zod';
import { LIMIT_NAMES, LIMIT_SETTINGS, type LimitName } from './limits.ts';
import { LOG_LEVELS } from './logLevels.ts';
import { isRange } from './trustProxy.ts';

const limitSettings = Object.fromEntries(
  LIMIT_NAMES.map((name) => {
    const { min, max, unit, default: value } = LIMIT_SETTINGS[name];
    const schema = z.coerce
      .number(`must be a number of ${unit}`)
      .int('must be a whole number')
      .min(min, `must be at least ${min}`)
      .max(max, `must be at most ${max}`)
      .default(value);
    return [name, schema] as const;
  }),
) as Record<LimitName, z.ZodDefault<z.ZodCoercedNumber>>;

const HTTP = /^https?$/;

/** The items of a value that is a list, separated by commas or blanks. */
export const items = (text: string): string[] => text.split(/[\s,]+/).filter(Boolean);

/** Every setting that is not a limit. `npm run docs` writes the descriptions and defaults into README. */
export const SETTINGS = {
  READOUT_SETTINGS: z
    .string()
    .optional()
    .describe(
      'file with settings, one `NAME=value` a line; by default `readout.env` in the working directory, if it is there; see [docs/operating.md](docs/operating.md#settings-in-a-file)',
    ),
  PORT: z.coerce
    .number('must be a port number')
    .int('must be a whole number')
    .min(0, 'must be at least 0 (0 takes any free port)')
    .max(65_535, 'must be at most 65535')
    .default(4000)
    .describe('TCP port; 0 takes any free one'),
  HOST: z
    .string()
    .min(1, 'must name an address to listen on')
    .default('127.0.0.1')
    .describe('address to listen on; `0.0.0.0` for all'),
  DATABASE_URL: z
    .string()
    .refine((url) => /^postgres(ql)?:\/\//.test(url) && URL.canParse(url), {
      message: 'must be a URL such as postgresql://user:password@host:5432/database',
    })
    .optional()
    .describe(
      'a PostgreSQL of your own (14 to 18), see [docs/operating.md](docs/operating.md#a-postgresql-of-your-own); without it the service starts its own',
    ),
  DATA_DIR: z
    .string()
    .min(1, 'must name a directory')
    .default('.data')
    .describe('directory of the service’s own PostgreSQL'),
  SEED: z
    .enum(['on', 'off'], 'must be on or off')
    .default('on')
    .describe('`off`: the files under `seed/` are not loaded'),
  WORKERS: z.coerce
    .number('must be a number of processes')
    .int('must be a whole number')
    .min(1, 'must be at least 1')
    .max(64, 'must be at most 64')
    .default(1)
    .describe('processes that serve on the one port'),
  READ_ACCESS: z
    .enum(['public', 'token'], 'must be public or token')
    .default('public')
    .describe(
      '`token`: reading needs a token too, the schema and `/schema.graphql` included; the reader page asks for it',
    ),
  RECORDER_TOKEN: z
    .string()
    .max(1_000, 'must be at most 1000 characters')
    .optional()
    .describe(
      'a recorder’s token that is valid from the start, instead of the one that the first start creates; it is not printed',
    ),
  EXPLORE: z
    .enum(['on', 'off'], 'must be on or off')
    .default('on')
    .describe('`off`: no GraphiQL, no introspection, no `/schema.graphql`'),
  TRUSTED_DOCUMENTS: z
    .string()
    .min(1, 'must name a file')
    .optional()
    .describe('file with the operations that clients without a token can run; by default they can run any'),
  CORS_ORIGINS: z
    .string()
    .refine((text) => ['*', 'none'].includes(text) || items(text).every(isOrigin), {
      message: 'must be *, none, or origins such as https://example.org',
    })
    .default('*')
    .describe(
      'origins whose pages can read answers and open a WebSocket, in addition to the service’s own pages: `*`, `none`, or origins such as `https://example.org`; see [Behind a proxy](docs/operating.md#behind-a-proxy)',
    ),
  TRUST_PROXY: z
    .string()
    .refine((text) => /^\d{1,2}$/.test(text) || items(text).every(isRange), {
      message: 'must be a number of proxies, or addresses and ranges such as 10.0.0.0/8, ::1',
    })
    .default('0')
    .describe(
      'the number of proxies in front of the service, or their addresses; their `X-Forwarded-For` is trusted',
    ),
  EXEMPT_ADDRESSES: z
    .string()
    .refine((text) => items(text).every(isRange), {
      message: 'must be addresses and ranges such as 127.0.0.1, 10.0.0.0/8',
    })
    .default('')
    .describe(
      'addresses and ranges, such as `127.0.0.1, 10.0.0.0/8`, of clients whose cost, connections and bodies are not counted',
    ),
  JWKS_URL: z
    .url({ protocol: HTTP, error: 'must be the URL of a JSON Web Key Set, over http or https' })
    .optional()
    .describe('JSON Web Key Set of an OpenID Connect issuer whose tokens are accepted'),
  JWT_ISSUER: z.string().optional().describe('the name of the issuer; needed with `JWKS_URL`'),
  JWT_AUDIENCE: z.string().optional().describe('the audience its tokens must name; needed with `JWKS_URL`'),
  JWT_ROLE_CLAIM: z
    .string()
    .default('role')
    .describe(
      'the claim with the role, `reader` or `recorder`; a token without a role, `exp` or `sub` is refused',
    ),
  METRICS_PORT: z.coerce
    .number('must be a port number')
    .int('must be a whole number')
    .min(0, 'must be at least 0 (0 takes any free port)')
    .max(65_535, 'must be at most 65535')
    .optional()
    .describe('port of `/metrics` for Prometheus; without it and `METRICS_TOKEN` the metrics are not served'),
  METRICS_ADDRESS: z
    .string()
    .min(1, 'must name an address to listen on')
    .default('127.0.0.1')
    .describe(
      'address of `METRICS_PORT`; everybody who reaches another address can read the metrics, unless `METRICS_TOKEN` is set',
    ),
  METRICS_TOKEN: z
    .string()
    .regex(/^\S{16,1000}$/, 'must be 16 to 1000 characters without blanks')
    .optional()
    .describe('bearer token of the scraper; with it `/metrics` is served on `PORT` too'),
  LOG_FORMAT: z
    .enum(['auto', 'json', 'text'], 'must be auto, json or text')
    .default('auto')
    .describe('`json`: an object a line; `text`: for people; `auto`: text on a terminal, JSON elsewhere'),
  LOG_LEVEL: z
    .enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`)
    .default('info')
    .describe('the least level that is logged: `fatal`, `error`, `warn`, `info`, `debug` or `trace`'),
  LOG_OPERATIONS: z
    .enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`)
    .default('debug')
    .describe('level of the line that each operation writes; `info` logs all operations by default'),
  LOG_ADDRESSES: z
    .enum(['full', 'short', 'none'], 'must be full, short or none')
    .default('short')
    .describe('addresses of clients in the log: `full`, `short` (their network) or `none`'),
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .url({ protocol: HTTP, error: 'must be the URL of an OpenTelemetry collector, over http or https' })
    .optional()
    .describe('OpenTelemetry collector that gets traces (OTLP over HTTP), such as `http://127.0.0.1:4318`'),
  OTEL_SERVICE_NAME: z.string().min(1).default('readout').describe('name of the service in its traces'),
  OTEL_TRACES_SAMPLER_ARG: z.coerce
    .number('must be a share')
    .min(0, 'must be at least 0')
    .max(1, 'must be at most 1')
    .default(1)
    .describe('share of traces that are recorded, of those that no client has begun'),
} as const;

/** All settings, limits included, as the environment has them. */
export const settings = z.object({ ...limitSettings, ...SETTINGS });

/** Whether a text is an origin as browsers send it, `https://example.org`. */
function isOrigin(text: string): boolean {
  return /^https?:\/\//.test(text) && URL.canParse(text) && new URL(text).origin === text;
}

/** Names of all settings. */
export const SETTING_NAMES: readonly string[] = Object.keys(settings.shape);
