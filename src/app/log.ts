import { Cancellation } from '../db/pool/cancellation.ts';
import { budgetOf } from '../http/cost/budget.ts';
import { type Batch, newBatch } from '../http/live/batch.ts';
import { readLog } from '../log/change.ts';
import { Hub } from '../log/hub/hub.ts';
import { TableStatistics } from '../log/tableStatistics.ts';
import { Tailer } from '../log/tailer.ts';
import { Catalog } from '../read/memory/catalog.ts';
import { marksOfEntry } from '../read/statements/marks.ts';
import { usingDatabase } from '../store.ts';
import type { Budgets } from './budgets.ts';
import type { Databases } from './databases.ts';
import type { Setup } from './setup.ts';

/** The log, and everything in this process that follows it. */
export interface Log {
  readonly tailer: Tailer;
  readonly catalog: Catalog;
  readonly hub: Hub<Batch>;
  readonly statistics: TableStatistics;
}

export async function followLog(
  setup: Setup,
  { rate, points, turns }: Budgets,
  databases: Databases,
): Promise<Log> {
  const { config, notice, report, url, stops } = setup;
  const { db, liveDb, canceller } = databases;
  const catalog = new Catalog();
  const statistics = new TableStatistics({ url, notice });
  const tailer: Tailer = new Tailer({
    db,
    onEntries: (entries) => {
      catalog.apply(entries);
      hub.publish(entries);
      statistics.reached(tailer.head.position);
    },
    onHistory: (head) => {
      for (const { prepared } of [db, liveDb]) prepared.drop();
      catalog.clear();
      hub.resync(head);
    },
    notice,
  });
  stops.add('log', () => Promise.all([tailer.stop(), statistics.stop()]));
  const hub: Hub<Batch> = new Hub<Batch>({
    newBatch: () => newBatch(liveDb, catalog, () => new Cancellation(canceller)),
    marksOf: marksOfEntry,
    tree: catalog.tree,
    charge: (payer, cost) => {
      turns.charge(payer, cost);
      points.count(cost, true);
      return rate.settle(payer, cost).within;
    },
    budgetOf: (payer) => budgetOf(payer, config.limits),
    readPage: (...range) => readLog(liveDb.pool, ...range),
    head: () => tailer.head,
    tracing: setup.tracing ?? null,
    report: (error) => report(error, 'hub'),
  });
  // From here on the tailer publishes changes, so everything that receives them is constructed above.
  await usingDatabase(url, () => tailer.start());
  statistics.reached(tailer.head.position);
  await usingDatabase(url, () => catalog.fill(db));
  return { tailer, catalog, hub, statistics };
}
