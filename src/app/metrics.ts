import type { CancellablePool } from '../db/pool/pool.ts';
import { DatabaseSize } from '../observe/databaseSize.ts';
import { openRegistry, snapshotOf, textOf } from '../observe/exposition.ts';
import type { DurationMetric, Metric, Sample, Snapshot } from '../observe/metric.ts';
import { isTransfer, type OperationObserver } from '../observe/operations.ts';
import type { Budgets } from './budgets.ts';
import { type CacheParts, cacheMetrics } from './cacheMetrics.ts';
import type { Databases } from './databases.ts';
import type { Guards } from './guards.ts';
import type { Log } from './log.ts';
import type { Servers } from './servers.ts';

/** The parts of a service whose figures are served. */
type MeteredParts = Budgets & Databases & Log & Guards & Servers & CacheParts;

type AnyMetric = Metric | DurationMetric;

/** The metrics of this process. */
export interface ProcessMetrics {
  snapshot(): Promise<Snapshot>;
  /** In the text format of Prometheus. */
  text(): Promise<string>;
}

/** Opens the metrics of this process. All values are read when they are scraped. */
export function openMetrics(observer: OperationObserver, parts: MeteredParts): ProcessMetrics {
  const registry = openRegistry([
    ...operationMetrics(observer),
    ...loadMetrics(parts),
    ...liveMetrics(parts),
    ...logMetrics(parts),
    ...databaseMetrics(parts),
    ...cacheMetrics(parts),
  ]);
  const snapshot = (): Promise<Snapshot> => snapshotOf(registry);
  return { snapshot, text: async () => textOf([await snapshot()]) };
}

function operationMetrics(observer: OperationObserver): readonly AnyMetric[] {
  return [
    {
      name: 'readout_operations_total',
      help: 'Operations that have ended. A subscription counts when it is opened. `code` is that of the first error, or none.',
      type: 'counter',
      read: () =>
        [...observer.series].flatMap(({ labels, codes }) =>
          [...codes].map(([code, value]) => ({ labels: { ...labels, code }, value })),
        ),
    },
    {
      name: 'readout_operation_duration_seconds',
      help: 'Time from the beginning of an operation until its answer was made.',
      type: 'histogram',
      read: () => [...observer.series],
    },
    {
      name: 'readout_rows_total',
      help: 'Lines and rows that imports have read, and exports have sent.',
      type: 'counter',
      read: () =>
        [...observer.series].flatMap(({ labels, rows }) =>
          isTransfer(labels.type) ? [{ labels, value: rows }] : [],
        ),
    },
  ];
}

function loadMetrics({ points, load, memory, sockets, sse, http }: MeteredParts): readonly AnyMetric[] {
  return [
    {
      name: 'readout_cost_points_total',
      help: 'Points of work: admitted, returned of these because it cost less than its estimate, or refused for lack of points.',
      type: 'counter',
      read: () =>
        labelled('decision', {
          admitted: points.admitted,
          returned: points.returned,
          refused: points.refused,
        }),
    },
    {
      name: 'readout_operations_running',
      help: 'Queries and mutations that run.',
      type: 'gauge',
      read: () => load.counts.running,
    },
    {
      name: 'readout_operations_waiting',
      help: 'Queries and mutations that wait for their turn.',
      type: 'gauge',
      read: () => load.counts.waiting,
    },
    {
      name: 'readout_busy',
      help: 'Processes that refuse work, or would soon. Their /ready answers 503.',
      type: 'gauge',
      read: () => Number(load.busy),
    },
    {
      name: 'readout_event_loop_delay_seconds',
      help: 'Mean delay of the event loop in the last second, of the process with the longest.',
      type: 'gauge',
      aggregation: 'max',
      read: () => load.counts.lagMs / 1_000,
    },
    {
      name: 'readout_client_memory_bytes',
      help: 'Memory that is held for clients: bodies, subscriptions, unread answers.',
      type: 'gauge',
      read: () => memory.bytes,
    },
    {
      name: 'readout_connections',
      help: 'Open connections by protocol. An event stream and a WebSocket have an HTTP connection.',
      type: 'gauge',
      read: async () =>
        labelled('protocol', {
          http: await new Promise<number>((resolve) =>
            http.server.getConnections((_, count = 0) => resolve(count)),
          ),
          sse: sse.count,
          websocket: sockets.count,
        }),
    },
  ];
}

function liveMetrics({ hub }: MeteredParts): readonly AnyMetric[] {
  return [
    {
      name: 'readout_subscriptions',
      help: 'Open subscriptions by transport.',
      type: 'gauge',
      read: () => labelled('transport', hub.activity.open),
    },
    {
      name: 'readout_feeds',
      help: 'Distinct subscriptions that have caught up. Equal ones share a feed.',
      type: 'gauge',
      read: () => hub.counts.feeds,
    },
    {
      name: 'readout_replays',
      help: 'Subscriptions that have not caught up.',
      type: 'gauge',
      read: () => hub.counts.replays,
    },
    {
      name: 'readout_subscriptions_opened_total',
      help: 'Subscriptions that were opened.',
      type: 'counter',
      read: () => hub.activity.opened,
    },
    {
      name: 'readout_subscriptions_resumed_total',
      help: 'Subscriptions that were opened after a cursor.',
      type: 'counter',
      read: () => hub.activity.resumed,
    },
    {
      name: 'readout_subscriptions_ended_total',
      help: 'Subscriptions that the service ended, by the code of the error. SLOW_READER: the reader did not read fast enough.',
      type: 'counter',
      read: () => labelled('code', { SLOW_READER: 0, ...Object.fromEntries(hub.activity.ended) }),
    },
    {
      name: 'readout_deliveries_total',
      help: 'Changes that were sent to subscribers, once for each: live, or replayed from the past.',
      type: 'counter',
      read: () => labelled('kind', { live: hub.activity.deliveries, replayed: hub.activity.replayed }),
    },
    {
      name: 'readout_delivery_delay_seconds',
      help: 'Time from the commit of a change until it was sent to the last subscriber of a feed.',
      type: 'histogram',
      read: () => [{ labels: {}, durations: hub.activity.delays }],
    },
  ];
}

function logMetrics({ tailer }: MeteredParts): readonly AnyMetric[] {
  return [
    {
      name: 'readout_log_position',
      help: 'Position of the last change that was published, of the process that is furthest.',
      type: 'gauge',
      aggregation: 'max',
      read: () => Number(tailer.head.position),
    },
    {
      name: 'readout_log_lag_changes',
      help: 'Committed changes that are known and not yet published, of the process that is furthest behind.',
      type: 'gauge',
      aggregation: 'max',
      read: () => tailer.lag,
    },
    {
      name: 'readout_log_failing',
      help: 'Processes whose last read of the log failed.',
      type: 'gauge',
      read: () => Number(tailer.failing),
    },
    {
      name: 'readout_log_listening',
      help: 'Processes whose connection that listens for changes is open.',
      type: 'gauge',
      read: () => Number(tailer.listening.connected),
    },
    {
      name: 'readout_log_listener_losses_total',
      help: 'How often a connection that listens for changes was lost.',
      type: 'counter',
      read: () => tailer.listening.losses,
    },
  ];
}

function databaseMetrics({ db, liveDb, controlPool, watch, canceller }: MeteredParts): readonly AnyMetric[] {
  const size = new DatabaseSize(controlPool);
  const pools = { operations: db.pool, subscribers: liveDb.pool };
  return [
    {
      name: 'readout_postgres_up',
      help: 'Processes for which PostgreSQL answers.',
      type: 'gauge',
      read: () => Number(!watch.isUnreachable),
    },
    {
      name: 'readout_postgres_size_bytes',
      help: 'Size of the database on disk, at most a minute old.',
      type: 'gauge',
      aggregation: 'max',
      read: async () => {
        const bytes = await size.bytes();
        return bytes === null ? [] : [{ labels: {}, value: bytes }];
      },
    },
    {
      name: 'readout_pool_connections',
      help: 'Connections to PostgreSQL by pool and state.',
      type: 'gauge',
      read: () => Object.entries(pools).flatMap(([pool, connections]) => statesOf(pool, connections)),
    },
    {
      name: 'readout_pool_waiting',
      help: 'Statements and transactions that wait for a connection.',
      type: 'gauge',
      read: () => labelled('pool', { operations: db.pool.waiting, subscribers: liveDb.pool.waiting }),
    },
    {
      name: 'readout_sql_cancellations_total',
      help: 'Statements that were cancelled because their operation had ended.',
      type: 'counter',
      read: () => canceller.count,
    },
  ];
}

function statesOf(pool: string, { totalCount, idleCount }: CancellablePool): readonly Sample[] {
  return [
    { labels: { pool, state: 'busy' }, value: totalCount - idleCount },
    { labels: { pool, state: 'idle' }, value: idleCount },
  ];
}

function labelled(label: string, values: Readonly<Record<string, number>>): readonly Sample[] {
  return Object.entries(values).map(([name, value]) => ({ labels: { [label]: name }, value }));
}
