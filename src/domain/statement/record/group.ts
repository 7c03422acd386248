import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate } from 'node:timers/promises';
import { ReadoutError } from '../../../base/errors.ts';
import type { Prisma } from '../../../db/client.ts';
import { writeAtOnce, wroteNothing } from '../../../db/transaction.ts';
import type { Fault } from '../../input/fault.ts';
import { type Recorded, recordStatements } from './record.ts';

/** Few enough that a group holds the counter row for some milliseconds only. */
const GROUP_LENGTH_MAX = 100;

/** A statement that waits for the next transaction. */
interface PendingStatement {
  /** A RecordStatementInput, unchecked. */
  readonly input: unknown;
  readonly by: string;
  resolve(recorded: Recorded): void;
  reject(error: unknown): void;
}

/** Runs work of several operations outside the async context of any one of them. */
const outside = AsyncLocalStorage.snapshot();

/**
 * Group commit. Each commit waits for the disk and holds the counter row of the log. One transaction for each statement would limit the
 * rate. Statements that arrive while a transaction runs are written together in the next one.
 *
 * Example: B, C and D arrive while A is written. The next transaction has all three. If C is refused, nothing of it is
 * written. C is then written alone, so that its answer has its own faults, and B and D together in another transaction.
 * A group has statements of one recorder only, because a log entry names its recorder.
 */
class StatementGroup {
  readonly #prisma: Prisma;
  #waiting: PendingStatement[] = [];
  #writing = false;

  constructor(prisma: Prisma) {
    this.#prisma = prisma;
  }

  record(input: unknown, by: string): Promise<Recorded> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ input, by, resolve, reject });
      if (!this.#writing) void outside(() => this.#write());
    });
  }

  async #write(): Promise<void> {
    this.#writing = true;
    await setImmediate(); // statements that arrive in this turn of the event loop join the group
    for (let [first] = this.#waiting; first; [first] = this.#waiting) {
      const { by } = first;
      const group = this.#waiting.filter((wanted) => wanted.by === by).slice(0, GROUP_LENGTH_MAX);
      const taken = new Set(group);
      this.#waiting = this.#waiting.filter((wanted) => !taken.has(wanted));
      await writeGroup(this.#prisma, group, by);
    }
    this.#writing = false;
  }
}

/** Writes a group. A statement that is refused is taken out and written alone, so that its answer has only its own faults. */
async function writeGroup(prisma: Prisma, group: readonly PendingStatement[], by: string): Promise<void> {
  if (group.length <= 1) return writeEach(prisma, group, by);
  try {
    const inputs = group.map(({ input }) => input);
    const recorded = await writeAtOnce(prisma, (db) => recordStatements(db, inputs, by));
    for (const [i, { resolve }] of group.entries()) resolve(recorded[i] as Recorded);
  } catch (error) {
    if (!wroteNothing(error)) {
      // They may be written. A second attempt could write statements without a key twice.
      for (const { reject } of group) reject(error);
      return;
    }
    const faulty = faultyItems(error);
    const isFaulty = (_: PendingStatement, i: number): boolean => faulty.size === 0 || faulty.has(i);
    await writeEach(prisma, group.filter(isFaulty), by);
    const rest = group.filter((wanted, i) => !isFaulty(wanted, i));
    await writeGroup(prisma, rest, by);
  }
}

/** Writes one statement after the other, each in its own transaction. */
async function writeEach(prisma: Prisma, group: readonly PendingStatement[], by: string): Promise<void> {
  for (const { input, resolve, reject } of group) {
    await writeAtOnce(prisma, (db) => recordStatements(db, [input], by, { pathOf: () => ['input'] })).then(
      ([recorded]) => resolve(recorded as Recorded),
      reject,
    );
  }
}

/** The indexes of the items that a refusal names. Empty if it names no item. */
function faultyItems(error: unknown): Set<number> {
  const faults = (error instanceof ReadoutError && (error.details?.faults as Fault[] | undefined)) || [];
  return new Set(faults.map(({ path }) => path[1] as number));
}

/** One group for each database client. */
const groups = new WeakMap<Prisma, StatementGroup>();

/**
 * Records a statement. Statements that arrive while a transaction runs are written together in the next one, which waits
 * for the disk once. Each has the same answer as if it were written alone.
 * @param input a RecordStatementInput, unchecked.
 * @throws ReadoutError as `recordStatements` does.
 */
export function recordStatement(prisma: Prisma, input: unknown, by: string): Promise<Recorded> {
  const group = groups.get(prisma) ?? new StatementGroup(prisma);
  groups.set(prisma, group);
  return group.record(input, by);
}
