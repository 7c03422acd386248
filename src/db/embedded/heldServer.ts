import { setTimeout } from 'node:timers/promises';
import { ReadoutError, startFailed } from '../../base/errors.ts';
import type { ServerSetup } from './cluster.ts';
import { claim, type Ownership } from './ownership.ts';
import {
  type Child,
  POLL_INTERVAL_MS,
  runningServer,
  spawnPostmaster,
  stopPostmaster,
} from './postmaster.ts';

/** Includes the recovery after a crash, and the wait for a server that is still stopping. */
const START_TIME_MAX_MS = 120_000;
/** Attempts to start. Another program can take the port after it was chosen. */
const SPAWN_COUNT_MAX = 3;
/** PostgreSQL logs every connection that comes too early, so these attempts are less frequent. */
const CLAIM_INTERVAL_MS = 50;

/** A running server that this process owns. */
export interface HeldServer {
  readonly pid: number;
  readonly port: number;
  /** Whether this process started it. Otherwise it was already running. */
  readonly startedHere: boolean;
  readonly ownership: Ownership;
}

/**
 * Finds or starts the server of a data directory, and becomes its owner. A server that this call has started and does
 * not own in the end is stopped again.
 * @param signal ends the attempt; its reason is thrown.
 * @param former the server that this process owned until now. The new one gets the same port. Waiting for it does not
 *   keep this process running.
 * @throws ReadoutError START_FAILED as `claim` does, and where the server does not start.
 */
export async function acquireServer(
  setup: ServerSetup,
  signal: AbortSignal,
  former?: Pick<HeldServer, 'pid' | 'port'>,
): Promise<HeldServer> {
  const endMs = performance.now() + START_TIME_MAX_MS;
  let child: Child | undefined;
  let spawnCount = 0;
  let notYet = 'it is not ready';
  try {
    while (performance.now() < endMs) {
      signal.throwIfAborted();
      let pauseMs = POLL_INTERVAL_MS;
      const server = await runningServer(setup.directory.cluster);
      if (server === undefined && (child === undefined || child.ended !== undefined)) {
        if (child !== undefined && spawnCount >= SPAWN_COUNT_MAX) throw await startFailure(setup, child);
        child = await spawnPostmaster(setup, former?.port);
        spawnCount += 1;
      } else if (server?.status === 'ready') {
        const startedHere = server.pid === child?.pid;
        const claimed = await claim(setup, server, startedHere || server.pid === former?.pid);
        if ('notYet' in claimed) {
          notYet = claimed.notYet;
          pauseMs = CLAIM_INTERVAL_MS;
        } else {
          const { ownership } = claimed;
          if (former === undefined || server.port === former.port)
            return { ...server, startedHere, ownership };
          // The pools of this process know only the old port, so a server on another port would be useless.
          await stopPostmaster(server.pid);
        }
      }
      await setTimeout(pauseMs, undefined, { ref: former === undefined });
    }
    throw startFailed(
      `PostgreSQL can't be used after ${START_TIME_MAX_MS / 1000} s: ${notYet}. ` +
        `Its log is ${setup.directory.logFile}.`,
    );
  } catch (error) {
    const ownedByAnother = error instanceof ReadoutError && error.details?.ownerPid !== undefined;
    if (child?.pid !== undefined && !ownedByAnother) await stopPostmaster(child.pid);
    throw error;
  }
}

async function startFailure(setup: ServerSetup, child: Child): Promise<ReadoutError> {
  const reason = await child.failure();
  const message = `PostgreSQL did not start: ${reason} (Its log is ${setup.directory.logFile}.)`;
  return startFailed(message);
}
