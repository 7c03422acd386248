import pino from 'pino';
import type { LogLevel } from '../config/logLevels.ts';
import { isTransfer, type LogOperation, type OperationFacts } from './operations.ts';

/** How much of a client's address the log shows. */
type LogAddresses = 'full' | 'short' | 'none';

export interface OperatorLogOptions {
  readonly level: LogLevel;
  /** `json`: an object a line. `text`: for people. */
  readonly format: 'json' | 'text';
  /** Level of the line that each operation writes. */
  readonly operations: LogLevel;
  readonly addresses: LogAddresses;
  /** Hides secrets in a line. */
  readonly redact: (line: string) => string;
  /** Receives the lines. Default: the standard output. */
  readonly stream?: pino.DestinationStream;
}

/** What the service tells its operator. */
export interface OperatorLog {
  /** A message in whole sentences. */
  notice(message: string, facts?: Readonly<Record<string, unknown>>): void;
  /** A failure after which the process ends. */
  fatal(message: string): void;
  /** An error that no client sees. @param description what the log may keep of it. */
  report(description: string, reference: string): void;
  readonly operation: LogOperation;
}

const STANDARD_OUTPUT = 1;

/** Opens the log of this process. */
export async function openOperatorLog(options: OperatorLogOptions): Promise<OperatorLog> {
  const { level, format, operations, redact } = options;
  const logger = pino(
    {
      level,
      formatters: { level: (label) => ({ level: label }) },
      timestamp: pino.stdTimeFunctions.isoTime,
      hooks: { streamWrite: redact },
    },
    format === 'text'
      ? await textStream(options.stream)
      : (options.stream ?? pino.destination({ dest: STANDARD_OUTPUT, sync: true })),
  );
  return {
    notice: (message, facts = {}) => logger.info(facts, message),
    fatal: (message) => logger.fatal(message),
    report: (description, reference) => logger.error({ reference, error: description }, 'Unexpected error'),
    // An unexpected error is logged whatever the level of operations is, so the line with its reference is, too.
    operation: (facts, outcome, durationMs) => {
      const level = facts.code === 'INTERNAL' ? 'error' : operations;
      if (!logger.isLevelEnabled(level)) return;
      const ms = Math.round(durationMs * 1_000) / 1_000;
      logger[level]({ ...fieldsOf(facts, options.addresses), outcome, ms }, 'operation');
    },
  };
}

/** Lines for people: sentences, and the level only where it is unusual. The library is only loaded for them. */
async function textStream(stream: pino.DestinationStream | undefined): Promise<pino.DestinationStream> {
  const { default: pretty } = await import('pino-pretty');
  return pretty({
    destination: (stream as NodeJS.WritableStream | undefined) ?? STANDARD_OUTPUT,
    sync: true,
    colorize: process.stdout.isTTY === true,
    ignore: 'pid,hostname,time,level,error',
    messageFormat: ({ level, msg, error }) =>
      (level === 'info' ? '' : `${level}: `) + (error === undefined ? msg : `${msg}: ${error}`),
    singleLine: true,
  });
}

/** The fields of an operation's line, without those that say nothing. */
function fieldsOf(facts: OperationFacts, addresses: LogAddresses): Record<string, unknown> {
  const { requestId, name, type, transport, role, by, client, code, reference, points, rows, cached } = facts;
  return {
    ...{ requestId, operation: name, type, transport, role },
    ...(by !== null && { by }),
    ...(addresses !== 'none' && { client: addresses === 'full' ? client : shortened(client) }),
    ...(code !== null && { code }),
    ...(reference !== null && { reference }),
    ...{ points, cached },
    ...(isTransfer(type) && { rows }),
  };
}

/** The network of an address: 24 bits of an IPv4 address, 48 of an IPv6 one. */
export function shortened(address: string): string {
  if (address.includes('.')) return address.replace(/\.\d+$/, '.0');
  return `${address.split(':').slice(0, 3).join(':')}::`;
}
