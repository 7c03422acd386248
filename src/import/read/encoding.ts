type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be';

/** The encoding of a table: UTF-16 if it begins with one of its byte order marks, otherwise UTF-8. */
export function encodingOf([first, second]: Uint8Array): Encoding {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
}

/** Decodes a table, and finds out whether all of it is in its encoding. */
export class Decoding {
  readonly #decoder: TextDecoder;
  readonly #strict: TextDecoder;
  /** Whether bytes were found that are not in the encoding. */
  isBroken = false;

  constructor(encoding: Encoding) {
    this.#decoder = new TextDecoder(encoding);
    this.#strict = new TextDecoder(encoding, { fatal: true });
  }

  async *read(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
    for await (const piece of bytes) {
      this.#check(piece);
      yield this.#decoder.decode(piece, { stream: true });
    }
    this.#check();
    yield this.#decoder.decode();
  }

  /** @param piece undefined at the end, where no character may be incomplete. */
  #check(piece?: Uint8Array): void {
    if (this.isBroken) return;
    try {
      this.#strict.decode(piece, { stream: piece !== undefined });
    } catch {
      this.isBroken = true;
    }
  }
}
