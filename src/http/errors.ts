import { randomBytes } from 'node:crypto';
import { GraphQLError } from 'graphql';
import { type ErrorCode, ReadoutError } from '../base/errors.ts';
import { LIMIT_SETTINGS } from '../config/limits.ts';
import { type DatabaseFailure, databaseFailureOf } from '../db/failure.ts';

/** Called with every error that a client does not see, and with the reference that the client gets. */
export type ReportError = (error: unknown, reference: string) => void;

const RETRY_AFTER_SECONDS = 2;
/** HTTP statuses of errors that kept an operation from running, whatever form the answer has. */
const STATUS_BY_CODE: Partial<Record<ErrorCode, number>> = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  UNAVAILABLE: 503,
};

interface HttpStatus {
  readonly status: number;
  readonly headers?: Record<string, string>;
  /** Whether the status is only for `application/graphql-response+json`. With `application/json` the status is 200. */
  readonly spec?: true;
}

/** What a failure of the database is to a client. */
const UNAVAILABLE_BY: Readonly<Record<Exclude<DatabaseFailure, 'slow'>, string>> = {
  unreachable: 'The database can’t be reached at the moment. Try again shortly.',
  unwritable: 'The record can be read but not written at the moment. Try again later.',
  conflict: 'Other changes conflicted with this one. Try again.',
};

function databaseError(fault: DatabaseFailure, statementTimeoutMs: number): ReadoutError {
  if (fault !== 'slow') return new ReadoutError('UNAVAILABLE', UNAVAILABLE_BY[fault]);
  const message = 'Reading this took too long and was cancelled. Ask for less at once.';
  const details = { limit: 'STATEMENT_TIMEOUT_MS', max: statementTimeoutMs };
  return new ReadoutError('LIMIT_EXCEEDED', message, undefined, details);
}

function http(code: ErrorCode, { retryAfterSeconds }: Readonly<Record<string, unknown>>): HttpStatus {
  const status = STATUS_BY_CODE[code];
  if (code === 'LIMIT_EXCEEDED' && retryAfterSeconds !== undefined) {
    return { status: 429, headers: { 'Retry-After': String(retryAfterSeconds) } };
  }
  if (status === undefined) return { status: 400, spec: true };
  if (status !== 503) return { status };
  return { status, headers: { 'Retry-After': String(retryAfterSeconds ?? RETRY_AFTER_SECONDS) } };
}

/** The HTTP status and headers of an expected failure before an operation has begun. */
export function statusOf({ code, details = {} }: ReadoutError): Pick<HttpStatus, 'status' | 'headers'> {
  return http(code, details);
}

function fromReadout(error: ReadoutError, located: GraphQLError | null): GraphQLError {
  const began = located?.path !== undefined;
  return new GraphQLError(error.message, {
    nodes: located?.nodes,
    path: located?.path,
    originalError: error,
    extensions: {
      code: error.code,
      ...(error.inputPath && { inputPath: error.inputPath }),
      ...error.details,
      ...((!began || error.code === 'UNAVAILABLE') && { http: http(error.code, error.details ?? {}) }),
    },
  });
}

export interface MaskOptions {
  /** Whether messages leave out suggestions of similar names. */
  readonly hideSuggestions?: boolean;
  /** Time limit of an SQL statement, for the error of one that exceeded it. Default: that of the settings. */
  readonly statementTimeoutMs?: number;
}

/**
 * What a client sees of an error: an expected failure with its message and code, and of any other error only the reference under which the
 * service has logged it.
 */
export function maskErrors(
  report: ReportError,
  {
    hideSuggestions = false,
    statementTimeoutMs = LIMIT_SETTINGS.STATEMENT_TIMEOUT_MS.default,
  }: MaskOptions = {},
): (error: unknown) => GraphQLError {
  return (error) => {
    const located = error instanceof GraphQLError ? error : null;
    const cause = located ? located.originalError : error;
    if (cause instanceof ReadoutError) return fromReadout(cause, located);
    if (located && (cause === undefined || cause === null || cause instanceof GraphQLError)) {
      // GraphQL refuses a variable of the wrong type without a code.
      const coded = withCode(located, 'INVALID_INPUT' satisfies ErrorCode);
      return hideSuggestions ? withoutSuggestions(coded) : coded;
    }
    const fault = databaseFailureOf(cause);
    if (fault) {
      if (fault !== 'unreachable') report(error, 'database'); // `DatabaseWatch` reports an outage once
      return fromReadout(databaseError(fault, statementTimeoutMs), located);
    }
    const reference = randomBytes(4).toString('hex');
    report(error, reference);
    return new GraphQLError(
      `Something went wrong in the service. Report it with the reference ${reference}.`,
      {
        nodes: located?.nodes,
        path: located?.path,
        extensions: { code: 'INTERNAL', reference },
      },
    );
  };
}

/** Adds a code to an error of GraphQL itself, which has none. Other errors stay as they are. */
export function withCode(error: GraphQLError, code: string): GraphQLError {
  if (error.extensions.code !== undefined) return error;
  const { message, nodes, source, positions, path, originalError } = error;
  const extensions = { ...error.extensions, code };
  return new GraphQLError(message, { nodes, source, positions, path, originalError, extensions });
}

/** The same error without the names of the schema that its message suggests. */
function withoutSuggestions(error: GraphQLError): GraphQLError {
  const message = error.message.replace(/ ?Did you mean [^?]*\?/g, '');
  if (message === error.message) return error;
  const { nodes, source, positions, path, originalError, extensions } = error;
  return new GraphQLError(message, { nodes, source, positions, path, originalError, extensions });
}

/** Errors with the id of their request, for clients that get no headers. */
export function withRequestId(errors: readonly GraphQLError[], requestId: string): GraphQLError[] {
  return errors.map((error) => {
    const { message, nodes, source, positions, path, originalError } = error;
    const extensions = { ...error.extensions, requestId };
    return new GraphQLError(message, { nodes, source, positions, path, originalError, extensions });
  });
}

/** An error for a client that gets no HTTP headers. */
export function withoutHttp(error: GraphQLError): GraphQLError {
  if (!('http' in error.extensions)) return error;
  const { http: _, ...extensions } = error.extensions;
  const { message, nodes, source, positions, path, originalError } = error;
  return new GraphQLError(message, { nodes, source, positions, path, originalError, extensions });
}

/**
 * An error in the form for the log: its kind and where it happened, and nothing that a client has sent. PostgreSQL
 * quotes values in its messages and details, and Prisma whole calls.
 */
export function describeError(error: unknown, depth = 0): string {
  if (!(error instanceof Error)) return `a ${typeof error} was thrown`;
  const { code, table, column, constraint, routine } = error as Error & Record<string, unknown>;
  const facts = { code, table, column, constraint, routine };
  const told = Object.entries(facts).flatMap(([name, value]) =>
    typeof value === 'string' || typeof value === 'number' ? [`${name}=${value}`] : [],
  );
  const fromDriver = /^[0-9A-Z]{5}$/.test(String(code)) || error.name.startsWith('Prisma');
  const message = fromDriver ? withoutValues(error.message) : error.message;
  const calls = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  const own = [`${error.name}: ${message}${told.length > 0 ? ` (${told.join(', ')})` : ''}`, ...calls].join(
    '\n',
  );
  const inner = error instanceof GraphQLError ? error.originalError : error.cause;
  return inner && depth < 4 ? `${own}\nCaused by ${describeError(inner, depth + 1)}` : own;
}

function withoutValues(message: string): string {
  return (
    message
      .split('\n')
      .filter((line) => line.trim())
      .at(-1) ?? ''
  ).replace(/"[^"]*"|'[^']*'|`[^`]*`/g, '…');
}
