import type { IncomingMessage, ServerResponse } from 'node:http';
import { ReadoutError } from '../../base/errors.ts';
import { heapBytesOf } from '../../base/object.ts';
import { nextTurn } from '../../base/steps.ts';
import type { Client } from '../client/address.ts';
import { statusOf } from '../errors.ts';
import { type Holding, type MemoryBudget, REQUEST_BYTES } from '../load/memory.ts';
import { BODY_INLINE_BYTES_MAX, type JsonBodies } from './json.ts';

/** Initial size of a body's buffer, which doubles as the body grows. */
const BUFFER_BYTES = 4_096;
/** The parsed values of a smaller body are not measured. */
const MEASURED_LENGTH_MIN = 4_096;

/** Why a body is refused. */
export interface BodyRefusal {
  readonly status: number;
  readonly error: ReadoutError;
  readonly headers?: Record<string, string>;
}

export interface BodiesOptions {
  readonly memory: MemoryBudget;
  readonly json: JsonBodies;
  /** Of a request with a token, and of one without. */
  readonly bytesMax: number;
  readonly anonymousBytesMax: number;
  /** Whether a request has a valid token. */
  readonly hasToken: (request: IncomingMessage) => Promise<boolean>;
}

/** Reads the bodies of requests, and holds the memory of each request until it has been answered. */
export class Bodies {
  readonly #options: BodiesOptions;

  constructor(options: BodiesOptions) {
    this.#options = options;
  }

  /**
   * Holds memory for a request until its response is closed.
   * @throws ReadoutError LIMIT_EXCEEDED or UNAVAILABLE where there is no memory left.
   */
  open(response: ServerResponse, client: Client): Holding {
    const holding = this.#options.memory.hold(client, REQUEST_BYTES);
    response.once('close', () => holding.release());
    return holding;
  }

  /**
   * Reads the body of a request and counts it as it arrives.
   * @returns the body, or a refusal, after which no more is read; null where the client has gone.
   */
  read(request: IncomingMessage, holding: Holding): BodyRefusal | Promise<Body | BodyRefusal | null> {
    const { bytesMax, anonymousBytesMax, hasToken } = this.#options;
    const encoding = request.headers['content-encoding'] ?? 'identity';
    if (encoding !== 'identity') return refuse(415, `Send the body as it is, not as ${encoding}.`);
    const announced = Number(request.headers['content-length'] ?? 0);
    if (announced > bytesMax) return tooLarge('BODY_BYTES_MAX', bytesMax);
    const max = Math.min(anonymousBytesMax, bytesMax);
    if (announced <= max) return this.#receive(request, holding, announced, max);
    return hasToken(request).then((allowed) =>
      allowed
        ? this.#receive(request, holding, announced, bytesMax)
        : tooLarge('BODY_ANONYMOUS_BYTES_MAX', max),
    );
  }

  /** Receives a body of at most `max` bytes, or of more with a token. */
  #receive(
    request: IncomingMessage,
    holding: Holding,
    announced: number,
    anonymousMax: number,
  ): Promise<Body | BodyRefusal | null> {
    const { bytesMax, hasToken } = this.#options;
    let max = anonymousMax;
    const body = new Body(announced);
    return new Promise((resolve) => {
      const stop = (refusal: BodyRefusal): void => {
        request.off('data', take).pause();
        resolve(refusal);
      };
      const add = (chunk: Buffer): void => {
        try {
          // Most bodies come in one piece. The others can be ended to make room for other clients.
          if (body.length > 0 || chunk.length !== announced) holding.endBy(() => request.socket.destroy());
          body.add(chunk);
          holding.resize(REQUEST_BYTES + body.capacity);
        } catch (error) {
          if (!(error instanceof ReadoutError)) throw error;
          stop({ ...statusOf(error), error });
        }
      };
      const goOn = (chunk: Buffer, allowed: boolean): void => {
        if (!allowed) {
          stop(tooLarge('BODY_ANONYMOUS_BYTES_MAX', max));
          return;
        }
        max = bytesMax;
        take(chunk);
        request.resume();
      };
      const take = (chunk: Buffer): void => {
        if (body.length + chunk.length <= max) add(chunk);
        else if (max === bytesMax) stop(tooLarge('BODY_BYTES_MAX', max));
        else {
          request.pause();
          hasToken(request).then((allowed) => goOn(chunk, allowed));
        }
      };
      request.on('data', take);
      request.on('end', () => resolve(body));
      request.on('error', () => resolve(null)); // the client has gone
    });
  }

  /**
   * The JSON object of a body; null for other JSON. A large body is parsed in a thread, which clients share.
   * @param payerOf tells whose body it is.
   * @throws ReadoutError where it is too large, or where there is no memory for it.
   */
  parse(body: Body, holding: Holding, payerOf: () => string): JsonObject | null | Promise<JsonObject | null> {
    if (body.isLarge) {
      return this.#options.json.parse(body.bytes, payerOf()).then(
        async (value) => {
          const held = this.#hold(value, body, holding);
          await nextTurn(); // receiving and measuring a large value takes a turn, and its use takes the next one
          return held;
        },
        (error: unknown) => {
          if (error instanceof SyntaxError) return null;
          throw error;
        },
      );
    }
    let value: unknown;
    try {
      value = JSON.parse(body.text);
    } catch {
      return null;
    }
    return this.#hold(value, body, holding);
  }

  #hold(value: unknown, { length }: Body, holding: Holding): JsonObject | null {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
    if (length >= MEASURED_LENGTH_MIN) holding.resize(REQUEST_BYTES + length + heapBytesOf(value));
    return value as JsonObject;
  }
}

type JsonObject = Readonly<Record<string, unknown>>;

/** A body as it arrives. Its chunks are copied, because a body in chunks of one byte would take hundreds of times its length. */
export class Body {
  #buffer: Buffer | null = null;
  readonly #announced: number;
  #text: string | undefined;
  length = 0;

  /** @param length by the header; 0 where it is not known. */
  constructor(announced: number) {
    this.#announced = announced;
  }

  /** Bytes that it takes in memory. */
  get capacity(): number {
    return this.#buffer?.length ?? 0;
  }

  get bytes(): Buffer {
    return this.#buffer?.subarray(0, this.length) ?? Buffer.alloc(0);
  }

  add(chunk: Buffer): void {
    if (this.#buffer === null && chunk.length === this.#announced) {
      this.#buffer = chunk; // most bodies come as one chunk
    } else {
      if (this.length + chunk.length > this.capacity) this.#grow(this.length + chunk.length);
      chunk.copy(this.#buffer as Buffer, this.length);
    }
    this.length += chunk.length;
  }

  /** Whether it is parsed in a separate thread. */
  get isLarge(): boolean {
    return this.length > BODY_INLINE_BYTES_MAX;
  }

  get text(): string {
    this.#text ??= this.bytes.toString();
    return this.#text;
  }

  #grow(bytes: number): void {
    const grown = Buffer.allocUnsafe(Math.max(BUFFER_BYTES, 2 * this.capacity, bytes));
    this.#buffer?.copy(grown, 0, 0, this.length);
    this.#buffer = grown;
  }
}

function tooLarge(limit: 'BODY_BYTES_MAX' | 'BODY_ANONYMOUS_BYTES_MAX', max: number): BodyRefusal {
  const hint = limit === 'BODY_BYTES_MAX' ? '' : ', or use a token';
  const message = `The body may have at most ${max} bytes. Send less at once${hint}.`;
  return { status: 413, error: new ReadoutError('LIMIT_EXCEEDED', message, undefined, { limit, max }) };
}

function refuse(status: number, message: string): BodyRefusal {
  return { status, error: new ReadoutError('INVALID_INPUT', message) };
}
