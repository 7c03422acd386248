export interface FairQueueOptions {
  /** Places of all clients, and of one client. */
  readonly placesMax: number;
  readonly placesPerClientMax: number;
  /** Places of one client while it is alone. Default: `placesPerClientMax`. */
  readonly placesAloneMax?: number;
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
  places: number;
  weight: number;
  readonly waiting: Waiter[];
}

/**
 * Places that clients share fairly: running operations, connections to PostgreSQL, rendering feeds. No client can exceed its
 * share, so others always find a free place. Among waiting clients, the one with the fewest places goes first, and among equals
 * the one that was served longest ago. The entries of one client keep their order. A client that uses its whole share waits or
 * is refused alone.
 *
 * Example with 8 places and a share of 4: client A sends 100 entries. Four run, and 96 wait although four places are free.
 * Client B sends one entry, and it runs at once. When B sends 6 entries, four run, and its other two wait. Then an entry of A
 * ends: A has three places and B four, so the next entry of A runs.
 */
export class FairQueue {
  readonly #options: Required<FairQueueOptions>;
  /** Clients with running or waiting entries; the client that last took or gave back a place comes last. */
  readonly #clients = new Map<string | null, Client>();
  #places = 0;
  #weight = 0;
  #waiting = 0;

  constructor(options: FairQueueOptions) {
    const unbounded = Number.POSITIVE_INFINITY;
    this.#options = {
      waitingMax: unbounded,
      waitingPerClientMax: unbounded,
      weightMax: unbounded,
      weightPerClientMax: unbounded,
      placesAloneMax: options.placesPerClientMax,
      weightAloneMax: options.weightPerClientMax ?? unbounded,
      isAlone: () => false,
      waitMs: unbounded,
      refuse: () => new Error('no place was free'),
      ...options,
    };
  }

  get counts(): { running: number; waiting: number } {
    return { running: this.#places, waiting: this.#waiting };
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
   * Takes a place. Call `give` for each place taken.
   * @param key of the client; null for the service's own work, which has no share.
   * @param weight of the entry; one above the share of a client that is alone counts as that share.
   * @returns null where it can run at once, or a promise of its turn, which rejects with the error of `refuse`.
   */
  take(key: string | null, weight = 0): Promise<void> | null {
    const { waitingMax, waitingPerClientMax, waitMs, refuse } = this.#options;
    const counted = this.#counted(weight);
    const client = this.#clients.get(key) ?? { places: 0, weight: 0, waiting: [] };
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

  /** Gives a place back, with the same weight. */
  give(key: string | null, weight = 0): void {
    const client = this.#clients.get(key);
    if (!client) throw new Error('a place was given back that was not taken');
    const counted = this.#counted(weight);
    client.places -= 1;
    client.weight -= counted;
    this.#places -= 1;
    this.#weight -= counted;
    if (client.places === 0 && client.waiting.length === 0) this.#clients.delete(key);
    else this.#moveToEnd(key, client);
    while (this.#waiting > 0 && this.#admitNext());
  }

  #admitNext(): boolean {
    let next: [string | null, Client] | null = null;
    for (const entry of this.#clients) {
      const [key, client] = entry;
      const [first] = client.waiting;
      if (!first || (next && client.places >= next[1].places)) continue;
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
    client.places += 1;
    client.weight += weight;
    this.#places += 1;
    this.#weight += weight;
    this.#moveToEnd(key, client);
  }

  #moveToEnd(key: string | null, client: Client): void {
    if (this.#clients.size > 1) this.#clients.delete(key);
    this.#clients.set(key, client);
  }

  #fits(key: string | null, client: Client, weight: number): boolean {
    const { placesMax, weightMax } = this.#options;
    if (this.#places >= placesMax || this.#weight + weight > weightMax) return false;
    return !this.#exceedsShare(key, client, weight);
  }

  #exceedsShare(key: string | null, client: Client, weight: number): boolean {
    const { placesPerClientMax, placesAloneMax, weightPerClientMax, weightAloneMax, isAlone } = this.#options;
    if (key === null || client.places === 0) return false;
    const isBeyond = (places: number, weights: number): boolean =>
      client.places >= places || client.weight + weight > weights;
    if (!isBeyond(placesPerClientMax, weightPerClientMax)) return false;
    return !isAlone() || isBeyond(placesAloneMax, weightAloneMax);
  }

  /** An entry that weighs more than a share runs when nothing else of its client runs. */
  #counted(weight: number): number {
    return Math.min(weight, this.#options.weightAloneMax);
  }

  #forgetIdle(key: string | null, client: Client): void {
    if (client.places === 0 && client.waiting.length === 0) this.#clients.delete(key);
  }
}

/** A share of places, at least one. */
export const shareOf = (places: number, share: number): number => Math.max(1, Math.floor(places * share));
