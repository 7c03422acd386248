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

const LINE_ENDS_MAX = 3;

/** Programs change these of a text file without being asked; tells which of them alone made the difference. */
function guessDifference({ digest, length }: AnchoredSource, text: string): string | null {
  const hasMark = text.startsWith('\uFEFF');
  const lines = text.slice(hasMark ? 1 : 0).replace(/\r\n?/g, '\n');
  const core = lines.replace(/\n+$/, '');
  for (const lineEnd of ['\n', '\r\n']) {
    for (let ends = 0; ends <= LINE_ENDS_MAX; ends += 1) {
      if (sha256(`${core}${'\n'.repeat(ends)}`.replaceAll('\n', lineEnd)) !== digest) continue;
      const found = text.includes('\r') ? '\r\n' : '\n';
      const differences = [
        ...(hasMark ? ['a byte order mark at its start'] : []),
        ...(found === lineEnd ? [] : [`line endings (${LINE_END[found]} instead of ${LINE_END[lineEnd]})`]),
        ...(lines.length - core.length === ends
          ? []
          : [`line ends after the last line (${ends} in the source)`]),
      ];
      return `The file differs from the source's text only in ${differences.join(' and ')}.`;
    }
  }
  if (hasMark) return 'The file begins with a byte order mark, and differs elsewhere too.';
  if (text.includes('\r')) return 'The file has CRLF line endings; the rest may differ too.';
  if (length !== null && codePointLength(text) === length) {
    return "The file has the source's length, so characters were replaced.";
  }
  return null;
}

const LINE_END: Readonly<Record<string, string>> = { '\n': 'LF', '\r\n': 'CRLF' };

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
