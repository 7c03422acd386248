import { createHash } from 'node:crypto';

/** A span of a source's text: `start` and `end` (exclusive) in Unicode code points, and its SHA-256. */
export interface Anchor {
  readonly start: number;
  readonly end: number;
  readonly digest: string;
  /** The words themselves, only where they are a quotation. */
  readonly exact?: string | null | undefined;
}

/** Lower-case hexadecimal SHA-256 of the text's UTF-8. */
export function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** Unicode code points, so that an astral character counts once. */
export function codePointLength(text: string): number {
  let length = 0;
  for (const _ of text) length += 1;
  return length;
}

/** A text that spans are cut from by code points. */
export class SourceText {
  readonly #codePoints: string[];

  constructor(text: string) {
    this.#codePoints = Array.from(text);
  }

  /** The words an anchor points at, or why it points at none. */
  check(anchor: Anchor): { ok: true; span: string } | { ok: false; reason: string } {
    if (anchor.end > this.#codePoints.length) {
      return {
        ok: false,
        reason: `ends at ${anchor.end}, but the text has ${this.#codePoints.length} code points`,
      };
    }
    const span = this.#codePoints.slice(anchor.start, anchor.end).join('');
    if (sha256(span) !== anchor.digest)
      return { ok: false, reason: 'the digest is not that of the words at this place' };
    if (anchor.exact != null && anchor.exact !== span)
      return { ok: false, reason: 'exact differs from the words at this place' };
    return { ok: true, span };
  }
}
