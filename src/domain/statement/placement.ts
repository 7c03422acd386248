import { hash } from 'node:crypto';
import { ReadoutError } from '../../base/errors.ts';
import type { AnchorStatus } from '../../db/generated/enums.ts';
import { sha256 } from '../anchor.ts';

/**
 * Code points that one re-anchoring hashes to find spans whose words are not known. Each window of a length counts as its length, at
 * least 256. Beyond it, the words have to be given. @limit code points
 */
export const REANCHOR_HASHED_CODE_POINTS_MAX = 500_000_000;
/** Below this length, the overhead of a hash is its whole cost. */
const WINDOW_LENGTH_MIN = 256;
/** Windows between two chances of other work. */
const WINDOWS_A_STEP = 1_000;
/** Code points of the former text on each side of a span that distinguish repeated words. */
const CONTEXT_LENGTH = 32;

/** A text whose places are counted in code points. */
export class IndexedText {
  readonly text: string;
  /** Offset of each code point in UTF-16 units, and the end of the text. */
  readonly #units: Uint32Array;

  constructor(text: string) {
    this.text = text;
    const units = new Uint32Array(text.length + 1);
    let length = 0;
    for (let unit = 0; unit < text.length; unit += (text.codePointAt(unit) as number) > 0xffff ? 2 : 1) {
      units[length] = unit;
      length += 1;
    }
    units[length] = text.length;
    this.#units = units.subarray(0, length + 1);
  }

  get length(): number {
    return this.#units.length - 1;
  }

  /** The words of a span; null if it is not within the text. */
  slice(start: number, end: number): string | null {
    return start < 0 || end > this.length ? null : this.text.slice(this.#units[start], this.#units[end]);
  }

  /** The starts of all places with these words. Places may overlap. */
  placesOf(words: string): number[] {
    const places: number[] = [];
    for (let unit = this.text.indexOf(words); unit >= 0; unit = this.text.indexOf(words, unit + 1))
      places.push(this.#codePointAt(unit));
    return places;
  }

  /** Whether the words before a span, and those after it, are these. */
  around(start: number, end: number, { prefix, suffix }: Context): { before: boolean; after: boolean } {
    return {
      before: prefix !== null && this.text.endsWith(prefix, this.#units[start]),
      after: suffix !== null && this.text.startsWith(suffix, this.#units[end]),
    };
  }

  /** The code point that begins at an offset in UTF-16 units. */
  #codePointAt(unit: number): number {
    let [low, high] = [0, this.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#units[middle] as number) < unit) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** The words before and after a span; null where they are not known. */
interface Context {
  readonly prefix: string | null;
  readonly suffix: string | null;
}

/** A span of a former text. */
export interface FormerSpan extends Context {
  readonly start: number;
  readonly end: number;
  readonly digest: string;
  readonly status: AnchorStatus;
  /** Words that may be those of the span: what the anchor and its statement quote. */
  readonly quotes: readonly string[];
}

/** How an anchor was placed in a new text. */
export type AnchorOutcome = 'SAME' | 'MOVED' | 'AMBIGUOUS' | 'ORPHANED';

export interface Placement {
  readonly outcome: AnchorOutcome;
  /** Where it is now; the former place if it is AMBIGUOUS or ORPHANED. */
  readonly start: number;
  readonly end: number;
  /** Number of places in the new text that have its words. */
  readonly places: number;
}

/** Finds spans whose words are not known, by their digests. */
class WordSearch {
  readonly #text: IndexedText;
  readonly #words: Map<string, string>;
  #hashed = 0;

  constructor(text: IndexedText, words: Map<string, string>) {
    this.#text = text;
    this.#words = words;
  }

  /**
   * One correction moves all spans after it by the same distance. So a span is looked for at the distances of others first, and only
   * then in every window of its length.
   * @param shift how much longer the new text is.
   * @throws ReadoutError LIMIT_EXCEEDED
   */
  *find(spans: readonly FormerSpan[], shift: number): Generator<void, void> {
    let shifts = [0, shift];
    let pending = spans;
    while (pending.length > 0) {
      pending = pending.filter((span) => !shifts.some((distance) => this.#isAt(span, distance)));
      const [first] = pending;
      if (!first) return;
      const length = first.end - first.start;
      const wanted = pending.filter(({ start, end }) => end - start === length);
      shifts = yield* this.#scan(wanted, length);
      pending = pending.filter(({ start, end }) => end - start !== length);
    }
  }

  #isAt({ start, end, digest }: FormerSpan, shift: number): boolean {
    const words = this.#words.has(digest) ? null : this.#text.slice(start + shift, end + shift);
    if (words !== null && sha256(words) === digest) this.#words.set(digest, words);
    return this.#words.has(digest);
  }

  /** Hashes every window of a length. @returns the distances by which spans have moved. */
  *#scan(spans: readonly FormerSpan[], length: number): Generator<void, number[]> {
    const windows = Math.max(0, this.#text.length - length + 1);
    this.#hashed += windows * Math.max(length, WINDOW_LENGTH_MIN);
    if (this.#hashed > REANCHOR_HASHED_CODE_POINTS_MAX) {
      throw new ReadoutError(
        'LIMIT_EXCEEDED',
        `The words of too many anchors are not known and would have to be found by their digests. Save the source with its former text ` +
          'first, or give the anchors their words as exact.',
        ['input', 'text'],
        { limit: 'REANCHOR_HASHED_CODE_POINTS_MAX', max: REANCHOR_HASHED_CODE_POINTS_MAX },
      );
    }
    const wanted = new Map(spans.map((span) => [span.digest, span.start]));
    const shifts: number[] = [];
    for (let start = 0; start < windows && wanted.size > 0; start += 1) {
      if (start % WINDOWS_A_STEP === 0) yield;
      const words = this.#text.slice(start, start + length) as string;
      const digest = hash('sha256', words, 'hex');
      const former = wanted.get(digest);
      if (former === undefined) continue;
      this.#words.set(digest, words);
      wanted.delete(digest);
      shifts.push(start - former);
    }
    return shifts;
  }
}

/** The words of a span that are known before the new text is read; undefined if they are not. */
function knownWords({ start, end, digest, status, quotes }: FormerSpan, former: IndexedText | null) {
  const held = status === 'PLACED' ? former?.slice(start, end) : null;
  return [...quotes, held].find((words) => words != null && sha256(words) === digest) ?? undefined;
}

/** The context that was recorded, or else that of the former text. */
function contextOf(span: FormerSpan, former: IndexedText | null): Context {
  const { start, end, digest, status, prefix, suffix } = span;
  const held = former?.slice(start, end);
  if (!former || status !== 'PLACED' || held == null || sha256(held) !== digest) return { prefix, suffix };
  const before = former.slice(Math.max(0, start - CONTEXT_LENGTH), start);
  const after = former.slice(end, Math.min(former.length, end + CONTEXT_LENGTH));
  return { prefix: prefix ?? (before || null), suffix: suffix ?? (after || null) };
}

/** The places that a span can have in the new text. */
interface Candidate {
  readonly span: FormerSpan;
  /** Number of all places with its words. */
  readonly all: number;
  /** Those with its context on both sides, or else on one; all of them if none has it. */
  readonly fitting: readonly number[];
  /** Whether there is only one, and nothing contradicts it. */
  readonly isCertain: boolean;
}

function candidateOf(
  span: FormerSpan,
  places: readonly number[],
  text: IndexedText,
  former: IndexedText | null,
): Candidate {
  const context = contextOf(span, former);
  const length = span.end - span.start;
  const sides = places.map((start) => ({ start, ...text.around(start, start + length, context) }));
  const onBoth = sides.filter(({ before, after }) => before && after);
  const onOne = sides.filter(({ before, after }) => before || after);
  const fitting = [onBoth, onOne].find((some) => some.length > 0)?.map(({ start }) => start);
  // If the former text repeated the words, the only remaining place may not be the one that was meant.
  const hasContext = context.prefix !== null || context.suffix !== null;
  const words = hasContext && !fitting ? former?.slice(span.start, span.end) : null;
  const isDoubtful = hasContext && !fitting && (words == null || (former?.placesOf(words).length ?? 0) > 1);
  const { length: count } = fitting ?? places;
  return { span, all: places.length, fitting: fitting ?? places, isCertain: count === 1 && !isDoubtful };
}

/** A span whose place is certain, and how far it has moved. */
interface Landmark {
  readonly start: number;
  readonly shift: number;
}

/** The distance by which the nearest landmarks on both sides have moved, if it is the same. */
function shiftAround(start: number, landmarks: readonly Landmark[]): number | null {
  const before = landmarks.findLast((landmark) => landmark.start < start);
  const after = landmarks.find((landmark) => landmark.start > start);
  return before && after && before.shift === after.shift ? before.shift : null;
}

/**
 * Where the spans of a former text are in a new one. A span is placed only where its own words are. Of several such places, it is the
 * one with its context, or the one that has moved as far as the spans around it, or the one where it was.
 * @param spans in the order of the former text.
 * @param former the former text; null if it is not known.
 * @param formerLength its length in code points; null if not known.
 * @returns a placement for each span, in their order. Run it with `inSteps`.
 * @throws ReadoutError LIMIT_EXCEEDED
 */
export function* placeSpans(
  spans: readonly FormerSpan[],
  text: IndexedText,
  former: IndexedText | null,
  formerLength: number | null,
): Generator<void, Placement[]> {
  const words = new Map<string, string>();
  for (const span of spans) {
    const known = knownWords(span, former);
    if (known !== undefined) words.set(span.digest, known);
  }
  const unknown = spans.filter(({ digest }) => !words.has(digest));
  yield* new WordSearch(text, words).find(unknown, text.length - (formerLength ?? text.length));

  const placesByDigest = new Map<string, number[]>();
  const candidates: Candidate[] = [];
  for (const span of spans) {
    yield;
    const own = words.get(span.digest);
    const places = placesByDigest.get(span.digest) ?? (own === undefined ? [] : text.placesOf(own));
    placesByDigest.set(span.digest, places);
    candidates.push(candidateOf(span, places, text, former));
  }
  const landmarks = candidates.flatMap(({ span: { start, status }, fitting: [only], isCertain }) =>
    isCertain && only !== undefined && status === 'PLACED' ? [{ start, shift: only - start }] : [],
  );
  const placements: Placement[] = [];
  for (const candidate of candidates) {
    yield;
    const { start, end, status } = candidate.span;
    const places = candidate.all;
    const at = chooseOne(candidate, landmarks);
    if (at === undefined)
      placements.push({ outcome: places === 0 ? 'ORPHANED' : 'AMBIGUOUS', start, end, places });
    else if (at === start && status === 'PLACED') placements.push({ outcome: 'SAME', start, end, places });
    else placements.push({ outcome: 'MOVED', start: at, end: at + end - start, places });
  }
  return placements;
}

/** The only place, or the one that follows from the spans around it or from its former place. */
function chooseOne(
  { span: { start, status }, fitting, isCertain }: Candidate,
  landmarks: readonly Landmark[],
): number | undefined {
  if (isCertain) return fitting[0];
  if (status !== 'PLACED') return undefined;
  const shift = shiftAround(start, landmarks);
  if (shift !== null && fitting.includes(start + shift)) return start + shift;
  return fitting.includes(start) ? start : undefined;
}
