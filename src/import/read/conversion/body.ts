import { fork } from 'node:child_process';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { type ErrorCode, ReadoutError } from '../../../base/errors.ts';
import { FairQueue } from '../../../base/fairQueue.ts';
import type { ItemSource, ReadOptions } from '../../item.ts';
import { readJsonl } from '../jsonl.ts';
import type { Format } from '../readers.ts';

/**
 * Bytes of a body in a format that is not read line by line, and of its entries. Both are kept in temporary files. Beyond it LIMIT_EXCEEDED.
 * @limit bytes
 */
export const IMPORT_FILE_BYTES_MAX = 268_435_456;
/** Heap of the process that reads such a body. Beyond it LIMIT_EXCEEDED. @limit MB */
export const IMPORT_HEAP_MB_MAX = 384;
/** Time that the process has for a body. Beyond it LIMIT_EXCEEDED. @limit ms */
export const IMPORT_READ_TIMEOUT_MS = 180_000;

/** What the process does. */
export interface Conversion {
  /** Path of the file, and of the file of lines that is written. */
  readonly from: string;
  readonly to: string;
  readonly format: Format;
  readonly options: ReadOptions;
}

/** What the process answers: null where it has converted the file, or else an error; `code` is null for an unexpected one. */
export type Failure = {
  readonly code: ErrorCode | null;
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>> | undefined;
} | null;

export interface BodyOptions extends ReadOptions {
  /** Ends the reading. The items end, too. */
  readonly signal: AbortSignal;
  /** Called with the time that the process has taken, in milliseconds. */
  readonly onWork: (ms: number) => void;
}

interface ProcessLimits {
  /** Default: `IMPORT_HEAP_MB_MAX`. */
  readonly heapMbMax: number;
  /** Default: `IMPORT_READ_TIMEOUT_MS`. */
  readonly timeoutMs: number;
}

/** From TypeScript, as in tests and in development, the process needs tsx, too. */
const EXTENSION = extname(import.meta.url);
const LOADER = EXTENSION === '.ts' ? ['--import', 'tsx'] : [];
const CONVERTER = fileURLToPath(new URL(`converter${EXTENSION}`, import.meta.url));

/**
 * Reads bodies in the formats that are read as a whole. Parsing one would block the event loop for seconds, so another process turns it into
 * lines of Readout JSONL. A thread would not do: where its heap ends, V8 can end the whole process. One body is converted at a time.
 */
export class BodyReader {
  readonly #limits: ProcessLimits;
  readonly #queue = new FairQueue({ slotsMax: 1, slotsPerClientMax: 1 });

  constructor({
    heapMbMax = IMPORT_HEAP_MB_MAX,
    timeoutMs = IMPORT_READ_TIMEOUT_MS,
  }: Partial<ProcessLimits> = {}) {
    this.#limits = { heapMbMax, timeoutMs };
  }

  /** The items of a body. @throws ReadoutError INVALID_INPUT for another format; LIMIT_EXCEEDED. */
  async *read(
    bytes: AsyncIterable<Uint8Array>,
    format: Format,
    { signal, onWork, ...options }: BodyOptions,
  ): ItemSource {
    const directory = await mkdtemp(join(tmpdir(), 'readout-body-'));
    try {
      const conversion = { from: join(directory, 'body'), to: join(directory, 'items'), format, options };
      await pipeline(withinLimit(bytes), createWriteStream(conversion.from, { mode: 0o600 }));
      await this.#queue.acquire(directory);
      const beganMs = performance.now();
      try {
        if (!signal.aborted) await convert(conversion, this.#limits, signal);
      } finally {
        onWork(performance.now() - beganMs);
        this.#queue.release(directory);
      }
      if (!signal.aborted) yield* readJsonl(createReadStream(conversion.to), options);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }
}

/** Converts a file in another process, until the signal ends it. */
function convert(
  conversion: Conversion,
  { heapMbMax, timeoutMs }: ProcessLimits,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = fork(CONVERTER, {
      execArgv: [`--max-old-space-size=${heapMbMax}`, ...LOADER],
      env: {},
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      signal,
      killSignal: 'SIGKILL',
    });
    let answer: Failure | undefined;
    let failure: Error | null = null;
    const timer = setTimeout(() => {
      failure = tooMuch('IMPORT_READ_TIMEOUT_MS', timeoutMs, 'takes longer to read than', 'ms');
      child.kill('SIGKILL');
    }, timeoutMs);
    child.once('message', (given: Failure) => {
      answer = given;
    });
    child.on('error', (error) => {
      if (!signal.aborted) failure = error;
    });
    child.once('close', (code) => {
      clearTimeout(timer);
      if (answer !== undefined) failure = errorOf(answer);
      else if (!signal.aborted) failure ??= endOf(code, heapMbMax);
      if (failure) reject(failure);
      else resolve();
    });
    child.send(conversion);
  });
}

/** Why the process has ended without an answer. V8 and the kernel end it by a signal if it takes too much memory. */
function endOf(code: number | null, heapMbMax: number): Error {
  if (code === null) return tooMuch('IMPORT_HEAP_MB_MAX', heapMbMax, 'takes more memory to read than', 'MB');
  return new Error(`The process that reads documents has ended with the code ${code}.`);
}

function errorOf(answer: Failure): Error | null {
  if (answer === null) return null;
  const { code, message, details } = answer;
  if (code === null) return new Error(message);
  return new ReadoutError(code as 'INVALID_INPUT', message, undefined, details);
}

/** Passes on bytes of a temporary file. @throws ReadoutError LIMIT_EXCEEDED for too many. */
export async function* withinLimit(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let length = 0;
  for await (const piece of bytes) {
    length += piece.length;
    if (length > IMPORT_FILE_BYTES_MAX)
      throw tooMuch(
        'IMPORT_FILE_BYTES_MAX',
        IMPORT_FILE_BYTES_MAX,
        'or what is read from it has more than',
        'bytes',
      );
    yield piece;
  }
}

function tooMuch(limit: string, max: number, does: string, unit: string): ReadoutError {
  const message = `The file ${does} ${max} ${unit}. Divide it, or import it with the command line, which reads it on its own machine.`;
  return new ReadoutError('LIMIT_EXCEEDED', message, undefined, { limit, max });
}
