import type { AnchorStatus } from '../../../db/generated/enums.ts';
import { sha256 } from '../../anchor.ts';
import { type Context, type IndexedText, lettersOf } from './indexedText.ts';
import { WordSearch } from './wordSearch.ts';

/** Code points of the former text on each side of a span that distinguish repeated words. */
const CONTEXT_LENGTH = 32;

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
  /** Those with its context on both sides, or else on one; all of them if none has it. See `fittingOf`. */
  readonly fitting: readonly number[];
  /** Whether there is only one, and nothing contradicts it. */
  readonly isCertain: boolean;
}

/**
 * The places that fit a context best, the first of these that exist: those with exactly its words on both sides, those with the same letters
 * on both sides, those with either on one side. Undefined if no place fits it.
 */
function fittingOf(
  places: readonly number[],
  length: number,
  text: IndexedText,
  context: Context,
): readonly number[] | undefined {
  const exact = places.map((start) => ({ start, ...text.around(start, start + length, context) }));
  const onBoth = exact.filter(({ before, after }) => before && after);
  if (onBoth.length > 0) return onBoth.map(({ start }) => start);
  const letters = { prefix: lettersOf(context.prefix ?? ''), suffix: lettersOf(context.suffix ?? '') };
  const sides = exact.map(({ start, before, after }) => {
    const loose = text.lettersAround(start, start + length, letters);
    return { start, before: before || loose.before, after: after || loose.after };
  });
  const onBothLoosely = sides.filter(({ before, after }) => before && after);
  const onOne = sides.filter(({ before, after }) => before || after);
  return [onBothLoosely, onOne].find((some) => some.length > 0)?.map(({ start }) => start);
}

function candidateOf(
  span: FormerSpan,
  places: readonly number[],
  text: IndexedText,
  former: IndexedText | null,
): Candidate {
  const context = contextOf(span, former);
  const hasContext = context.prefix !== null || context.suffix !== null;
  const fitting = hasContext ? fittingOf(places, span.end - span.start, text, context) : undefined;
  // If the former text repeated the words, the only remaining place may not be the one that was meant.
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

/** The distances by which the nearest landmarks before and after a place have moved. */
function shiftsAround(start: number, landmarks: readonly Landmark[]): ReadonlySet<number> {
  const before = landmarks.findLast((landmark) => landmark.start < start);
  const after = landmarks.find((landmark) => landmark.start > start);
  return new Set([before, after].flatMap((landmark) => (landmark ? [landmark.shift] : [])));
}

/**
 * Where the spans of a former text are in a new one. A span is placed only where its own words are. Of several such places, it is the
 * one with its context, or the only one that has moved as far as what is certain before or after it.
 *
 * Example: the last word of “Yes. No. Yes.” has a span, and the new text is “He said: Yes. No. Yes.” Two places have the word. The
 * first lacks the words before the span, “Yes. No. ”, so the span is placed at the second one, 9 code points further on.
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
  const certain = candidates.flatMap(({ span: { start, status }, fitting: [only], isCertain }) =>
    isCertain && only !== undefined && status === 'PLACED' ? [{ start, shift: only - start }] : [],
  );
  const beginning = { start: -1, shift: 0 };
  const end = { start: Number.POSITIVE_INFINITY, shift: text.length - (formerLength ?? text.length) };
  const landmarks = [beginning, ...certain, end];
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

/** The only place, or the only one that is as far from its former place as its neighbours are. */
function chooseOne(
  { span: { start, status }, fitting, isCertain }: Candidate,
  landmarks: readonly Landmark[],
): number | undefined {
  if (isCertain) return fitting[0];
  if (status !== 'PLACED') return undefined;
  const moved = [...shiftsAround(start, landmarks)].map((shift) => start + shift);
  const [only, another] = moved.filter((place) => fitting.includes(place));
  return another === undefined ? only : undefined;
}
