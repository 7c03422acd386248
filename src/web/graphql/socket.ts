import { CloseCode, createClient } from 'graphql-ws';
import { authorization, refuse } from '../access/token.ts';

const PING_INTERVAL_MS = 10_000;
const PONG_TIMEOUT_MS = 5_000;
const ACK_TIMEOUT_MS = 10_000;
/** Longer than the change from one view to the next, which can then use the same socket. */
const IDLE_CLOSE_MS = 3_000;

let pongTimer: ReturnType<typeof setTimeout> | undefined;
let acknowledged = false;
const waiting = new Set<() => void>();

/** The socket for all subscriptions. It does not retry itself: live/follow.ts resumes from its last cursor. */
export const socket = createClient({
  url: () => `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/graphql`,
  connectionParams: authorization,
  retryAttempts: 0,
  keepAlive: PING_INTERVAL_MS,
  connectionAckWaitTimeout: ACK_TIMEOUT_MS,
  lazyCloseTimeout: IDLE_CLOSE_MS,
  onNonLazyError: () => undefined, // each subscription gets the error itself
  on: {
    connected: () => {
      acknowledged = true;
      for (const connected of waiting) connected();
      waiting.clear();
    },
    ping: (received) => {
      // A lost network closes no connection. Only a missing pong shows it.
      if (!received) pongTimer = setTimeout(() => socket.terminate(), PONG_TIMEOUT_MS);
    },
    pong: (received) => {
      if (received) clearTimeout(pongTimer);
    },
    closed: (event) => {
      const { code, reason } = event as CloseEvent;
      if (code === CloseCode.Forbidden) refuse(`${reason}.`); // the token has expired or was revoked
      acknowledged = false;
      clearTimeout(pongTimer);
    },
  },
});

/** Calls back when the service has acknowledged the connection, or immediately if it already has. Returns a function that cancels. */
export function whenConnected(connected: () => void): () => void {
  if (acknowledged) {
    connected();
    return () => undefined;
  }
  waiting.add(connected);
  return () => waiting.delete(connected);
}

window.addEventListener('offline', () => socket.terminate());
