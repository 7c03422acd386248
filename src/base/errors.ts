/** The codes a client or an operator can meet. Everything else is masked and logged. */
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

/** A segment of the path to the faulty input, outermost first: `['input', 'topics', 0, 'stance']`. */
export type InputPath = readonly (string | number)[];

/**
 * An expected failure: the fault of a client, of an operator's settings or of a service that is away.
 * The message says what is wrong and what to do; it is shown to the client as it stands.
 */
export class ReadoutError extends Error {
  override readonly name = 'ReadoutError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    /** Path to the faulty input, where there is one. (Not `path`: GraphQL takes an error with one for its own.) */
    readonly inputPath?: InputPath,
    /** Further facts for the client, such as `currentPosition`. */
    readonly details?: Readonly<Record<string, unknown>>,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
