export interface Span {
  /** In Unicode code points. */
  readonly start: number;
  readonly end: number;
  /** SHA-256, lower-case hexadecimal. */
  readonly digest: string;
}

interface CheckedSpan extends Span {
  readonly matches: boolean;
  /** The words before the span, in it and after it, from the file. */
  readonly before: string;
  readonly words: string;
  readonly after: string;
}

export interface SourceCheck {
  /** Whether the file has the digest that the record has for the text; null where the record has none. */
  readonly whole: boolean | null;
  /** What had to be undone first, such as Windows line endings; empty where the file matches as it is. */
  readonly undone: string;
  /** Length in code points. */
  readonly length: number;
  readonly spans: readonly CheckedSpan[];
}

/** How much is shown around a span, in code points. */
const CONTEXT_LENGTH = 160;
const BYTE_ORDER_MARK = '\uFEFF';

/** SHA-256 of a text in UTF-8, in lower-case hexadecimal. */
async function digestOf(text: string): Promise<string> {
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The text of the file, and variants without the changes that programs make to files. */
function variantsOf(text: string): { readonly undone: string; readonly text: string }[] {
  const plain = text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
  const lines = plain.replaceAll('\r\n', '\n');
  const variants = [
    { undone: '', text },
    { undone: 'a byte order mark', text: plain },
    { undone: 'Windows line endings', text: lines },
    { undone: 'a line feed at the end', text: lines.replace(/\n$/, '') },
    { undone: 'the lack of a line feed at the end', text: `${lines}\n` },
  ];
  return variants.filter((variant, i) => variants.findIndex((other) => other.text === variant.text) === i);
}

/**
 * Compares a file with a source of the record: the whole file by its digest, and each span, counted in code points, by its own digest.
 * Nothing leaves the browser. Bytes that are not UTF-8 throw a TypeError.
 */
export async function checkSource(
  bytes: ArrayBuffer,
  digest: string | null,
  spans: readonly Span[],
): Promise<SourceCheck> {
  const given = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  let chosen = { undone: '', text: given };
  let whole: boolean | null = digest === null ? null : false;
  for (const variant of digest === null ? [] : variantsOf(given)) {
    if ((await digestOf(variant.text)) !== digest) continue;
    chosen = variant;
    whole = true;
    break;
  }
  const points = Array.from(chosen.text);
  const cut = (from: number, to: number): string => points.slice(Math.max(0, from), to).join('');
  const checked = spans.map(async (span) => {
    const words = cut(span.start, span.end);
    return {
      ...span,
      words,
      matches: (await digestOf(words)) === span.digest,
      before: cut(span.start - CONTEXT_LENGTH, span.start),
      after: cut(span.end, span.end + CONTEXT_LENGTH),
    };
  });
  return { whole, undone: chosen.undone, length: points.length, spans: await Promise.all(checked) };
}
