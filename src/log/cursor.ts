import { type InputPath, ReadoutError } from '../base/errors.ts';

const POSITION_PATTERN = /^(0|[1-9]\d{0,18})$/;
const CURSOR_PATTERN = /^(0|[1-9]\d{0,18})\.([0-9a-f]{16})$/;
/** The former form of cursors: the name of a history and a position. */
const FORMER_PATTERN = /^[a-z0-9]{4,16}\.(0|[1-9]\d{0,18})$/;
const CURSOR_DIGEST_LENGTH = 16;
const EPOCH_LENGTH = 8;

/** A change, and through its digest everything before it. */
export interface Cursor {
  readonly position: bigint;
  /** In hexadecimal. Position 0 and changes without a digest have the genesis digest. */
  readonly digest: string;
}

/** The last change of the record. */
export interface Head extends Cursor {
  /** The genesis digest, where the chain begins. */
  readonly genesis: string;
}

/** A place to resume from. A bare position has no digest; a cursor has a prefix of one. */
export interface GivenCursor {
  readonly position: bigint;
  readonly digest: string | null;
}

/** `<position>.<the first 16 characters of its digest>` */
export function formatCursor({ position, digest }: Cursor): string {
  return `${position}.${digest.slice(0, CURSOR_DIGEST_LENGTH)}`;
}

/** The name of a history. */
export function epochOf({ genesis }: Pick<Head, 'genesis'>): string {
  return genesis.slice(0, EPOCH_LENGTH);
}

/** Whether a cursor names the same change of the same history. */
export function names(given: GivenCursor, { position, digest }: Cursor): boolean {
  return given.position === position && (given.digest === null || digest.startsWith(given.digest));
}

/**
 * Parses a place to resume from. A bare position such as `0` (the beginning) is one of the current history.
 * @throws ReadoutError INVALID_INPUT for anything else, RESYNC for a cursor of the former form.
 */
export function parseCursor(text: string, path: InputPath): GivenCursor {
  if (POSITION_PATTERN.test(text)) return { position: BigInt(text), digest: null };
  const [, position, digest] = CURSOR_PATTERN.exec(text) ?? [];
  if (position !== undefined && digest !== undefined) return { position: BigInt(position), digest };
  if (FORMER_PATTERN.test(text)) throw otherHistory(text, path);
  throw new ReadoutError(
    'INVALID_INPUT',
    `“${text}” is not a cursor. Take one from \`record { cursor }\` or from a delivered change, or "0" for the beginning.`,
    path,
  );
}

/** The error for a cursor that names a change this record does not have: of another record, or lost by a restore. */
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

/** Reads a bare position, such as the value of a header. */
export function parsePosition(text: string, path?: InputPath): bigint {
  if (!POSITION_PATTERN.test(text)) {
    throw new ReadoutError('INVALID_INPUT', `“${text}” is not a position: a whole number such as 42.`, path);
  }
  return BigInt(text);
}
