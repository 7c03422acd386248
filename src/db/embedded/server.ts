import { setTimeout } from 'node:timers/promises';
import { ReadoutError } from '../../base/errors.ts';
import { serverAccount } from './account.ts';
import { findBinaries } from './binaries.ts';
import { createCluster, type ServerSetup, USER_NAME } from './cluster.ts';
import { boundLog, openDataDirectory, readPassword } from './dataDirectory.ts';
import { systemErrorCode } from './fileError.ts';
import { acquireServer, type HeldServer } from './heldServer.ts';
import { DATABASE_NAME } from './ownership.ts';
import { stopPostmaster } from './postmaster.ts';

const RESTART_DELAY_MIN_MS = 100;
const RESTART_DELAY_MAX_MS = 10_000;
/** A server that ran this long begins with a short delay again when it ends. */
const STABLE_TIME_MS = 30_000;
const LOG_CHECK_INTERVAL_MS = 600_000;

/** A PostgreSQL server that this process owns. */
export interface EmbeddedServer {
  /** `postgresql://readout:…@127.0.0.1:PORT/readout`, for as long as the server is owned. */
  readonly url: string;
  /** The server's process. Another one after an unexpected end and restart. */
  readonly pid: number;
  /** TCP port on 127.0.0.1; stays the same over restarts. */
  readonly port: number;
  /** `created`: with a new database; `started`: on existing data; `took-over`: found running, unowned. */
  readonly origin: 'created' | 'started' | 'took-over';
  /**
   * Stops the server by a fast shutdown and waits until its process is gone; harder means follow after 10 s.
   * Calling it again waits for the same end.
   */
  stop(): Promise<void>;
}

export interface EmbeddedServerOptions {
  /** Holds the database, its password and its log. Created where it is missing. */
  readonly dataDir: string;
  /** Receives what an operator should know, as whole sentences. */
  readonly onNotice: (message: string) => void;
  /** PostgreSQL's settings by name, over our own: for tests, `{ fsync: 'off' }`. */
  readonly settings?: Readonly<Record<string, string>>;
}

/**
 * Starts the PostgreSQL that came with the npm packages on a data directory, or takes over the one that a
 * killed service left running on it. Exactly one live process owns a data directory.
 *
 * The server is restarted when it ends unexpectedly. It outlives this process unless `stop` is called.
 *
 * @throws ReadoutError START_FAILED, with what to do, where it cannot run or another service owns the data.
 */
export async function startEmbeddedServer(options: EmbeddedServerOptions): Promise<EmbeddedServer> {
  const { dataDir, onNotice, settings = {} } = options;
  try {
    const directory = await openDataDirectory(dataDir);
    const account = await serverAccount(directory.cluster);
    const binaries = await findBinaries(account);
    const password = await readPassword(directory);
    const setup = { directory, account, binaries, password, settings };
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
    const message = `The data directory ${dataDir} cannot be used: ${reason}. Set DATA_DIR to another.`;
    throw new ReadoutError('START_FAILED', message, undefined, undefined, { cause: error });
  }
}

class OwnedServer implements EmbeddedServer {
  readonly url: string;
  readonly port: number;
  private readonly stopping = new AbortController();
  private readonly keeping: Promise<void>;
  private readonly logCheck: NodeJS.Timeout;
  private stopped: Promise<void> | undefined;

  constructor(
    private readonly setup: ServerSetup,
    private held: HeldServer,
    readonly origin: EmbeddedServer['origin'],
    private readonly onNotice: (message: string) => void,
  ) {
    this.port = held.port;
    this.url = `postgresql://${USER_NAME}:${setup.password}@127.0.0.1:${held.port}/${DATABASE_NAME}`;
    this.keeping = this.keep();
    const checkLog = () => boundLog(setup.directory).catch((error: Error) => onNotice(error.message));
    this.logCheck = globalThis.setInterval(checkLog, LOG_CHECK_INTERVAL_MS).unref();
  }

  get pid(): number {
    return this.held.pid;
  }

  stop(): Promise<void> {
    this.stopped ??= this.shutDown();
    return this.stopped;
  }

  private async shutDown(): Promise<void> {
    clearInterval(this.logCheck);
    this.stopping.abort();
    const { pid } = this.held;
    // The ownership goes with the server, not before it: nobody can take it over while it stops.
    await stopPostmaster(pid);
    await this.keeping;
    // A restart that was under way may have succeeded in the meantime.
    if (this.pid !== pid) await stopPostmaster(this.pid);
  }

  /** Keeps server and ownership: the owner's connection ends with the server, however that may die. */
  private async keep(): Promise<void> {
    let delayMs = 0;
    while (!this.stopping.signal.aborted) {
      const sinceMs = performance.now();
      await this.held.ownership.lost;
      if (performance.now() - sinceMs > STABLE_TIME_MS) delayMs = 0;
      delayMs = await this.regainRepeatedly(delayMs);
    }
  }

  /** Tries until it has the server again or is stopped. Answers the delay to begin with the next time. */
  private async regainRepeatedly(firstDelayMs: number): Promise<number> {
    const { signal } = this.stopping;
    let delayMs = firstDelayMs;
    let reported = false;
    while (!signal.aborted) {
      try {
        if (delayMs > 0) await setTimeout(delayMs, undefined, { ref: false, signal });
        delayMs = Math.min(Math.max(2 * delayMs, RESTART_DELAY_MIN_MS), RESTART_DELAY_MAX_MS);
        await this.regain();
        return delayMs;
      } catch (error) {
        // Stopping ends the waiting. Everything else is told once, and tried again.
        if (signal.aborted) break;
        const reason = (error as Error).message;
        if (!reported) this.onNotice(`PostgreSQL is away, and Readout keeps trying: ${reason}`);
        reported = true;
      }
    }
    return delayMs;
  }

  private async regain(): Promise<void> {
    const before = this.held;
    this.held = await acquireServer(this.setup, this.stopping.signal, before);
    if (this.held.pid === before.pid) return;
    this.onNotice(
      `PostgreSQL (process ${before.pid}) ended unexpectedly; it runs again (process ${this.held.pid}).`,
    );
  }
}
