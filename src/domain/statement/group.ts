import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ReadoutError } from '../../base/errors.ts';
import type { Prisma } from '../../db/client.ts';
import { retry, wroteNothing } from '../../db/transaction.ts';
import type { Fault } from '../input/fault.ts';
import { type Recorded, recordStatements } from './record.ts';

/** Few enough that a group holds the counter row for some milliseconds only. */
const GROUP_LENGTH_MAX = 100;

interface Wanted {
  /** What RecordStatementInput describes, unchecked. */
  readonly input: unknown;
  readonly by: string;
  resolve(recorded: Recorded): void;
  reject(error: unknown): void;
}

/** Runs what belongs to several operations, and must not end with one of them. */
const outside = AsyncLocalStorage.snapshot();

/** Statements that are asked for while others are being written; they are written together next. */
class StatementGroup {
  readonly #prisma: Prisma;
  #waiting: Wanted[] = [];
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
    await nextTurn(); // whatever this turn of the event loop still asks for comes along
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

/** Answers each of a group. What is refused is taken out, and is tried alone for an answer of its own. */
async function writeGroup(prisma: Prisma, group: readonly Wanted[], by: string): Promise<void> {
  if (group.length <= 1) return writeAlone(prisma, group, by);
  try {
    const inputs = group.map(({ input }) => input);
    const recorded = await retry(() => recordStatements(prisma, inputs, by));
    for (const [i, { resolve }] of group.entries()) resolve(recorded[i] as Recorded);
  } catch (error) {
    if (!wroteNothing(error)) {
      // Perhaps they are written: to try again could write those twice that have no key.
      for (const { reject } of group) reject(error);
      return;
    }
    const faulty = faultyItems(error);
    const isFaulty = (_: Wanted, i: number): boolean => faulty.size === 0 || faulty.has(i);
    await writeAlone(prisma, group.filter(isFaulty), by);
    const rest = group.filter((wanted, i) => !isFaulty(wanted, i));
    await writeGroup(prisma, rest, by);
  }
}

/** One after the other, each in a transaction of its own. */
async function writeAlone(prisma: Prisma, group: readonly Wanted[], by: string): Promise<void> {
  for (const { input, resolve, reject } of group) {
    await retry(() => recordStatements(prisma, [input], by, () => ['input'])).then(
      ([recorded]) => resolve(recorded as Recorded),
      reject,
    );
  }
}

/** The places in the list of the items that a refusal names; none where it names no item. */
function faultyItems(error: unknown): Set<number> {
  const faults = (error instanceof ReadoutError && (error.details?.faults as Fault[] | undefined)) || [];
  return new Set(faults.map(({ path }) => path[1] as number));
}

/** One for each client of a database. */
const groups = new WeakMap<Prisma, StatementGroup>();

/**
 * Records a statement. Those that are asked for while others are being written are written together next, in one
 * transaction: each has the answer that it would have alone, and the disk is waited for once.
 * @param input what RecordStatementInput describes, unchecked.
 * @throws ReadoutError as `recordStatements` does.
 */
export function recordStatement(prisma: Prisma, input: unknown, by: string): Promise<Recorded> {
  const group = groups.get(prisma) ?? new StatementGroup(prisma);
  groups.set(prisma, group);
  return group.record(input, by);
}
