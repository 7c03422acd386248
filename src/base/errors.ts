/** The error codes that a client or an operator can see. Every other error is masked and logged. */
export type ErrorCode =
  | 'INVALID_INPUT'
  | 'NOT_FOUND'
  | 'CONFLICT'
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'LIMIT_EXCEEDED'
  | 'POSITION_AHEAD'
  | 'RESYNC'
  | 'SLOW_READER'
  | 'UNAVAILABLE'
  | 'START_FAILED';

/** Path to the faulty input, outermost segment first: `['input', 'topics', 0, 'stance']`. */
export type InputPath = readonly (string | number)[];

/** The limit that was exceeded. */
export interface ExceededLimit {
  /** Name of the setting or constant, as docs/limits.md has it. */
  readonly limit: string;
  readonly max: number;
  /** Further facts for the client, such as `cost`. */
  readonly [fact: string]: unknown;
}

/**
 * An expected failure, caused by a client, by an operator's settings or by a service that can't be reached.
 * The message says what is wrong and what to do. It is shown to the client unchanged.
 */
export class ReadoutError extends Error {
  override readonly name = 'ReadoutError';

  constructor(
    code: 'LIMIT_EXCEEDED',
    message: string,
    inputPath: InputPath | undefined,
    details: ExceededLimit,
    options?: ErrorOptions,
  );
  constructor(
    code: Exclude<ErrorCode, 'LIMIT_EXCEEDED'>,
    message: string,
    inputPath?: InputPath,
    details?: Readonly<Record<string, unknown>>,
    options?: ErrorOptions,
  );
  constructor(
    readonly code: ErrorCode,
    message: string,
    /** Path to the faulty input, if any. It is not named `path`, because GraphQL would treat the error as its own. */
    readonly inputPath?: InputPath,
    /** Further facts for the client, such as `position`. */
    readonly details?: Readonly<Record<string, unknown>>,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The failure of a start, with what the operator can do. */
export function startFailed(message: string, cause?: unknown): ReadoutError {
  return new ReadoutError('START_FAILED', message, undefined, undefined, { cause });
}
