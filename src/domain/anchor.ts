import { hash } from 'node:crypto';
import type { AnchorStatus } from '../db/generated/enums.ts';

/** A span of a source's text: `start` and `end` (exclusive) in Unicode code points, and its SHA-256. */
export interface Anchor {
  readonly start: number;
  readonly end: number;
  readonly digest: string;
  /** The words of the span, only if they are a quotation. */
  readonly exact?: string | null | undefined;
}

/** An anchor that may have only a page, paragraph or time code. */
export type AnchorPlace = { readonly [Name in keyof Anchor]?: Anchor[Name] | null | undefined } & {
  readonly status?: AnchorStatus | undefined;
};

/** The anchors that are spans of the text. */
export const spansOf = (places: readonly AnchorPlace[]): Anchor[] =>
  places.flatMap(({ start, end, digest, exact }) =>
    start == null || end == null || digest == null ? [] : [{ start, end, digest, exact }],
  );

/** SHA-256 of the text in UTF-8, in lowercase hexadecimal. */
export function sha256(text: string): string {
  return hash('sha256', text, 'hex');
}

/** Number of Unicode code points. A character outside the basic plane counts once. */
export function codePointLength(text: string): number {
  let length = 0;
  for (const _ of text) length += 1;
  return length;
}

/** A text whose spans are counted in code points. */
export class SourceText {
  readonly #codePoints: string[];

  constructor(text: string) {
    this.#codePoints = Array.from(text);
  }

  /** The words of an anchor, or the reason why it does not match the text. */
  check(anchor: Anchor): { ok: true; span: string } | { ok: false; reason: string } {
    if (anchor.end > this.#codePoints.length) {
      return {
        ok: false,
        reason: `ends at ${anchor.end}, but the text has ${this.#codePoints.length} code points`,
      };
    }
    const span = this.#codePoints.slice(anchor.start, anchor.end).join('');
    if (sha256(span) !== anchor.digest)
      return { ok: false, reason: 'the digest is not that of the words in this span' };
    if (anchor.exact != null && anchor.exact !== span)
      return { ok: false, reason: 'exact differs from the words in this span' };
    return { ok: true, span };
  }
}
