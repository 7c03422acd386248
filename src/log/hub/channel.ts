import type { Span } from '../../observe/tracing.ts';
import type { Cursor } from '../cursor.ts';
import type { Candidate, Feed, Sink } from './delivery.ts';

/** Readers are charged when the cost of their subscription has reached this, since each charge is work, too. */
const CHARGED_POINTS_MIN = 50;

/** Charges the payer of a subscription. @returns whether there were enough points left. */
export type Charge = (payer: string, points: number) => boolean;

/** The receiver of one subscription. */
export interface Reader<Batch> {
  readonly sink: Sink;
  /** Cursor of the last delivered change. */
  previous: string;
  /** The last change that it has received, or need not receive, by replay. */
  joinedAt: Cursor;
  open: boolean;
  /** Who pays for it; null for an exempt client. */
  readonly payer: string | null;
  /** The channel that it has joined; undefined while it replays. */
  channel?: Channel<Batch>;
}

/** A change that a feed has to render. */
export interface PendingChange<Batch> {
  readonly candidate: Candidate;
  readonly batch: Batch;
  /** The change in a trace, where there is one. */
  readonly span?: Span | undefined;
}

/** A feed with its readers and the changes that it has to render. */
export class Channel<Batch> {
  readonly #readers = new Set<Reader<Batch>>();
  /** Number of readers of each payer. */
  readonly #payers = new Map<string | null, number>();
  readonly backlog: PendingChange<Batch>[] = [];
  /** Renders the backlog; undefined while there is none. */
  running: Promise<void> | undefined;
  /** Points not charged yet. */
  owed = 0;

  constructor(readonly feed: Feed<Batch>) {}

  get readers(): ReadonlySet<Reader<Batch>> {
    return this.#readers;
  }

  /** Who pays for its readers; null for exempt clients. */
  get payers(): Iterable<string | null> {
    return this.#payers.keys();
  }

  join(reader: Reader<Batch>): void {
    this.#readers.add(reader);
    addTo(this.#payers, reader.payer, 1);
  }

  leave(reader: Reader<Batch>): void {
    if (this.#readers.delete(reader)) addTo(this.#payers, reader.payer, -1);
  }

  /**
   * Adds to the cost of the feed. When it reaches CHARGED_POINTS_MIN, charges every payer in proportion to its readers.
   * @returns the readers whose payers have no points left.
   */
  charge(points: number, charge: Charge): Reader<Batch>[] {
    this.owed += points;
    if (this.owed < CHARGED_POINTS_MIN) return [];
    const each = this.owed / this.readers.size;
    this.owed = 0;
    const spent = new Set<string | null>();
    for (const [payer, readers] of this.#payers) {
      if (payer !== null && !charge(payer, each * readers)) spent.add(payer);
    }
    return spent.size === 0 ? [] : [...this.readers].filter(({ payer }) => spent.has(payer));
  }
}

/** Adds to the number of a key. The key is removed when its number is zero. */
export function addTo<Key>(numbers: Map<Key, number>, key: Key, difference: number): void {
  const number = (numbers.get(key) ?? 0) + difference;
  if (number === 0) numbers.delete(key);
  else numbers.set(key, number);
}
