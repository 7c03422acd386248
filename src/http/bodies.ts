import type { IncomingMessage, ServerResponse } from 'node:http';
import { ReadoutError } from '../errors.ts';
import type { Client } from './clientAddress.ts';

/** Bodies on their way into one process, by the lengths that they announce. */
export const BODIES_BYTES_MAX = 67_108_864;
/** Of these, those of one address. */
export const BODIES_PER_ADDRESS_BYTES_MAX = 16_777_216;
/** What most clients send is not counted: no large bodies, however slow, keep it out. */
const SMALL_BODY_BYTES = 65_536;
const RETRY_AFTER_SECONDS = 2;

/** Why a body is not taken in. */
export interface BodyRefusal {
  readonly status: number;
  readonly error: ReadoutError;
  readonly headers?: Record<string, string>;
}

/** Bodies of requests that are on their way, which take memory for as long as their senders like. */
export class Bodies {
  readonly #bytesMax: number;
  readonly #byAddress = new Map<string, number>();
  #bytes = 0;

  /** @param bytesMax of one body. */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Makes room for the body of a request until it has been answered; says why where there is none. */
  admit(request: IncomingMessage, response: ServerResponse, { key, exempt }: Client): BodyRefusal | null {
    const bytes = announcedBytes(request, this.#bytesMax);
    if (bytes > this.#bytesMax) {
      const message = `The body may have at most ${this.#bytesMax} bytes.`;
      return { status: 413, error: new ReadoutError('LIMIT_EXCEEDED', message) };
    }
    if (bytes <= SMALL_BODY_BYTES) return null;
    if (this.#bytes + bytes > Math.max(BODIES_BYTES_MAX, this.#bytesMax)) {
      const message = 'The service takes in too much already. Try again shortly.';
      return { status: 503, error: new ReadoutError('UNAVAILABLE', message) };
    }
    const ofAddress = this.#byAddress.get(key) ?? 0;
    const perAddressMax = Math.max(BODIES_PER_ADDRESS_BYTES_MAX, this.#bytesMax);
    if (!exempt && ofAddress + bytes > perAddressMax) {
      const message = `An address can have bodies of at most ${perAddressMax} bytes on their way. Send them one after the other.`;
      const headers = { 'retry-after': String(RETRY_AFTER_SECONDS) };
      return { status: 429, error: new ReadoutError('LIMIT_EXCEEDED', message), headers };
    }
    this.#count(key, bytes);
    response.once('close', () => this.#count(key, -bytes));
    return null;
  }

  #count(key: string, bytes: number): void {
    this.#bytes += bytes;
    const ofAddress = (this.#byAddress.get(key) ?? 0) + bytes;
    if (ofAddress > 0) this.#byAddress.set(key, ofAddress);
    else this.#byAddress.delete(key);
  }
}

/** A body without a length can become as long as any. */
function announcedBytes({ method, headers }: IncomingMessage, bytesMax: number): number {
  if (method !== 'POST') return 0;
  const length = headers['content-length'];
  return length === undefined ? bytesMax : Number(length);
}
