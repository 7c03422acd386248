import { ReadoutError } from '../../base/errors.ts';
import { epochOf, formatCursor, type Head } from '../cursor.ts';
import { addTo, type Channel, type Charge, type Reader } from './channel.ts';
import type { Channels } from './channels.ts';

export interface SubscribersOptions {
  readonly charge: Charge;
  /** The limit on the points of a payer, for the error when none are left. */
  readonly budgetOf: (payer: string) => { readonly limit: string; readonly max: number };
  /** Called with an error that ended a subscription. */
  readonly report: (error: unknown) => void;
}

/** The open subscriptions by payer, and the ways in which they end. */
export class Subscribers<Batch> {
  readonly #options: SubscribersOptions;
  readonly #channels: Channels<Batch>;
  /** Number of open subscriptions of each payer; null for exempt clients. */
  readonly #payers = new Map<string | null, number>();
  /** Open subscriptions by transport. */
  readonly open = { sse: 0, websocket: 0 };
  /** Subscriptions that were opened, and those that the service ended, by the code of the error. */
  opened = 0;
  readonly ended = new Map<string, number>();

  constructor(options: SubscribersOptions, channels: Channels<Batch>) {
    this.#options = options;
    this.#channels = channels;
  }

  /** Whether at most one payer has subscriptions. */
  readonly isAlone = (): boolean => this.#payers.size <= 1;

  /** The payer that a feed is rendered for: of those who read it, the one with the fewest subscriptions. */
  clientOf({ payers }: Channel<Batch>): string | null {
    let [client = null] = payers;
    for (const payer of payers) {
      if ((this.#payers.get(payer) ?? 0) < (this.#payers.get(client) ?? 0)) client = payer;
    }
    return client;
  }

  enter({ payer, sink }: Reader<Batch>): void {
    this.opened += 1;
    this.open[sink.transport] += 1;
    addTo(this.#payers, payer, 1);
  }

  /** Removes a reader without a message to it. */
  leave(reader: Reader<Batch>): void {
    if (!reader.open) return;
    reader.open = false;
    this.open[reader.sink.transport] -= 1;
    addTo(this.#payers, reader.payer, -1);
    const { channel } = reader;
    channel?.leave(reader);
    if (channel?.readers.size === 0) this.#channels.delete(channel);
  }

  /** Charges the readers of a channel. The subscriptions of payers without points end. */
  charge(channel: Channel<Batch>, points: number): void {
    for (const reader of channel.charge(points, this.#options.charge)) this.#endUnpaid(reader);
  }

  /** Charges one reader. @returns whether its subscription is still open. */
  chargeReader(reader: Reader<Batch>, points: number): boolean {
    if (reader.payer === null || this.#options.charge(reader.payer, points)) return true;
    this.#endUnpaid(reader);
    return false;
  }

  /** Ends a subscription after an error that repeated attempts did not overcome. */
  fail(reader: Reader<Batch>, error: unknown): void {
    if (!reader.open) return;
    this.#options.report(error);
    const { previous: cursor } = reader;
    const message = `The next change could not be read. Resume after ${cursor}.`;
    this.#end(reader, new ReadoutError('UNAVAILABLE', message, undefined, { cursor }));
  }

  /** Ends a subscription whose reader has fallen too far behind. */
  endSlow(reader: Reader<Batch>): void {
    const { previous: cursor } = reader;
    const message = `This reader fell too far behind. Read faster, and resume after ${cursor}.`;
    this.#end(reader, new ReadoutError('SLOW_READER', message, undefined, { cursor }));
  }

  /** Ends a subscription because the record has another history now. */
  endForResync(reader: Reader<Batch>, head: Head): void {
    const message = `The record has another history now, and is at ${formatCursor(head)}. Load your lists again, then follow from \`record { cursor }\`.`;
    this.#end(reader, new ReadoutError('RESYNC', message, undefined, { epoch: epochOf(head) }));
  }

  #endUnpaid(reader: Reader<Batch>): void {
    const { limit, max } = this.#options.budgetOf(reader.payer as string);
    const { previous: cursor } = reader;
    const message = `Your subscriptions cost more than your ${max} points a minute (${limit}). Follow less, and resume after ${cursor} in a minute.`;
    this.#end(reader, new ReadoutError('LIMIT_EXCEEDED', message, undefined, { limit, max, cursor }));
  }

  #end(reader: Reader<Batch>, error: ReadoutError): void {
    if (!reader.open) return;
    this.leave(reader);
    addTo(this.ended, error.code, 1);
    reader.sink.end(error);
  }
}
