export interface FairQueueOptions {
  /** Slots of all clients, and of one client. */
  readonly slotsMax: number;
  readonly slotsPerClientMax: number;
  /** Slots of one client while it is alone. Default: `slotsPerClientMax`. */
  readonly slotsAloneMax?: number;
  readonly isAlone?: () => boolean;
  /** Waiting entries of all clients, and of one client. More are refused at once. Default: any number. */
  readonly waitingMax?: number;
  readonly waitingPerClientMax?: number;
  /** Maximum sum of the running weights, of all clients and of one. Default: any. */
  readonly weightMax?: number;
  readonly weightPerClientMax?: number;
  /** Weight of one client while it is alone. Default: `weightPerClientMax`. */
  readonly weightAloneMax?: number;
  /** How long an entry waits before it is refused. Default: as long as it takes. */
  readonly waitMs?: number;
  /** Makes the error of a refusal. `ownShare`: only this client is refused, because it uses its whole share. */
  readonly refuse?: (ownShare: boolean) => Error;
}

interface Waiter {
  readonly weight: number;
  readonly sinceMs: number;
  readonly resolve: () => void;
  readonly timer: NodeJS.Timeout | undefined;
}

interface Client {
  slots: number;
  weight: number;
  readonly waiting: Waiter[];
}

/**
 * Slots that clients share fairly: running operations, connections to PostgreSQL, rendering feeds. No client can exceed its
 * share, so others always find a free slot. Among waiting clients, the one with the fewest slots goes first, and among equals
 * the one that was served longest ago. The entries of one client keep their order. A client that uses its whole share waits or
 * is refused alone.
 *
 * Example with 8 slots and a share of 4: client A sends 100 entries. Four run, and 96 wait although four slots are free.
 * Client B sends one entry, and it runs at once. When B sends 6 entries, four run, and its other two wait. Then an entry of A
 * ends: A has three slots and B four, so the next entry of A runs.
 */
export class FairQueue {
  readonly #options: Required<FairQueueOptions>;
  /** Clients with running or waiting entries; the client that last acquired or released a slot comes last. */
  readonly #clients = new Map<string | null, Client>();
  #slots = 0;
  #weight = 0;
  #waiting = 0;

  constructor(options: FairQueueOptions) {
    const unbounded = Number.POSITIVE_INFINITY;
    this.#options = {
      waitingMax: unbounded,
      waitingPerClientMax: unbounded,
      weightMax: unbounded,
      weightPerClientMax: unbounded,
      slotsAloneMax: options.slotsPerClientMax,
      weightAloneMax: options.weightPerClientMax ?? unbounded,
      isAlone: () => false,
      waitMs: unbounded,
      refuse: () => new Error('no slot was free'),
      ...options,
    };
  }

  get counts(): { running: number; waiting: number } {
    return { running: this.#slots, waiting: this.#waiting };
  }

  /** How long the oldest entry has waited, without those that wait for their client's own share. */
  get waitedMs(): number {
    let sinceMs = Number.POSITIVE_INFINITY;
    for (const [key, client] of this.#clients) {
      const [first] = client.waiting;
      if (first && !this.#exceedsShare(key, client, first.weight)) sinceMs = Math.min(sinceMs, first.sinceMs);
    }
    return Math.max(0, performance.now() - sinceMs);
  }

  /**
   * Acquires a slot. Call `release` once for each slot.
   * @param key of the client; null for the service's own work, which has no share.
   * @param weight of the entry. More than `weightAloneMax` counts as `weightAloneMax`.
   * @returns null where it can run at once, or a promise of its turn, which rejects with the error of `refuse`.
   */
  acquire(key: string | null, weight = 0): Promise<void> | null {
    const { waitingMax, waitingPerClientMax, waitMs, refuse } = this.#options;
    const counted = this.#counted(weight);
    const client = this.#clients.get(key) ?? { slots: 0, weight: 0, waiting: [] };
    if (client.waiting.length === 0 && this.#fits(key, client, counted)) {
      this.#enter(key, client, counted);
      return null;
    }
    if (client.waiting.length >= waitingPerClientMax) return Promise.reject(refuse(true));
    if (this.#waiting >= waitingMax) return Promise.reject(refuse(false));
    this.#clients.set(key, client);
    return new Promise((resolve, reject) => {
      const giveUp = (waiter: Waiter): void => {
        client.waiting.splice(client.waiting.indexOf(waiter), 1);
        this.#waiting -= 1;
        const ownShare = this.#exceedsShare(key, client, counted);
        this.#forgetIdle(key, client);
        reject(refuse(ownShare));
      };
      const waiter: Waiter = {
        weight: counted,
        sinceMs: performance.now(),
        resolve,
        timer: waitMs === Number.POSITIVE_INFINITY ? undefined : setTimeout(() => giveUp(waiter), waitMs),
      };
      client.waiting.push(waiter);
      this.#waiting += 1;
    });
  }

  /** Releases a slot, with the same weight. */
  release(key: string | null, weight = 0): void {
    const client = this.#clients.get(key);
    if (!client) throw new Error('a slot was released that was not acquired');
    const counted = this.#counted(weight);
    client.slots -= 1;
    client.weight -= counted;
    this.#slots -= 1;
    this.#weight -= counted;
    if (client.slots === 0 && client.waiting.length === 0) this.#clients.delete(key);
    else this.#moveToEnd(key, client);
    while (this.#waiting > 0 && this.#admitNext());
  }

  #admitNext(): boolean {
    let next: [string | null, Client] | null = null;
    for (const entry of this.#clients) {
      const [key, client] = entry;
      const [first] = client.waiting;
      if (!first || (next && client.slots >= next[1].slots)) continue;
      if (this.#fits(key, client, first.weight)) next = entry;
    }
    const waiter = next?.[1].waiting.shift();
    if (!next || !waiter) return false;
    clearTimeout(waiter.timer);
    this.#waiting -= 1;
    this.#enter(...next, waiter.weight);
    waiter.resolve();
    return true;
  }

  #enter(key: string | null, client: Client, weight: number): void {
    client.slots += 1;
    client.weight += weight;
    this.#slots += 1;
    this.#weight += weight;
    this.#moveToEnd(key, client);
  }

  #moveToEnd(key: string | null, client: Client): void {
    if (this.#clients.size > 1) this.#clients.delete(key);
    this.#clients.set(key, client);
  }

  #fits(key: string | null, client: Client, weight: number): boolean {
    const { slotsMax, weightMax } = this.#options;
    if (this.#slots >= slotsMax || this.#weight + weight > weightMax) return false;
    return !this.#exceedsShare(key, client, weight);
  }

  #exceedsShare(key: string | null, client: Client, weight: number): boolean {
    const { slotsPerClientMax, slotsAloneMax, weightPerClientMax, weightAloneMax, isAlone } = this.#options;
    if (key === null || client.slots === 0) return false;
    const isBeyond = (slots: number, weights: number): boolean =>
      client.slots >= slots || client.weight + weight > weights;
    if (!isBeyond(slotsPerClientMax, weightPerClientMax)) return false;
    return !isAlone() || isBeyond(slotsAloneMax, weightAloneMax);
  }

  /** An entry that weighs more than a share runs when nothing else of its client runs. */
  #counted(weight: number): number {
    return Math.min(weight, this.#options.weightAloneMax);
  }

  #forgetIdle(key: string | null, client: Client): void {
    if (client.slots === 0 && client.waiting.length === 0) this.#clients.delete(key);
  }
}

/** A share of slots, at least one. */
export const shareOf = (slots: number, share: number): number => Math.max(1, Math.floor(slots * share));
