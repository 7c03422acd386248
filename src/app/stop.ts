import type { ReadoutError } from '../base/errors.ts';
import type { Stops } from '../base/stops.ts';
import type { JsonBodies } from '../http/body/json.ts';
import type { ReportError } from '../http/errors.ts';
import type { Imports } from '../http/import/imports.ts';
import type { Guard } from '../http/limits/guard.ts';
import type { Batch } from '../http/live/batch.ts';
import type { ServerSentEvents } from '../http/live/sse/sse.ts';
import type { WebSockets } from '../http/live/websocket/websocket.ts';
import { unavailable } from '../http/load/load.ts';
import type { Turns } from '../http/load/turns.ts';
import type { UnreadAnswers } from '../http/load/unread.ts';
import type { HttpServer } from '../http/server/server.ts';
import type { Hub } from '../log/hub/hub.ts';
import type { Tailer } from '../log/tailer.ts';

/** How long a stop waits for running operations. Beyond it they get UNAVAILABLE. @limit ms */
export const OPERATIONS_GRACE_MS = 5_000;
/** The same for operations that arrive during the stop on kept connections. */
const LATE_OPERATIONS_GRACE_MS = 1_500;
/** How long a stop waits until committed changes are read, and then until they are delivered. */
const CATCH_UP_TIMEOUT_MS = 2_000;
const DRAIN_TIMEOUT_MS = 2_000;
/** How long a stop waits for the last answers to be sent. */
const ANSWERS_GRACE_MS = 1_000;
/** Time limit of a step in addition to the waits in it. */
const STEP_SLACK_MS = 500;
/** The steps of a stop in order, with their time limits. After its limit, the next step begins. */
export const STOP_STEPS_MS = {
  operations: OPERATIONS_GRACE_MS + STEP_SLACK_MS,
  'last changes': CATCH_UP_TIMEOUT_MS + STEP_SLACK_MS,
  delivery: DRAIN_TIMEOUT_MS + STEP_SLACK_MS,
  streams: STEP_SLACK_MS,
  sockets: 4_000, // a client has 3 s to close its socket
  answers: LATE_OPERATIONS_GRACE_MS + ANSWERS_GRACE_MS + STEP_SLACK_MS,
  sessions: STEP_SLACK_MS,
  watch: 1_000,
  load: STEP_SLACK_MS,
  log: 1_000,
  'connections for exports': 1_000,
  'control connections': 1_000,
  'connections for subscribers': 1_000,
  connections: 1_000,
  traces: 1_000,
} as const;
export type StopStep = keyof typeof STOP_STEPS_MS;
/** The longest that a stop can take. */
export const STOP_TIME_MAX_MS = Object.values<number>(STOP_STEPS_MS).reduce((sum, ms) => sum + ms);

/** The parts of a service that clients use. */
interface Drained {
  readonly turns: Turns;
  readonly tailer: Tailer;
  readonly hub: Hub<Batch>;
  readonly guard: Guard;
  readonly unread: UnreadAnswers;
  readonly http: HttpServer;
  readonly sse: ServerSentEvents;
  readonly sockets: WebSockets;
  readonly json: JsonBodies;
  readonly imports: Imports;
  readonly report: ReportError;
}

/**
 * Adds the steps that drain a service: it refuses new operations, ends the running ones, delivers the last changes, and then
 * closes the connections. The steps run in reverse order of their addition.
 */
export function addDrainSteps(stops: Stops<StopStep>, drained: Drained): void {
  const { turns, tailer, hub, guard, unread, http, sse, sockets, json, imports, report } = drained;
  const stopping = (): ReadoutError => unavailable('The service is stopping. Send it again shortly.');
  stops.add('answers', async () => {
    await guard.finish(LATE_OPERATIONS_GRACE_MS, stopping());
    await http.stop(ANSWERS_GRACE_MS);
    unread.stop();
    await json.stop();
  });
  stops.add('sockets', () => sockets.stop());
  stops.add('streams', () => sse.stop());
  stops.add('delivery', () => hub.drain(DRAIN_TIMEOUT_MS));
  stops.add('last changes', () =>
    // If the log can't be read now, subscribers resume from their cursors.
    tailer.catchUp(CATCH_UP_TIMEOUT_MS).catch((error: unknown) => report(error, 'stop: last changes')),
  );
  stops.add('operations', async () => {
    http.refuseNew();
    sockets.refuseNew();
    sse.refuseNew();
    turns.release();
    await Promise.all([imports.stop(), guard.finish(OPERATIONS_GRACE_MS, stopping())]);
  });
}
