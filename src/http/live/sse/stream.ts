import type { ServerResponse } from 'node:http';
import type { ReadoutError } from '../../../base/errors.ts';
import type { Result } from '../../../log/hub/delivery.ts';
import type { LiveSink } from '../operation.ts';

const HEARTBEAT_INTERVAL_MS = 12_000;
/** How long a slow reader may take to read the end of its stream. */
const CLOSE_GRACE_MS = 3_000;
/** How long an EventSource waits before it connects again. */
const RETRY_MS = 1_000;
/** The same after a subscription has ended because its payer had no points left. */
const SPENT_RETRY_MS = 60_000;
/** A stream of server-sent events. */
export class EventStream implements LiveSink {
  readonly transport = 'sse';
  readonly #response: ServerResponse;
  readonly #named: boolean;
  readonly #onUnread: () => void;
  readonly #heartbeat: NodeJS.Timeout;
  #ended = false;

  /**
   * @param named whether it has the events `next` and `complete` of the protocol GraphQL over SSE (distinct connections).
   *   Otherwise its messages have no names, as `onmessage` of an EventSource expects.
   * @param onUnread called when the client has not read what was written.
   */
  constructor(response: ServerResponse, named: boolean, onUnread: () => void) {
    this.#response = response;
    this.#onUnread = onUnread;
    this.#named = named;
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    });
    response.write(named ? ':\n\n' : `retry: ${RETRY_MS}\n\n`);
    this.#heartbeat = setInterval(() => response.write(':\n\n'), HEARTBEAT_INTERVAL_MS);
    response.once('close', () => clearInterval(this.#heartbeat));
  }

  get bufferedBytes(): number {
    return this.#response.writableLength;
  }

  next(results: readonly Result[]): void {
    if (this.#ended) return;
    const events = results.map(({ text, cursor }) => `id: ${cursor}\n${this.#event(text)}`);
    this.#write(events.join(''));
  }

  /** Sends the event `extensions`. Clients of GraphQL over SSE refuse unknown events, so they get a comment. */
  tell(extensions: object): void {
    const text = JSON.stringify(extensions);
    this.#write(this.#named ? `: ${text}\n\n` : `event: extensions\ndata: ${text}\n\n`);
  }

  /** Sends a result that is not a change of the record, and so has no cursor. */
  send(result: object): void {
    if (!this.#ended) this.#write(this.#event(JSON.stringify(result)));
  }

  #write(text: string): void {
    if (!this.#response.write(text)) this.#onUnread();
  }

  async drained(): Promise<void> {
    if (!this.#response.writableNeedDrain || this.#response.destroyed) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.#response.off('drain', done).off('close', done);
        resolve();
      };
      this.#response.on('drain', done).on('close', done);
    });
  }

  end(error: ReadoutError | null): void {
    if (this.#ended) return;
    if (error) {
      this.send({ errors: [{ message: error.message, extensions: { code: error.code, ...error.details } }] });
    }
    // A budget refills in a minute, so an EventSource has to wait that long.
    if (error?.code === 'LIMIT_EXCEEDED') this.#response.write(`retry: ${SPENT_RETRY_MS}\n\n`);
    if (this.#named) this.#response.write('event: complete\ndata:\n\n');
    this.leave();
    if (error?.code === 'SLOW_READER') setTimeout(() => this.#response.destroy(), CLOSE_GRACE_MS).unref();
  }

  /** Ends the connection without ending the subscription, so that clients connect again. */
  leave(): void {
    this.#ended = true;
    clearInterval(this.#heartbeat);
    this.#response.end();
  }

  #event(data: string): string {
    return `${this.#named ? 'event: next\n' : ''}data: ${data}\n\n`;
  }
}
