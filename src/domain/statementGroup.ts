import { AsyncLocalStorage } from 'node:async_hooks';
import DataLoader from 'dataloader';
import type { Prisma } from '../db/client.ts';
import { retry } from '../db/transaction.ts';
import { type Recorded, recordStatements } from './statement.ts';

/** Few enough that a group holds the counter row for some milliseconds only. */
const GROUP_LENGTH_MAX = 100;

interface Wanted {
  /** What RecordStatementInput describes, unchecked. */
  readonly input: unknown;
  readonly by: string;
}

type Group = DataLoader<Wanted, Recorded>;

/** One for each client of a database: its statements are written one group after the other. */
const groups = new WeakMap<Prisma, Group>();

/** Runs what belongs to several operations, and must not end with one of them. */
const outside = AsyncLocalStorage.snapshot();

function makeGroup(prisma: Prisma): Group {
  let writing: Promise<unknown> = Promise.resolve();
  return new DataLoader<Wanted, Recorded>(
    (wanted) => {
      const written = outside(() => recordGroup(prisma, wanted));
      writing = written;
      return written;
    },
    {
      cache: false,
      maxBatchSize: GROUP_LENGTH_MAX,
      batchScheduleFn: (write) => void writing.then(() => setImmediate(write)),
    },
  );
}

/** Records what one recorder wants as one list, and where that is refused each alone, so that each has its own answer. */
async function recordGroup(prisma: Prisma, wanted: readonly Wanted[]): Promise<(Recorded | Error)[]> {
  const results: (Recorded | Error)[] = [];
  const alone = ({ input, by }: Wanted): Promise<Recorded | Error> =>
    retry(() => recordStatements(prisma, [input], by, () => ['input'])).then(
      ([recorded]) => recorded as Recorded,
      (error: Error) => error,
    );
  for (const name of new Set(wanted.map(({ by }) => by))) {
    const places = wanted.flatMap(({ by }, i) => (by === name ? [i] : []));
    const inputs = places.map((i) => (wanted[i] as Wanted).input);
    const list = inputs.length === 1 ? [] : await recordList(prisma, inputs, name);
    await Promise.all(
      places.map(async (i, n) => {
        results[i] = list[n] ?? (await alone(wanted[i] as Wanted));
      }),
    );
  }
  return results;
}

/** The results, or none where the list is not written: each alone will say why. */
async function recordList(prisma: Prisma, inputs: readonly unknown[], by: string): Promise<Recorded[]> {
  try {
    return await retry(() => recordStatements(prisma, inputs, by));
  } catch {
    return [];
  }
}

/**
 * Records a statement. Those that are asked for while others are being written are written together next, in one
 * transaction: each has the answer that it would have alone, and the disk is waited for once.
 * @param input what RecordStatementInput describes, unchecked.
 * @throws ReadoutError as `recordStatements` does.
 */
export function recordStatement(prisma: Prisma, input: unknown, by: string): Promise<Recorded> {
  const group = groups.get(prisma) ?? makeGroup(prisma);
  groups.set(prisma, group);
  return group.load({ input, by });
}
