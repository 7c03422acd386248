export interface FairQueueOptions {
  /** What can run at the same time, of all clients and of one. */
  readonly placesMax: number;
  readonly placesPerClientMax: number;
  /** What one client can run at the same time while it is alone. Default: as when it is not. */
  readonly placesAloneMax?: number;
  readonly isAlone?: () => boolean;
  /** What may wait, of all clients and of one; more is refused at once. Default: any number. */
  readonly waitingMax?: number;
  readonly waitingPerClientMax?: number;
  /** Sum of the weights of what runs, of all clients and of one. Default: any. */
  readonly weightMax?: number;
  readonly weightPerClientMax?: number;
  readonly waitMs: number;
  /** Makes the error for what is refused. `ownShare`: its client uses all that one client may; others may go on. */
  readonly refuse: (ownShare: boolean) => Error;
}

interface Waiter {
  readonly weight: number;
  readonly sinceMs: number;
  readonly resolve: () => void;
  readonly timer: NodeJS.Timeout;
}

interface Client {
  places: number;
  weight: number;
  readonly waiting: Waiter[];
}

/**
 * Places that clients share. Each client has a share of its own that it can't exceed, so that others always find a free
 * place; of those who wait, the client with the fewest places goes first, and of equals the one that was served longest
 * ago. What one client has waiting keeps its order. A client that uses all of its share waits, or is refused, alone.
 */
export class FairQueue {
  readonly #options: Required<FairQueueOptions>;
  /** Clients with something running or waiting; the one that took or gave back a place last stands last. */
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
      isAlone: () => false,
      ...options,
    };
  }

  get counts(): { running: number; waiting: number } {
    return { running: this.#places, waiting: this.#waiting };
  }

  /** How long the first of those has waited who are not held up by their own share. */
  get waitedMs(): number {
    let sinceMs = Number.POSITIVE_INFINITY;
    for (const [key, client] of this.#clients) {
      const [first] = client.waiting;
      if (first && !this.#exceedsShare(key, client, first.weight)) sinceMs = Math.min(sinceMs, first.sinceMs);
    }
    return Math.max(0, performance.now() - sinceMs);
  }

  /**
   * Takes a place; `give` must be called for each that was taken.
   * @param key of the client; null for work of the service's own, which has no share.
   * @param weight of what is to run; counts as the client's share where it is larger.
   * @returns null where it can run at once, or a promise of its turn, which fails with the error of `refuse`.
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
      const waiter: Waiter = {
        weight: counted,
        sinceMs: performance.now(),
        resolve,
        timer: setTimeout(() => {
          client.waiting.splice(client.waiting.indexOf(waiter), 1);
          this.#waiting -= 1;
          const ownShare = this.#exceedsShare(key, client, counted);
          this.#forgetIdle(key, client);
          reject(refuse(ownShare));
        }, waitMs),
      };
      client.waiting.push(waiter);
      this.#waiting += 1;
    });
  }

  /** Gives a place back, with the weight that it was taken with. */
  give(key: string | null, weight = 0): void {
    const client = this.#clients.get(key);
    if (!client) throw new Error('a place was given back that was not taken');
    const counted = this.#counted(weight);
    client.places -= 1;
    client.weight -= counted;
    this.#places -= 1;
    this.#weight -= counted;
    this.#clients.delete(key);
    if (client.places > 0 || client.waiting.length > 0) this.#clients.set(key, client);
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
    this.#clients.delete(key); // put back at the end
    this.#clients.set(key, client);
  }

  #fits(key: string | null, client: Client, weight: number): boolean {
    const { placesMax, weightMax } = this.#options;
    if (this.#places >= placesMax || this.#weight + weight > weightMax) return false;
    return !this.#exceedsShare(key, client, weight);
  }

  #exceedsShare(key: string | null, client: Client, weight: number): boolean {
    const { placesPerClientMax, placesAloneMax, isAlone, weightPerClientMax } = this.#options;
    if (key === null) return false;
    if (client.weight + weight > weightPerClientMax) return true;
    if (client.places < placesPerClientMax) return false;
    return client.places >= (isAlone() ? placesAloneMax : placesPerClientMax);
  }

  /** What is heavier than a share runs too, when its client has nothing else running. */
  #counted(weight: number): number {
    return Math.min(weight, this.#options.weightPerClientMax);
  }

  #forgetIdle(key: string | null, client: Client): void {
    if (client.places === 0 && client.waiting.length === 0) this.#clients.delete(key);
  }
}

/** A share of places, at least one. */
export const shareOf = (places: number, share: number): number => Math.max(1, Math.floor(places * share));
