/** The letters and digits of a text: other blanks, quotation marks or another Unicode normalization form do not change them. */
export const lettersOf = (text: string): string => text.normalize('NFKD').replace(/[^\p{L}\p{N}]+/gu, '');

/** The letters and digits of a text. */
class Letters {
  readonly text: string;
  /** For each code point of the text, and for its end: the length of the letters before it, in UTF-16 units. */
  readonly before: Uint32Array;

  /** @param length of the text in code points. */
  constructor(text: string, length: number) {
    const known = new Map<string, string>();
    const parts: string[] = [];
    this.before = new Uint32Array(length + 1);
    let units = 0;
    let at = 0;
    for (const point of text) {
      this.before[at] = units;
      const letters = known.get(point) ?? lettersOf(point);
      known.set(point, letters);
      parts.push(letters);
      units += letters.length;
      at += 1;
    }
    this.before[at] = units;
    this.text = parts.join('');
  }
}

/** A text whose places are counted in code points. */
export class IndexedText {
  readonly text: string;
  /** Offset of each code point in UTF-16 units, and the end of the text. */
  readonly #units: Uint32Array;
  #letters: Letters | null = null;

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

  /** Whether a span has this context in the text. */
  around(start: number, end: number, { prefix, suffix }: Context): ContextMatch {
    return {
      before: prefix !== null && this.text.endsWith(prefix, this.#units[start]),
      after: suffix !== null && this.text.startsWith(suffix, this.#units[end]),
    };
  }

  /** Like `around`, but compares only letters and digits. An empty prefix or suffix matches nothing. */
  lettersAround(start: number, end: number, { prefix, suffix }: Context): ContextMatch {
    this.#letters ??= new Letters(this.text, this.length);
    const { text, before } = this.#letters;
    return {
      before: prefix ? text.endsWith(prefix, before[start]) : false,
      after: suffix ? text.startsWith(suffix, before[end]) : false,
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

/** On which sides of a place the text has a context. */
interface ContextMatch {
  readonly before: boolean;
  readonly after: boolean;
}

/** The words before and after a span; null where they are not known. */
export interface Context {
  readonly prefix: string | null;
  readonly suffix: string | null;
}
