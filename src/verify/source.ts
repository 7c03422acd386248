import { type AnchorPlace, codePointLength, SourceText, sha256, spansOf } from '../domain/anchor.ts';

/** A source of a record, with the anchors into it. */
export interface AnchoredSource {
  readonly slug: string;
  /** SHA-256 of its text; null if the record does not have it. */
  readonly digest: string | null;
  /** Length of its text in code points; null if the record does not have it. */
  readonly length: number | null;
  readonly statements: readonly AnchoredStatement[];
}

export interface AnchoredStatement {
  readonly slug: string;
  readonly anchors: readonly AnchorPlace[];
}

interface CheckedAnchor {
  readonly statement: string;
  readonly start: number;
  readonly end: number;
  /** Why it does not match; null if it does. */
  readonly reason: string | null;
}

export interface Verification {
  /** Differences between this whole text and that of the source. */
  readonly textFaults: readonly string[];
  /** What probably happened to the file; null without a guess. */
  readonly hint: string | null;
  readonly anchors: readonly CheckedAnchor[];
  /** Number of anchors that have no span to check, only a page, paragraph or time code. */
  readonly withoutSpan: number;
  /** Number of anchors whose place in the present text is known to be lost. */
  readonly lost: number;
  readonly ok: boolean;
}

/** Compares a text and every anchor into it with the record. The result contains no words of the text. */
export function verifySource(source: AnchoredSource, text: string): Verification {
  const textFaults = compareText(source, text);
  const sourceText = new SourceText(text);
  const anchors = source.statements.flatMap(({ slug, anchors }) =>
    spansOf(anchors.filter(isPlaced)).map((anchor) => {
      const checked = sourceText.check(anchor);
      return {
        statement: slug,
        start: anchor.start,
        end: anchor.end,
        reason: checked.ok ? null : checked.reason,
      };
    }),
  );
  const places = source.statements.flatMap(({ anchors }) => anchors);
  const placed = places.filter(isPlaced);
  if (source.digest === null && anchors.length === 0) {
    textFaults.push(
      'the record has neither a digest of the text nor an anchor, so there is nothing to check',
    );
  }
  return {
    textFaults,
    hint: textFaults.length > 0 ? guessDifference(source, text) : null,
    anchors,
    withoutSpan: placed.length - anchors.length,
    lost: places.length - placed.length,
    ok: textFaults.length === 0 && anchors.every(({ reason }) => reason === null),
  };
}

const isPlaced = ({ status }: AnchorPlace): boolean => status == null || status === 'PLACED';

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

/** Names the change by other programs (line ends, byte order mark) that alone explains the difference, if there is one. */
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

/** The source that a text is checked against. */
type SourceChoice =
  | { readonly found: AnchoredSource }
  /** The slugs to choose from. */
  | { readonly found: null; readonly slugs: readonly string[] };

/** The source with this slug. Without a slug, the source with the digest of the text, or else the only source. */
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
