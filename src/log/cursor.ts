import { type InputPath, ReadoutError } from '../errors.ts';

const POSITION_PATTERN = /^(0|[1-9]\d{0,18})$/;
const CURSOR_PATTERN = /^(0|[1-9]\d{0,18})\.([0-9a-f]{16})$/;
/** The form that cursors had before they carried a digest: name of a history and position. */
const FORMER_PATTERN = /^[a-z0-9]{4,16}\.(0|[1-9]\d{0,18})$/;
const CURSOR_DIGEST_LENGTH = 16;
const EPOCH_LENGTH = 8;

/** A change, and by its digest everything before it. */
export interface Cursor {
  readonly position: bigint;
  /** In hexadecimal. Of position 0, and of a change that has none, that at the beginning of the chain. */
  readonly digest: string;
}

/** Where the record stands. */
export interface Head extends Cursor {
  /** The digest that the chain begins at. */
  readonly genesis: string;
}

/** What a client gives to resume: a bare position has no digest, a cursor the beginning of one. */
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
 * Reads what a client gives to resume; a bare position such as `0`, the beginning, is one of the present history.
 * @throws ReadoutError INVALID_INPUT for anything else, RESYNC for a cursor of the form that came before.
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

/** A cursor names a change that this record does not have: of another record, or of one before a restore. */
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
