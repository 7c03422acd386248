import { type InputPath, ReadoutError } from '../base/errors.ts';

const POSITION_PATTERN = /^(0|[1-9]\d{0,18})$/;
const CURSOR_PATTERN = /^(0|[1-9]\d{0,18})\.([0-9a-f]{16})$/;
/** The former format of cursors: the name of a history and a position. */
const FORMER_PATTERN = /^[a-z0-9]{4,16}\.(0|[1-9]\d{0,18})$/;
/** The largest value of a `bigint` of PostgreSQL. */
export const POSITION_MAX = 2n ** 63n - 1n;
const CURSOR_DIGEST_LENGTH = 16;
const EPOCH_LENGTH = 8;

/** Identifies a change and, by its digest, the whole history before it. `chain.ts` explains the digests. */
export interface Cursor {
  readonly position: bigint;
  /** In hexadecimal; the genesis digest for position 0 and for changes without a digest. */
  readonly digest: string;
}

/** The last change of the record. */
export interface Head extends Cursor {
  /** The genesis digest, which the chain begins with. */
  readonly genesis: string;
}

/** A cursor or position from a client. A bare position has no digest; a cursor has the beginning of one. */
export interface GivenCursor {
  readonly position: bigint;
  readonly digest: string | null;
}

/** `<position>.<the first 16 characters of its digest>` */
export function formatCursor({ position, digest }: Cursor): string {
  return `${position}.${digest.slice(0, CURSOR_DIGEST_LENGTH)}`;
}

/** The name of a history, `9f86d081`. */
export function epochOf({ genesis }: Pick<Head, 'genesis'>): string {
  return genesis.slice(0, EPOCH_LENGTH);
}

/** Whether a client's cursor names this change of this history. */
export function names(given: GivenCursor, { position, digest }: Cursor): boolean {
  return given.position === position && (given.digest === null || digest.startsWith(given.digest));
}

const isPosition = (text: string): boolean => POSITION_PATTERN.test(text) && BigInt(text) <= POSITION_MAX;

/**
 * Parses a cursor, or a bare position of the current history such as `0`, the beginning.
 * @throws ReadoutError INVALID_INPUT for any other text, RESYNC for a cursor of the former format.
 */
export function parseCursor(text: string, path: InputPath): GivenCursor {
  if (isPosition(text)) return { position: BigInt(text), digest: null };
  const [, position = '', digest] = CURSOR_PATTERN.exec(text) ?? [];
  if (isPosition(position) && digest !== undefined) return { position: BigInt(position), digest };
  if (FORMER_PATTERN.test(text)) throw otherHistory(text, path);
  throw new ReadoutError(
    'INVALID_INPUT',
    `“${text}” is not a cursor. Take one from \`record { cursor }\` or from a delivered change, or “0” for the beginning.`,
    path,
  );
}

/** The error for a cursor of another record, or of a change that was lost by a restore. */
export function otherHistory(
  cursor: string,
  path?: InputPath,
  details?: Readonly<Record<string, unknown>>,
): ReadoutError {
  return new ReadoutError(
    'RESYNC',
    `The cursor ${cursor} belongs to another history of the record. Load your lists again, then follow from \`record { cursor }\`.`,
    path,
    details,
  );
}

/**
 * Parses a bare position, such as the value of a header.
 * @throws ReadoutError INVALID_INPUT where it is not a position.
 */
export function parsePosition(text: string, path?: InputPath): bigint {
  if (!isPosition(text)) {
    throw new ReadoutError('INVALID_INPUT', `“${text}” is not a position: a whole number such as 42.`, path);
  }
  return BigInt(text);
}
