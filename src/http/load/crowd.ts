/** A client is alone when no other address has asked for this long. */
const ALONE_AFTER_MS = 2_000;

/** Whether more than one address sends requests. A client that is alone may use everything. */
export class Crowd {
  readonly #now: () => number;
  #lastAddress: string | null = null;
  /** The last time that the address changed. */
  #changedAtMs = Number.NEGATIVE_INFINITY;

  /** @param now milliseconds of a clock that never runs backwards. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Counts a request of an address. */
  see(address: string): void {
    if (address === this.#lastAddress) return;
    if (this.#lastAddress !== null) this.#changedAtMs = this.#now();
    this.#lastAddress = address;
  }

  /** Whether a single address has asked within the last two seconds. */
  get isAlone(): boolean {
    return this.#now() - this.#changedAtMs > ALONE_AFTER_MS;
  }
}
