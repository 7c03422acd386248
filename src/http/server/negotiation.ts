/** A range of an Accept header: `text/html`, `text/*` or `*`, with its weight and its place in the header. */
interface Range {
  readonly name: string;
  readonly weight: number;
  readonly index: number;
}

/** Characters of an Accept header that are read. Browsers send about 150; a client could send thousands of ranges. */
const ACCEPT_LENGTH_MAX = 1_000;

/**
 * The media type of an answer that a client prefers (RFC 9110, section 12.5.1). The most precise range for a type decides
 * its weight. Of equal weights, the range that the client names first decides, then the first of `types`.
 * @returns null where the client accepts none of them.
 */
export function chooseType<Type extends string>(
  accept: string | undefined,
  types: readonly [Type, ...Type[]],
): Type | null {
  if (accept === undefined || accept === '*/*' || accept === types[0]) return types[0]; // most requests
  const ranges = rangesOf(accept);
  let best: Range | undefined;
  let chosen: Type | null = null;
  for (const type of types) {
    const range = rangeFor(ranges, [type, `${type.split('/', 1)[0]}/*`, '*/*']);
    if (!range || range.weight === 0) continue;
    const isBetter =
      !best || range.weight > best.weight || (range.weight === best.weight && range.index < best.index);
    if (isBetter) [best, chosen] = [range, type];
  }
  return chosen;
}

/** The first of `encodings` that a client accepts (RFC 9110, section 12.5.3), whatever its weight; null where it accepts none. */
export function chooseEncoding<Encoding extends string>(
  acceptEncoding: string | string[] | undefined,
  encodings: readonly Encoding[],
): Encoding | null {
  if (acceptEncoding === undefined) return null;
  const ranges = rangesOf(String(acceptEncoding));
  return encodings.find((encoding) => (rangeFor(ranges, [encoding, '*'])?.weight ?? 0) > 0) ?? null;
}

function rangesOf(header: string): Range[] {
  return header
    .slice(0, ACCEPT_LENGTH_MAX)
    .toLowerCase()
    .split(',')
    .map((text, index) => {
      const [name = '', ...parameters] = text.split(';').map((part) => part.trim());
      const weight = parameters.find((parameter) => parameter.startsWith('q='));
      return { name, weight: weight === undefined ? 1 : Number(weight.slice(2)) || 0, index };
    });
}

/** The first range that is found, by these names in order. */
function rangeFor(ranges: readonly Range[], names: readonly string[]): Range | undefined {
  for (const name of names) {
    const range = ranges.find((candidate) => candidate.name === name);
    if (range) return range;
  }
  return undefined;
}
