/** A limit that the operator can set. */
interface LimitSetting {
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly unit: string;
  /** What it limits, and what happens beyond it. */
  readonly meaning: string;
}

const MEGABYTE = 1_048_576;

/** The limits that have a setting, by its name. Other limits are constants in the file that applies them. */
export const LIMIT_SETTINGS = {
  COST_MAX: {
    default: 50_000,
    min: 100,
    max: 100_000_000,
    unit: 'points',
    meaning:
      'Cost of one operation, counted before it runs. Beyond it LIMIT_EXCEEDED names the most expensive field.',
  },
  COST_PER_MINUTE: {
    default: 10_000_000,
    min: 100,
    max: 10_000_000_000,
    unit: 'points a minute',
    meaning:
      'Cost that one token, or one address without a token, can spend in a minute in one process: with `WORKERS=4` up to four times as much. It refills steadily. Beyond it LIMIT_EXCEEDED, HTTP 429 with Retry-After.',
  },
  RECORDER_COST_PER_MINUTE: {
    default: 600_000_000,
    min: 100,
    max: 10_000_000_000,
    unit: 'points a minute',
    meaning:
      'The same for a token that can record, since recording thousands of documents costs more than reading.',
  },
  DEPTH_MAX: {
    default: 20,
    min: 5,
    max: 100,
    unit: 'levels',
    meaning: 'Depth of the fields of an operation, fragments followed.',
  },
  TOKENS_MAX: {
    default: 3_000,
    min: 100,
    max: 10_000,
    unit: 'tokens',
    meaning: 'Tokens of a document.',
  },
  ALIASES_MAX: {
    default: 100,
    min: 0,
    max: 10_000,
    unit: 'aliases',
    meaning: 'Aliases in a document.',
  },
  BODY_BYTES_MAX: {
    default: 4 * MEGABYTE,
    min: 10_000,
    max: 64 * MEGABYTE,
    unit: 'bytes',
    meaning: 'Body of an HTTP request with a token. Beyond it HTTP 413.',
  },
  BODY_ANONYMOUS_BYTES_MAX: {
    default: 131_072,
    min: 10_000,
    max: 64 * MEGABYTE,
    unit: 'bytes',
    meaning: 'Body of an HTTP request without a valid token. Beyond it HTTP 413.',
  },
  MEMORY_PER_ADDRESS_BYTES_MAX: {
    default: 64 * MEGABYTE,
    min: MEGABYTE,
    max: 16_384 * MEGABYTE,
    unit: 'bytes',
    meaning:
      'Memory that one process keeps for one address: arriving bodies, open sockets and subscriptions, unread answers. Beyond it LIMIT_EXCEEDED, HTTP 429.',
  },
  MEMORY_BYTES_MAX: {
    default: 128 * MEGABYTE,
    min: MEGABYTE,
    max: 65_536 * MEGABYTE,
    unit: 'bytes',
    meaning:
      'The same for all addresses together. Beyond it the address that holds the most loses its connections. A request that would make its own address hold the most gets UNAVAILABLE, HTTP 503.',
  },
  WRITE_TIMEOUT_MS: {
    default: 20_000,
    min: 1_000,
    max: 600_000,
    unit: 'ms',
    meaning:
      'How long a connection with unread data may accept nothing. Beyond it the connection is destroyed.',
  },
  CONNECTIONS_PER_ADDRESS_MAX: {
    default: 500,
    min: 1,
    max: 1_000_000,
    unit: 'connections',
    meaning:
      'TCP connections of one address to one process, in addition to SOCKETS_PER_ADDRESS_MAX. Beyond it a new one is closed at once. Trusted proxies are not counted.',
  },
  OPERATION_TIMEOUT_MS: {
    default: 15_000,
    min: 100,
    max: 600_000,
    unit: 'ms',
    meaning: 'Time that a query or mutation has. Beyond it LIMIT_EXCEEDED; the SQL of a query is cancelled.',
  },
  OPERATIONS_MAX: {
    default: 64,
    min: 1,
    max: 10_000,
    unit: 'operations',
    meaning: 'Queries and mutations that one process runs at the same time; others wait.',
  },
  QUEUE_WAIT_MS: {
    default: 2_000,
    min: 100,
    max: 60_000,
    unit: 'ms',
    meaning:
      'How long an operation waits for its turn, and its SQL for a connection. Beyond it UNAVAILABLE, HTTP 503 with Retry-After.',
  },
  LAG_MAX_MS: {
    default: 400,
    min: 20,
    max: 60_000,
    unit: 'ms',
    meaning:
      'Delay of the event loop, on average over a second. While it is longer, the clients that ask for the most are refused, and after another second all clients: UNAVAILABLE, HTTP 503.',
  },
  POOL_MAX: {
    default: 10,
    min: 2,
    max: 500,
    unit: 'connections',
    meaning:
      'Connections of one process to PostgreSQL; a few are kept for subscribers. Up to eight more: one listens, two watch and cancel, one analyses tables, four send exports.',
  },
  STATEMENT_TIMEOUT_MS: {
    default: 10_000,
    min: 100,
    max: 600_000,
    unit: 'ms',
    meaning: 'Time that one statement of SQL has. Beyond it LIMIT_EXCEEDED.',
  },
  CACHE_BYTES_MAX: {
    default: 64 * MEGABYTE,
    min: 0,
    max: 16_384 * MEGABYTE,
    unit: 'bytes',
    meaning:
      'Answers to queries without a token that one process caches until the record changes. Answers without recent use are evicted first. 0 turns the cache off.',
  },
  SOCKETS_MAX: {
    default: 20_000,
    min: 1,
    max: 1_000_000,
    unit: 'connections',
    meaning: 'WebSockets and event streams open in one process. Beyond it HTTP 503.',
  },
  SOCKETS_PER_ADDRESS_MAX: {
    default: 200,
    min: 1,
    max: 1_000_000,
    unit: 'connections',
    meaning:
      'WebSockets and event streams that one address can have open in one process. Beyond it HTTP 429.',
  },
} as const satisfies Record<string, LimitSetting>;

export type LimitName = keyof typeof LIMIT_SETTINGS;
export type Limits = Readonly<Record<LimitName, number>>;

export const LIMIT_NAMES = Object.keys(LIMIT_SETTINGS) as LimitName[];

/** Every limit with its default. */
export const DEFAULT_LIMITS: Limits = Object.fromEntries(
  LIMIT_NAMES.map((name) => [name, LIMIT_SETTINGS[name].default]),
) as Record<LimitName, number>;
