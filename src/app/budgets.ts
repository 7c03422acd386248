import { budgetOf } from '../http/cost/budget.ts';
import { PointCounts } from '../http/cost/pointCounts.ts';
import { Rate } from '../http/cost/rate.ts';
import { Crowd } from '../http/load/crowd.ts';
import { MemoryBudget } from '../http/load/memory.ts';
import { Connections } from '../http/load/sockets.ts';
import { Turns } from '../http/load/turns.ts';
import type { Setup } from './setup.ts';

/** What clients share: points, turns and memory. */
export interface Budgets {
  readonly crowd: Crowd;
  readonly rate: Rate;
  readonly points: PointCounts;
  readonly turns: Turns;
  /** The memory that clients hold. */
  readonly memory: MemoryBudget;
  readonly connections: Connections;
}

export function openBudgets({ config: { limits } }: Setup): Budgets {
  const crowd = new Crowd();
  const rate = new Rate((key) => budgetOf(key, limits).max);
  const turns = new Turns({ waitMs: limits.QUEUE_WAIT_MS, crowd });
  const points = new PointCounts();
  return {
    crowd,
    rate,
    points,
    turns,
    memory: new MemoryBudget(limits),
    connections: new Connections(limits),
  };
}
