import { codePointLength, sha256 } from '../../domain/anchor.ts';
import { INPUT_MAX } from '../../domain/input/field.ts';

/** Code points of the words before and after a span, by which a later version of the text is searched. */
const CONTEXT_LENGTH = 32;

/** A span of a source, in the shape of an anchor. */
export interface CodePointSpan {
  readonly start: number;
  readonly end: number;
  readonly digest: string;
  readonly prefix?: string;
  readonly suffix?: string;
}

/** The words of a statement in the shape of its input. */
type Words = { readonly quote: string } | { readonly text: string };

const LOW_SURROGATE = /[\uDC00-\uDFFF]/;
const isLow = (unit: string | undefined): boolean => unit !== undefined && LOW_SURROGATE.test(unit);

/** The text of a source, whose spans are given in UTF-16 units, as Java and JavaScript count. */
export class Utf16Text {
  readonly text: string;
  /** Length in code points. */
  readonly length: number;
  readonly digest: string;
  /** UTF-16 offsets of the second units of surrogate pairs, ascending. */
  readonly #low: readonly number[];

  constructor(text: string) {
    this.text = text;
    this.#low = LOW_SURROGATE.test(text)
      ? Array.from(text.matchAll(/[\uD800-\uDBFF][\uDC00-\uDFFF]/g), ({ index }) => index + 1)
      : [];
    this.length = text.length - this.#low.length;
    this.digest = sha256(text);
  }

  /** The number of code points before a UTF-16 offset. */
  #codePointsBefore(offset: number): number {
    let [from, to] = [0, this.#low.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((this.#low[middle] as number) < offset) from = middle + 1;
      else to = middle;
    }
    return offset - from;
  }

  /** The anchor of a span in UTF-16 units; null if the text does not have it, or if it divides a character. */
  span(start: number, end: number): CodePointSpan | null {
    const { text } = this;
    if (!(start >= 0 && start < end && end <= text.length)) return null;
    if (isLow(text[start]) || isLow(text[end])) return null;
    const prefix = [...text.slice(Math.max(0, start - 2 * CONTEXT_LENGTH), start)]
      .slice(-CONTEXT_LENGTH)
      .join('');
    const suffix = [...text.slice(end, end + 2 * CONTEXT_LENGTH)].slice(0, CONTEXT_LENGTH).join('');
    return {
      start: this.#codePointsBefore(start),
      end: this.#codePointsBefore(end),
      digest: sha256(text.slice(start, end)),
      ...(prefix !== '' && { prefix }),
      ...(suffix !== '' && { suffix }),
    };
  }
}

/** The first code points of a text, with “…” where it is cut. */
export function cut(text: string, max: number): string {
  const points = [...text];
  return points.length <= max
    ? text
    : `${points
        .slice(0, max - 1)
        .join('')
        .trimEnd()}…`;
}

/** The words of a span: a quote, or the beginning as text where a quote can't be so long. */
export function wordsOf(words: string): Words {
  const trimmed = words.trim();
  const isShort = codePointLength(trimmed) <= INPUT_MAX.quote;
  return isShort ? { quote: trimmed } : { text: cut(trimmed, INPUT_MAX.text) };
}

/** The fields of a source that its text gives. @param keepText whether the record keeps the text, because its licence allows it. */
export function textFields({ text, digest, length }: Utf16Text, keepText: boolean): object {
  if (length === 0) return {};
  return keepText && length <= INPUT_MAX.sourceText ? { digest, length, text } : { digest, length };
}
