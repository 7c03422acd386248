import type { LiveStatus } from '../connection/status.ts';

/** Fields by which a client can prove that it has missed nothing. */
export interface Delivered {
  readonly cursor: string;
  readonly previous: string;
}

export interface Failure {
  /** `extensions.code` where the service says why; null where the connection broke. */
  readonly code: string | null;
  readonly message: string;
}

/** What following needs from the network and the clock. Tests provide another one. */
export interface Transport<Change extends Delivered> {
  /** Subscribes after a cursor. Exactly one failure ends it. Returns a function that unsubscribes. */
  subscribe(after: string, sink: { next(change: Change): void; failed(failure: Failure): void }): () => void;
  /** Calls back when the connection is established. */
  whenConnected(connected: () => void): () => void;
  /** The cursor of the record's last change. */
  readHead(): Promise<string>;
  /** Calls back after a while, or as soon as trying again makes sense. */
  wait(attempt: number, retry: () => void): () => void;
}

export interface Follower<Change> {
  /** `missedSince` is when the connection was lost, for a change that happened meanwhile; otherwise null. */
  changed(change: Change, missedSince: Date | null): void;
  status(status: LiveStatus): void;
  /** What was missed has all been delivered. */
  caughtUp(offlineSince: Date): void;
  /** The stream can't go on from here: load again, then follow from the new cursor. */
  resync(): void;
}

/** After this silence, catching up counts as complete: the last change may not match the filter. */
export const QUIET_MS = 1_000;
/** After this time, the next loss of a connection counts as the first one. */
const STABLE_MS = 10_000;
const FINAL_CODES = new Set(['INVALID_INPUT', 'FORBIDDEN', 'UNAUTHENTICATED', 'GRAPHQL_VALIDATION_FAILED']);

/**
 * Follows the record after a cursor, over any number of lost connections. It resumes after the last change that it got, and checks by
 * `previous` that none is missing. Returns a function that stops it.
 */
export function follow<Change extends Delivered>(
  after: string,
  transport: Transport<Change>,
  follower: Follower<Change>,
): () => void {
  let cursor = after;
  let attempt = 0;
  let offlineSince: Date | null = null;
  let head: string | null = null;
  let quiet: ReturnType<typeof setTimeout> | undefined;
  let stable: ReturnType<typeof setTimeout> | undefined;
  let leave: (() => void)[] = [];

  const release = (): void => {
    clearTimeout(quiet);
    clearTimeout(stable);
    for (const step of leave) step();
    leave = [];
  };
  const settle = (): void => {
    clearTimeout(quiet);
    head = null;
    stable = setTimeout(() => {
      attempt = 0;
    }, STABLE_MS);
    follower.status({ state: 'connected' });
    if (offlineSince) follower.caughtUp(offlineSince);
    offlineSince = null;
  };
  const settleWhenQuiet = (): void => {
    clearTimeout(quiet);
    quiet = setTimeout(settle, QUIET_MS);
  };
  const catchUp = (): void => {
    if (!offlineSince) {
      settle();
      return;
    }
    follower.status({ state: 'catchingUp' });
    settleWhenQuiet();
    transport.readHead().then(
      (found) => {
        if (!offlineSince) return;
        head = found;
        if (isReached(cursor, head)) settle();
      },
      () => undefined, // then QUIET_MS decides
    );
  };
  const fail = (failure: Failure): void => {
    release();
    if (failure.code === 'RESYNC') {
      follower.resync();
    } else if (failure.code && FINAL_CODES.has(failure.code)) {
      follower.status({ state: 'refused', message: failure.message });
    } else {
      offlineSince ??= new Date();
      follower.status({ state: 'offline', since: offlineSince });
      attempt += 1;
      leave.push(transport.wait(attempt, start));
    }
  };
  const receive = (change: Change): void => {
    if (change.previous !== cursor) {
      release();
      follower.resync();
      return;
    }
    cursor = change.cursor;
    follower.changed(change, offlineSince);
    if (!offlineSince) return;
    if (head && isReached(cursor, head)) settle();
    else settleWhenQuiet();
  };
  const start = (): void => {
    release();
    if (!offlineSince) follower.status({ state: 'connecting' });
    leave.push(
      transport.subscribe(cursor, { next: receive, failed: fail }),
      transport.whenConnected(catchUp),
    );
  };

  start();
  return release;
}

/** Whether a cursor is at the position of another or beyond it. False for different changes at the same position. */
export function isReached(cursor: string, head: string): boolean {
  if (cursor === head) return true;
  const [position = '0'] = cursor.split('.');
  const [headPosition = '0'] = head.split('.');
  return BigInt(position) > BigInt(headPosition);
}
