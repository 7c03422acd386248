import { Worker } from 'node:worker_threads';
import { ReadoutError } from '../../base/errors.ts';
import { FairQueue } from '../../base/fairQueue.ts';
import { INPUT_LIST_LENGTH_MAX, VARIABLES_DEPTH_MAX } from '../limits/document.ts';

/**
 * A body that the event loop parses, in at most a few milliseconds. A larger one is parsed in a separate thread.
 * @limit bytes
 */
export const BODY_INLINE_BYTES_MAX = 65_536;
/** Strings, numbers, lists and objects in a body that is parsed in the thread. @limit values */
export const BODY_VALUES_MAX = 50_000;
/** Heap of the thread. It ends when a body needs more; the bodies that were sent to it are refused. */
const THREAD_HEAP_MB_MAX = 192;
/** Bodies that are sent to the thread at a time: the next one is there when it has parsed one. */
const SENT_MAX = 2;
/** Depth of the body, which contains the variables. */
const BODY_DEPTH_MAX = VARIABLES_DEPTH_MAX + 2;

/** A parsed body, or why it was refused. */
type Parsed = { readonly value: unknown } | { readonly fault: Fault };
type Fault = 'syntax' | 'values' | 'depth' | 'list';

interface Sent {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** The code of the thread, as text, so that it does not depend on how this file was loaded. */
const SOURCE = `
const { parentPort, workerData } = require('node:worker_threads');
const { valuesMax, depthMax, listMax } = workerData;
function exceededLimit(root) {
  let values = 0;
  let level = [root];
  for (let depth = 0; level.length > 0; depth += 1) {
    const below = [];
    for (const value of level) {
      values += 1;
      if (values > valuesMax) return 'values';
      if (typeof value !== 'object' || value === null) continue;
      if (depth >= depthMax) return 'depth';
      if (Array.isArray(value) && value.length > listMax) return 'list';
      let fields = 0;
      for (const name in value) {
        below.push(value[name]);
        fields += 1;
      }
      if (fields > listMax) return 'list';
      if (values + below.length > valuesMax) return 'values';
    }
    level = below;
  }
  return null;
}
parentPort.on('message', (bytes) => {
  let value;
  try {
    value = JSON.parse(Buffer.from(bytes).toString());
  } catch {
    parentPort.postMessage({ fault: 'syntax' });
    return;
  }
  const fault = exceededLimit(value);
  parentPort.postMessage(fault === null ? { value } : { fault });
});
`;

/** Parses large bodies one after the other in a thread, so that they do not block the event loop. Clients share it. */
export class JsonBodies {
  #worker: Worker | undefined;
  readonly #sent: Sent[] = [];
  readonly #queue = new FairQueue({ slotsMax: SENT_MAX, slotsPerClientMax: 1 });
  #isStopped = false;

  /**
   * @param client who sent it; null for an exempt client.
   * @throws SyntaxError for invalid JSON; ReadoutError LIMIT_EXCEEDED for too many values, too many levels or too long a list.
   */
  async parse(bytes: Uint8Array, client: string | null): Promise<unknown> {
    const turn = this.#queue.acquire(client);
    if (turn) await turn;
    try {
      if (this.#isStopped) throw unparsed();
      return await new Promise((resolve, reject) => {
        this.#sent.push({ resolve, reject });
        this.#start().postMessage(bytes);
      });
    } finally {
      this.#queue.release(client);
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#worker?.terminate();
  }

  #start(): Worker {
    if (this.#worker) return this.#worker;
    const worker = new Worker(SOURCE, {
      eval: true,
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: THREAD_HEAP_MB_MAX, maxYoungGenerationSizeMb: 16 },
      workerData: {
        valuesMax: BODY_VALUES_MAX,
        depthMax: BODY_DEPTH_MAX,
        listMax: INPUT_LIST_LENGTH_MAX,
      },
    });
    worker.unref();
    worker.on('message', (parsed: Parsed) => {
      const sent = this.#sent.shift();
      if ('value' in parsed) sent?.resolve(parsed.value);
      else sent?.reject(errorOf(parsed.fault));
    });
    worker.on('error', () => this.#failed(worker));
    worker.on('exit', () => this.#failed(worker));
    this.#worker = worker;
    return worker;
  }

  /** Stops the thread. The next body starts another one. */
  #failed(worker: Worker): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    for (const { reject } of this.#sent.splice(0)) reject(unparsed());
  }
}

function unparsed(): ReadoutError {
  return new ReadoutError(
    'UNAVAILABLE',
    'The body could not be parsed. Try again shortly with a smaller body.',
  );
}

function errorOf(fault: Fault): Error {
  if (fault === 'syntax') return new SyntaxError('The body is not valid JSON.');
  const [limit, max, what] = (
    {
      values: ['BODY_VALUES_MAX', BODY_VALUES_MAX, `${BODY_VALUES_MAX} values`],
      depth: ['VARIABLES_DEPTH_MAX', VARIABLES_DEPTH_MAX, `${VARIABLES_DEPTH_MAX} levels in its variables`],
      list: [
        'INPUT_LIST_LENGTH_MAX',
        INPUT_LIST_LENGTH_MAX,
        `${INPUT_LIST_LENGTH_MAX} items in a list or an object`,
      ],
    } as const
  )[fault];
  const message = `The body may have at most ${what}. Send it in several operations.`;
  return new ReadoutError('LIMIT_EXCEEDED', message, undefined, { limit, max });
}
