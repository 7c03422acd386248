import { isUtf8 } from 'node:buffer';
import { StringDecoder } from 'node:string_decoder';
import { TimeSlice } from '../../base/steps.ts';

/** Bytes of a line or row of an import: a source with its text has up to 6 MB. A longer line is refused. @limit bytes */
export const IMPORT_LINE_BYTES_MAX = 12_582_912;

/** Why such a line is refused. */
export const TOO_LONG = `is longer than ${IMPORT_LINE_BYTES_MAX} bytes`;

/** Bytes that are decoded without a look at the clock: some milliseconds of work. */
const BLOCK_BYTES = 1_048_576;

const NEWLINE = 0x0a;
const BYTE_ORDER_MARK = '\uFEFF';

/** A line of a file; `text` is null where it can't be read, for the reason. */
export interface Line {
  /** From 1. */
  readonly line: number;
  readonly text: string | null;
  readonly reason: string;
}

/**
 * The lines of a text in UTF-8, without their ends (LF or CRLF) and without a byte order mark. It holds one line at a time. A line that is too long is skipped
 * as it arrives.
 */
export async function* readLines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Line> {
  let parts: Uint8Array[] = [];
  let length = 0;
  let line = 0;
  const take = (last: Uint8Array): Line | Promise<Line> => {
    const whole = parts.length === 0 ? last : Buffer.concat([...parts, last]);
    const isTooLong = length + last.length > IMPORT_LINE_BYTES_MAX;
    parts = [];
    length = 0;
    line += 1;
    if (isTooLong) return { line, text: null, reason: TOO_LONG };
    if (!isUtf8(whole)) return { line, text: null, reason: 'is not UTF-8. Save the file as UTF-8' };
    if (whole.length > BLOCK_BYTES) return decodeLong(whole).then(lineOf);
    return lineOf(Buffer.from(whole.buffer, whole.byteOffset, whole.length).toString('utf8'));
  };
  const lineOf = (text: string): Line => {
    const start = line === 1 && text.startsWith(BYTE_ORDER_MARK) ? 1 : 0;
    const end = text.endsWith('\r') ? -1 : undefined;
    return { line, text: text.slice(start, end), reason: '' };
  };
  for await (const piece of bytes) {
    let start = 0;
    for (let end = piece.indexOf(NEWLINE); end >= 0; end = piece.indexOf(NEWLINE, start)) {
      yield take(piece.subarray(start, end));
      start = end + 1;
    }
    if (start === piece.length) continue;
    const rest = piece.subarray(start);
    if (length + rest.length > IMPORT_LINE_BYTES_MAX) parts = [];
    else parts.push(rest);
    length += rest.length;
  }
  if (length > 0) yield take(new Uint8Array());
}

/** Decodes a long line in pieces, so that it does not block the event loop. */
async function decodeLong(bytes: Uint8Array): Promise<string> {
  const decoder = new StringDecoder('utf8');
  const slice = new TimeSlice();
  let text = '';
  for (let start = 0; start < bytes.length; start += BLOCK_BYTES) {
    await slice.end();
    text += decoder.write(bytes.subarray(start, start + BLOCK_BYTES));
  }
  return text + decoder.end();
}
