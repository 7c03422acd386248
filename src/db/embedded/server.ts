import { setTimeout } from 'node:timers/promises';
import { startFailed } from '../../base/errors.ts';
import { findBinaries, runnableBinaries } from './binaries.ts';
import { createCluster, type ServerSetup, USER_NAME } from './cluster.ts';
import { refuseOtherVersion } from './clusterVersion.ts';
import { boundLog, openDataDirectory, readPassword } from './dataDirectory.ts';
import { acquireServer, type HeldServer } from './heldServer.ts';
import { DATABASE_NAME } from './ownership.ts';
import { stopPostmaster } from './postmaster.ts';
import { systemErrorCode } from './systemError.ts';
import { serverUser } from './user.ts';

const RESTART_DELAY_MIN_MS = 100;
const RESTART_DELAY_MAX_MS = 10_000;
/** A server that ran for longer than this is restarted without a delay. */
const STABLE_TIME_MS = 30_000;
const LOG_CHECK_INTERVAL_MS = 600_000;

/** A PostgreSQL server that this process owns. */
export interface EmbeddedServer {
  /** `postgresql://readout:…@127.0.0.1:PORT/readout`. It stays the same over restarts. */
  readonly url: string;
  /** The server's process. A restart changes it. */
  readonly pid: number;
  /** TCP port on 127.0.0.1. It stays the same over restarts. */
  readonly port: number;
  /** `created`: with a new database; `started`: on existing data; `took-over`: found running without an owner. */
  readonly origin: 'created' | 'started' | 'took-over';
  /**
   * Stops the server by a fast shutdown and waits until its process has ended. After 10 s it is shut down immediately,
   * and killed after 6 s more. Further calls return the same promise.
   */
  stop(): Promise<void>;
}

export interface EmbeddedServerOptions {
  /** Holds the database, its password and its log. It is created where it is missing. */
  readonly dataDir: string;
  /** Receives messages to the operator, in whole sentences. */
  readonly onNotice: (message: string) => void;
  /** PostgreSQL's settings by name, in addition to `SETTINGS_DEFAULT`, which they override. Tests set `{ fsync: 'off' }`. */
  readonly settings?: Readonly<Record<string, string>>;
}

/**
 * Starts the PostgreSQL of the npm packages on a data directory, or takes over the one that a killed service has left running there.
 * Exactly one live process owns a data directory.
 *
 * The server is restarted when it ends unexpectedly. It keeps running after this process ends, unless `stop` is called.
 * @throws ReadoutError START_FAILED where it can't run, another service owns the data, or another version of PostgreSQL made them.
 */
export async function startEmbeddedServer(options: EmbeddedServerOptions): Promise<EmbeddedServer> {
  const { dataDir, onNotice, settings = {} } = options;
  try {
    const directory = await openDataDirectory(dataDir);
    const user = await serverUser(directory.cluster);
    const installed = await findBinaries();
    await refuseOtherVersion(directory, installed);
    const binaries = user === undefined ? installed : await runnableBinaries(installed, user);
    const password = await readPassword(directory);
    const setup = { directory, user, binaries, password, settings };
    const created = await createCluster(setup);
    const held = await acquireServer(setup, new AbortController().signal);
    const origin = held.startedHere ? (created ? 'created' : 'started') : 'took-over';
    if (origin === 'took-over') {
      onNotice(
        `Took over the PostgreSQL server (process ${held.pid}) of ${directory.path}, ` +
          'which a service that ended without stopping it had left running.',
      );
    }
    return new OwnedServer(setup, held, origin, onNotice);
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
    const reason = (error as Error).message;
    const message = `The data directory ${dataDir} can't be used: ${reason}. Set DATA_DIR to another.`;
    throw startFailed(message, error);
  }
}

class OwnedServer implements EmbeddedServer {
  readonly url: string;
  readonly port: number;
  readonly origin: EmbeddedServer['origin'];
  readonly #setup: ServerSetup;
  readonly #onNotice: (message: string) => void;
  readonly #stopping = new AbortController();
  readonly #keeping: Promise<void>;
  readonly #logCheck: NodeJS.Timeout;
  #held: HeldServer;
  #stopped: Promise<void> | undefined;

  constructor(
    setup: ServerSetup,
    held: HeldServer,
    origin: EmbeddedServer['origin'],
    onNotice: (message: string) => void,
  ) {
    this.#setup = setup;
    this.#held = held;
    this.#onNotice = onNotice;
    this.origin = origin;
    this.port = held.port;
    this.url = `postgresql://${USER_NAME}:${setup.password}@127.0.0.1:${held.port}/${DATABASE_NAME}`;
    this.#keeping = this.#keep();
    const checkLog = () => boundLog(setup.directory).catch((error: Error) => onNotice(error.message));
    this.#logCheck = globalThis.setInterval(checkLog, LOG_CHECK_INTERVAL_MS).unref();
  }

  get pid(): number {
    return this.#held.pid;
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#shutDown();
    return this.#stopped;
  }

  async #shutDown(): Promise<void> {
    clearInterval(this.#logCheck);
    this.#stopping.abort();
    const { pid } = this.#held;
    // The ownership ends with the server, not before it, so no other service takes the server over while it stops.
    await stopPostmaster(pid);
    await this.#keeping;
    // A restart that had begun may have succeeded in the meantime.
    if (this.pid !== pid) await stopPostmaster(this.pid);
  }

  /** Restarts the server when it ends. The owner's connection ends with the server, whatever ended it. */
  async #keep(): Promise<void> {
    let delayMs = 0;
    while (!this.#stopping.signal.aborted) {
      const sinceMs = performance.now();
      await this.#held.ownership.lost;
      if (performance.now() - sinceMs > STABLE_TIME_MS) delayMs = 0;
      delayMs = await this.#regainRepeatedly(delayMs);
    }
  }

  /** Tries until it owns the server again or is stopped. @returns the delay to begin with the next time. */
  async #regainRepeatedly(firstDelayMs: number): Promise<number> {
    const { signal } = this.#stopping;
    let delayMs = firstDelayMs;
    let reported = false;
    while (!signal.aborted) {
      try {
        if (delayMs > 0) await setTimeout(delayMs, undefined, { ref: false, signal });
        delayMs = Math.min(Math.max(2 * delayMs, RESTART_DELAY_MIN_MS), RESTART_DELAY_MAX_MS);
        await this.#regain();
        return delayMs;
      } catch (error) {
        // A stop ends the attempts. Any other error is reported once, and the next attempt follows.
        if (signal.aborted) break;
        const reason = (error as Error).message;
        if (!reported) this.#onNotice(`PostgreSQL can't be reached, and Readout keeps trying: ${reason}`);
        reported = true;
      }
    }
    return delayMs;
  }

  async #regain(): Promise<void> {
    const before = this.#held;
    this.#held = await acquireServer(this.#setup, this.#stopping.signal, before);
    if (this.#held.pid === before.pid) return;
    this.#onNotice(
      `PostgreSQL (process ${before.pid}) ended unexpectedly; it runs again (process ${this.#held.pid}).`,
    );
  }
}
