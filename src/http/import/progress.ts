import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ImportReport, Refusal } from '../../import/report.ts';
import { chooseType } from '../server/negotiation.ts';

/** The events that the client of an import gets, one at a time. */
export type ImportEvent =
  | { readonly progress: { readonly handled: number } }
  | { readonly refusal: Refusal }
  | { readonly report: ImportReport }
  | { readonly error: { readonly code: unknown; readonly message: string } };

const NDJSON = 'application/x-ndjson';
const EVENT_STREAM = 'text/event-stream';
const HEARTBEAT_INTERVAL_MS = 12_000;
/** Characters of refusals that are written at once. */
const WRITTEN_LENGTH = 16_384;

/** The answer to an import: events as JSON lines, or as server-sent events where the client accepts only these. */
export class ProgressStream {
  readonly #response: ServerResponse;
  readonly #isEventStream: boolean;
  readonly #heartbeat: NodeJS.Timeout;
  /** Events that are written together: an import can refuse thousands of lines a second. */
  #unwritten = '';

  constructor({ headers }: IncomingMessage, response: ServerResponse) {
    this.#response = response;
    this.#isEventStream = chooseType(headers.accept, [NDJSON, EVENT_STREAM]) === EVENT_STREAM;
    response.writeHead(200, {
      'content-type': `${this.#isEventStream ? EVENT_STREAM : NDJSON}; charset=utf-8`,
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    });
    response.flushHeaders();
    this.#heartbeat = setInterval(
      () => response.write(this.#isEventStream ? ':\n\n' : '\n'),
      HEARTBEAT_INTERVAL_MS,
    );
    response.once('close', () => clearInterval(this.#heartbeat));
  }

  send(event: ImportEvent): void {
    if (this.#response.destroyed) return;
    const [name, value] = Object.entries(event)[0] as [string, unknown];
    this.#unwritten += this.#isEventStream
      ? `event: ${name}\ndata: ${JSON.stringify(value)}\n\n`
      : `${JSON.stringify(event)}\n`;
    if (!('refusal' in event) || this.#unwritten.length > WRITTEN_LENGTH) this.#write();
  }

  /** Waits until the client has read what was sent, or has gone. */
  async drained(): Promise<void> {
    this.#write();
    const gone = new AbortController();
    const end = (): void => gone.abort();
    this.#response.once('close', end);
    if (this.#response.writableNeedDrain && !this.#response.destroyed)
      await once(this.#response, 'drain', { signal: gone.signal }).catch(() => undefined);
    this.#response.off('close', end);
  }

  end(): void {
    clearInterval(this.#heartbeat);
    this.#write();
    this.#response.end();
  }

  #write(): void {
    if (this.#unwritten !== '' && !this.#response.destroyed) this.#response.write(this.#unwritten);
    this.#unwritten = '';
  }
}
