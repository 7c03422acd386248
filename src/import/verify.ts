import { type Anchor, codePointLength, SourceText, sha256 } from '../domain/anchor.ts';

/** A source as its record has it, with what points into it. */
export interface AnchoredSource {
  readonly slug: string;
  /** SHA-256 of the text that the anchors count in; null where the record does not know it. */
  readonly digest: string | null;
  /** Length of that text in code points; null where the record does not know it. */
  readonly length: number | null;
  readonly statements: readonly AnchoredStatement[];
}

export interface AnchoredStatement {
  readonly slug: string;
  readonly anchors: readonly Anchor[];
}

export interface CheckedAnchor {
  readonly statement: string;
  readonly start: number;
  readonly end: number;
  /** Why it does not match; null where it does. */
  readonly reason: string | null;
}

export interface Verification {
  /** What differs between this text as a whole and the one meant. */
  readonly textFaults: readonly string[];
  /** What probably happened to the file; null where there is no guess. */
  readonly hint: string | null;
  readonly anchors: readonly CheckedAnchor[];
  readonly ok: boolean;
}

/** Checks a text, and every anchor into it, against what the record has of it. Holds none of the text's words. */
export function verifySource(source: AnchoredSource, text: string): Verification {
  const textFaults = compareText(source, text);
  const sourceText = new SourceText(text);
  const anchors = source.statements.flatMap(({ slug, anchors }) =>
    anchors.map((anchor) => {
      const checked = sourceText.check(anchor);
      return {
        statement: slug,
        start: anchor.start,
        end: anchor.end,
        reason: checked.ok ? null : checked.reason,
      };
    }),
  );
  if (source.digest === null && anchors.length === 0) {
    textFaults.push(
      'the record has neither a digest of the text nor an anchor, so there is nothing to check',
    );
  }
  return {
    textFaults,
    hint: textFaults.length > 0 ? guessDifference(source, text) : null,
    anchors,
    ok: textFaults.length === 0 && anchors.every(({ reason }) => reason === null),
  };
}

function compareText(source: AnchoredSource, text: string): string[] {
  const faults: string[] = [];
  const digest = sha256(text);
  if (source.digest !== null && source.digest !== digest) {
    faults.push(`the SHA-256 is ${digest}, the source's is ${source.digest}`);
  }
  const length = codePointLength(text);
  if (source.length !== null && source.length !== length) {
    faults.push(`the length is ${length} code points, the source's is ${source.length}`);
  }
  return faults;
}

const withoutMark = (text: string): string => text.replace(/^\uFEFF/, '');
const withLineFeeds = (text: string): string => text.replace(/\r\n?/g, '\n');
const withoutEnd = (text: string): string => text.replace(/[\r\n]+$/, '');

/** What programs do to a text file without being asked, alone and together, simplest first. */
const MENDINGS: readonly { readonly told: string; readonly mend: (text: string) => string }[] = [
  { told: 'a byte order mark at its start (save it as UTF-8 without one)', mend: withoutMark },
  { told: 'its line endings (CRLF; the source has LF)', mend: withLineFeeds },
  { told: 'its line endings (LF; the source has CRLF)', mend: (text) => text.replace(/\r?\n/g, '\r\n') },
  { told: 'line ends after its last line', mend: withoutEnd },
  { told: 'the missing line feed at its end', mend: (text) => `${text}\n` },
  { told: 'line ends after its last line', mend: (text) => `${withoutEnd(text)}\n` },
  {
    told: 'a byte order mark, CRLF line endings or the line feed at its end',
    mend: (text) => withoutEnd(withLineFeeds(withoutMark(text))),
  },
  {
    told: 'a byte order mark, CRLF line endings or the line feed at its end',
    mend: (text) => `${withoutEnd(withLineFeeds(withoutMark(text)))}\n`,
  },
];

function guessDifference({ digest, length }: AnchoredSource, text: string): string | null {
  const mended = MENDINGS.find(({ mend }) => sha256(mend(text)) === digest);
  if (mended) return `The file differs from the source's text only by ${mended.told}.`;
  if (text.startsWith('\uFEFF')) return 'The file begins with a byte order mark, and differs elsewhere too.';
  if (text.includes('\r')) return 'The file has CRLF line endings, and differs elsewhere too.';
  if (length !== null && codePointLength(text) === length) {
    return "The file has the source's length, so single characters were replaced.";
  }
  return null;
}

/** Finds the source that a text is checked against. */
export type SourceChoice =
  | { readonly found: AnchoredSource }
  /** The slugs that there are to choose from. */
  | { readonly found: null; readonly slugs: readonly string[] };

/** The source of this slug; without a slug the one whose digest is the text's, or else the only one there is. */
export function chooseSource(
  sources: readonly AnchoredSource[],
  text: string,
  slug: string | undefined,
): SourceChoice {
  const digest = sha256(text);
  const found =
    slug === undefined
      ? (sources.find((source) => source.digest === digest) ??
        (sources.length === 1 ? sources[0] : undefined))
      : sources.find((source) => source.slug === slug);
  return found ? { found } : { found: null, slugs: sources.map((source) => source.slug) };
}
