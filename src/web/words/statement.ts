import type { EnumOf } from '../graphql/tada.ts';
import { joinNames } from './names.ts';
import { shortened } from './shortened.ts';

/** Characters of a quote that stands in a line where the record has no text of its own. */
const LINE_LENGTH_MAX = 200;

/** The text of a statement, or else the beginning of its quote in quotation marks. */
export function sayingOf(
  { text, quote }: { readonly text: string | null; readonly quote?: string | null },
  lengthMax = LINE_LENGTH_MAX,
): string {
  return text ?? `“${shortened(quote ?? '', lengthMax)}”`;
}

/** A speaker as the source writes it. */
export interface Mention {
  readonly as: string;
  readonly actor: { readonly slug: string } | null;
}

interface Sayers {
  readonly speakers: readonly { readonly name: string }[];
  readonly mentions: readonly Mention[];
}

/** The mentions whose actors are not identified. */
export const unresolved = (mentions: readonly Mention[]): Mention[] =>
  mentions.filter(({ actor }) => actor === null);

/** Names of those who said it: the speakers, and in quotation marks those that are not identified. */
export const sayerNames = ({ speakers, mentions }: Sayers): string[] => [
  ...speakers.map(({ name }) => name),
  ...unresolved(mentions).map(({ as }) => `“${as}”`),
];

/** The same in a sentence: `Anna and “the president”`. */
export const sayersOf = (statement: Sayers): string => joinNames(sayerNames(statement));

/** Where in a source something is written. */
interface PlaceInSource {
  readonly start: number | null;
  readonly end: number | null;
  readonly page: string | null;
  readonly paragraph: string | null;
  readonly timeCode: string | null;
  readonly status: EnumOf<'AnchorStatus'>;
}

/** A place in a few words: `12–40, page 4`. */
export function placeText({ start, end, page, paragraph, timeCode, status }: PlaceInSource): string {
  return [
    start !== null && `${start}–${end}${status === 'PLACED' ? '' : ' of a former text'}`,
    page !== null && `page ${page}`,
    paragraph !== null && `paragraph ${paragraph}`,
    timeCode !== null && `at ${timeCode}`,
  ]
    .filter(Boolean)
    .join(', ');
}

interface CodedPlace extends PlaceInSource {
  readonly role: string;
}

/** The places of what was said, or all places where none has this role. */
export function contentPlaces<Place extends CodedPlace>(anchors: readonly Place[]): readonly Place[] {
  const content = anchors.filter(({ role }) => role === 'CONTENT');
  return content.length > 0 ? content : anchors;
}

/** A span of the text of a source. */
type Spanned<Place> = Place & { readonly start: number; readonly end: number; readonly digest: string };

/** The places that are spans of the present text, whose words a digest proves. */
export const spansOf = <
  Place extends { start: number | null; end: number | null; digest: string | null; status: string },
>(
  places: readonly Place[],
): Spanned<Place>[] =>
  places.filter(
    (place): place is Spanned<Place> =>
      place.start !== null && place.digest !== null && place.status === 'PLACED',
  );

/** `coded by A. Coder, confidence 85 %`; empty where neither is recorded. */
export function codingText({
  coder,
  confidence,
}: {
  readonly coder: string | null;
  readonly confidence: number | null;
}): string {
  return [
    coder !== null && `coded by ${coder}`,
    confidence !== null && `confidence ${Math.round(confidence * 100)} %`,
  ]
    .filter(Boolean)
    .join(', ');
}
