import { CloseCode, createClient } from 'graphql-ws';
import { authorization, refuse } from '../access/token.ts';

const PING_INTERVAL_MS = 10_000;
const PONG_TIMEOUT_MS = 5_000;
const ACK_TIMEOUT_MS = 10_000;
/** Outlasts the way from one view to the next. */
const IDLE_CLOSE_MS = 3_000;

let pongTimer: ReturnType<typeof setTimeout> | undefined;
let acknowledged = false;
const waiting = new Set<() => void>();

/** The one socket for all that is followed. It doesn't retry by itself: live/follow.ts does, from its last cursor. */
export const socket = createClient({
  url: () => `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/graphql`,
  connectionParams: authorization,
  retryAttempts: 0,
  keepAlive: PING_INTERVAL_MS,
  connectionAckWaitTimeout: ACK_TIMEOUT_MS,
  lazyCloseTimeout: IDLE_CLOSE_MS,
  onNonLazyError: () => undefined, // each subscription is told of the loss itself
  on: {
    connected: () => {
      acknowledged = true;
      for (const tell of waiting) tell();
      waiting.clear();
    },
    ping: (received) => {
      // A cable that was pulled closes nothing; only a missing answer shows it.
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

/** Calls back once the service has acknowledged the connection: at once where it has. Returns how to stop waiting. */
export function whenConnected(tell: () => void): () => void {
  if (acknowledged) {
    tell();
    return () => undefined;
  }
  waiting.add(tell);
  return () => waiting.delete(tell);
}

window.addEventListener('offline', () => socket.terminate());
