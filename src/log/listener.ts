import pg from 'pg';
import { endIfSilent } from '../db/client.ts';
import { BELL_CHANNEL } from './append.ts';

const RECONNECT_DELAY_MIN_MS = 50;
const RECONNECT_DELAY_MAX_MS = 2_000;
const CONNECT_TIMEOUT_MS = 5_000;
/** A connection on which PostgreSQL has not answered for this long counts as lost. */
const SILENCE_MAX_MS = 10_000;
/**
 * Every read of the log looks rows up by key. PostgreSQL would otherwise plan it for each position, which takes as long as
 * the read. The one plan must also fit tables that have grown since it was made.
 */
const ONE_PLAN = 'SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET jit = off;';

export interface ListenerOptions {
  readonly url: string;
  /** Called when a change was committed, and when the connection was established again. */
  readonly onBell: () => void;
  /** Called when an attempt to connect again has failed. Another attempt follows. */
  readonly onFailure: () => void;
  readonly notice: (message: string) => void;
}

/**
 * The connection of the tailer. It listens for notifications, and the tailer reads the log with it. It is not one of a
 * pool, so queries can't delay deliveries. When it is lost, it is established again.
 */
export class Listener {
  readonly #options: ListenerOptions;
  #client: pg.Client | undefined;
  #reconnectTimer: NodeJS.Timeout | undefined;
  #reconnectDelayMs = RECONNECT_DELAY_MIN_MS;
  #stopped = false;
  /** How often the connection was lost. */
  losses = 0;

  constructor(options: ListenerOptions) {
    this.#options = options;
  }

  /** The open connection; undefined while it is lost. */
  get client(): pg.Client | undefined {
    return this.#client;
  }

  /** @throws the error of the driver where PostgreSQL can't be reached. */
  async connect(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.#options.url,
      application_name: 'readout bell',
      keepAlive: true,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      statement_timeout: SILENCE_MAX_MS, // else PostgreSQL goes on with a read after its connection was replaced
    });
    client.on('error', (error) => this.replace(client, error));
    client.on('end', () => this.replace(client, undefined));
    client.on('notification', () => this.#options.onBell());
    try {
      await client.connect();
      endIfSilent(client, SILENCE_MAX_MS);
      await client.query(`${ONE_PLAN} LISTEN ${BELL_CHANNEL}`);
    } catch (error) {
      client.end().catch(() => undefined); // the error that matters is thrown
      throw error;
    }
    if (this.#stopped) return client.end();
    this.#client = client;
    this.#reconnectDelayMs = RECONNECT_DELAY_MIN_MS;
  }

  /** Closes a connection that has failed, and connects again until that succeeds. */
  replace(client: pg.Client, error: Error | undefined): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    this.losses += 1;
    client.end().catch(() => undefined); // it is broken already
    if (this.#stopped) return;
    const reason = error ? `: ${error.message}` : '';
    this.#options.notice(
      `The connection that listens for changes was lost and is established again${reason}.`,
    );
    this.#connectAgain();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#reconnectTimer);
    await this.#client?.end();
  }

  #connectAgain(): void {
    this.#reconnectTimer = setTimeout(async () => {
      try {
        await this.connect();
        this.#options.onBell(); // changes may have been committed in the meantime
      } catch {
        this.#options.onFailure();
        if (!this.#stopped) this.#connectAgain();
      }
    }, this.#reconnectDelayMs);
    this.#reconnectDelayMs = Math.min(this.#reconnectDelayMs * 2, RECONNECT_DELAY_MAX_MS);
  }
}
