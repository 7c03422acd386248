import { isUtf8 } from 'node:buffer';

/** Bytes of a Popolo or TEI file, which is read as a whole. A larger file is refused. @limit bytes */
export const IMPORT_DOCUMENT_BYTES_MAX = 67_108_864;

/** The text of a file, or why it can’t be read. */
export type Whole = { readonly text: string } | { readonly reason: string };

/**
 * Reads a file in UTF-8 as a whole, without its byte order mark.
 * @param advice for a file that is longer than `bytesMax`.
 */
export async function readWhole(
  bytes: AsyncIterable<Uint8Array>,
  bytesMax: number = IMPORT_DOCUMENT_BYTES_MAX,
  advice = 'Divide the file',
): Promise<Whole> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of bytes) {
    length += part.length;
    if (length > bytesMax) return { reason: `is longer than ${bytesMax} bytes. ${advice}` };
    parts.push(part);
  }
  const whole = Buffer.concat(parts);
  if (!isUtf8(whole)) return { reason: 'is not UTF-8. Save the file as UTF-8' };
  return { text: whole.toString('utf8').replace(/^\uFEFF/, '') };
}
