import { type InputPath, ReadoutError } from '../errors.ts';

const POSITION_PATTERN = /^(0|[1-9]\d{0,18})$/;
const CURSOR_PATTERN = /^([a-z0-9]{4,16})\.(0|[1-9]\d{0,18})$/;

/** Where a reader stands: in which history of the record, and after which change. */
export interface Cursor {
  readonly epoch: string;
  readonly position: bigint;
}

/** `<epoch>.<position>` */
export function formatCursor(cursor: Cursor): string {
  return `${cursor.epoch}.${cursor.position}`;
}

/**
 * Reads a cursor; a bare position such as `0`, the beginning, is one of the present epoch.
 * @throws ReadoutError INVALID_INPUT for anything else, RESYNC for a cursor of another epoch.
 */
export function parseCursor(text: string, epoch: string, path: InputPath): Cursor {
  if (POSITION_PATTERN.test(text)) return { epoch, position: BigInt(text) };
  const match = CURSOR_PATTERN.exec(text);
  if (!match) {
    throw new ReadoutError(
      'INVALID_INPUT',
      `“${text}” is not a cursor. Take one from \`record { cursor }\` or from a delivered change, or "0" for the beginning.`,
      path,
    );
  }
  if (match[1] !== epoch) {
    throw new ReadoutError(
      'RESYNC',
      `The cursor ${text} belongs to another history of the record; this one is ${epoch}. Load your lists again, then follow from \`record { cursor }\`.`,
      path,
      { epoch },
    );
  }
  return { epoch, position: BigInt(match[2] as string) };
}

/** Reads a bare position, such as the value of a header. */
export function parsePosition(text: string, path?: InputPath): bigint {
  if (!POSITION_PATTERN.test(text)) {
    throw new ReadoutError('INVALID_INPUT', `“${text}” is not a position: a whole number such as 42.`, path);
  }
  return BigInt(text);
}
