import { ReadoutError } from '../../base/errors.ts';
import type { Prisma } from '../../db/client.ts';
import type { Transaction } from '../../db/sql.ts';
import { INPUT_MAX } from '../../domain/input/field.ts';
import { CHANGE_TIME } from '../../log/append.ts';
import { applyChanges } from './apply.ts';
import { type HistoryChange, isOfList, refused } from './line.ts';

/** Changes that are written in one transaction. */
const CHANGES_PER_TRANSACTION = 200;
const LIST_LENGTH_MAX = Math.min(INPUT_MAX.statements, INPUT_MAX.entries);

/** A change with its digest. */
export interface Head {
  readonly position: bigint;
  /** In hexadecimal. */
  readonly digest: string;
}

/** Collects the changes of a history and writes them. */
export class HistoryWriter {
  readonly #prisma: Prisma;
  /** Changes that are written together, because a single write made them. */
  #lists: HistoryChange[][] = [];
  #length = 0;
  /** The last change that is written. */
  head: Head;
  written = 0;

  constructor(prisma: Prisma, head: Head) {
    this.#prisma = prisma;
    this.head = head;
  }

  /** Whether there are enough changes to write before the next one is taken. A list is not cut. */
  isFull(next: HistoryChange): boolean {
    const list = this.#lists.at(-1);
    return this.#length >= CHANGES_PER_TRANSACTION && !(list && isOfWrite(next, list));
  }

  take(change: HistoryChange): void {
    const list = this.#lists.at(-1);
    if (list && isOfWrite(change, list)) list.push(change);
    else this.#lists.push([change]);
    this.#length += 1;
  }

  /** Writes the collected changes. @returns the position of the last one. */
  async write(): Promise<bigint> {
    const lists = this.#lists;
    this.#lists = [];
    this.#length = 0;
    const head = await this.#prisma.$transaction(async (tx) => {
      let before = this.head;
      for (const list of lists) before = await writeList(tx, list, before);
      return before;
    });
    this.written += Number(head.position - this.head.position);
    this.head = head;
    return head.position;
  }
}

/** Whether a change was made by the same write as the list before it, whose entries may refer to one another. */
function isOfWrite(change: HistoryChange, list: readonly HistoryChange[]): boolean {
  const [first] = list as [HistoryChange];
  return (
    isOfList(change) &&
    isOfList(first) &&
    BigInt(change.position) === BigInt(first.position) + BigInt(list.length) &&
    list.length < LIST_LENGTH_MAX &&
    change.noun === first.noun &&
    change.at === first.at &&
    change.by === first.by &&
    change.why === first.why &&
    !list.some(({ slug }) => slug === change.slug)
  );
}

/** Writes the changes of one write, and checks that they are those of the history. */
async function writeList(tx: Transaction, list: readonly HistoryChange[], before: Head): Promise<Head> {
  const [first] = list as [HistoryChange];
  for (const [i, { position, place }] of list.entries()) {
    const former = before.position + BigInt(i);
    if (BigInt(position) !== former + 1n) throw refused(place, `The change after ${former} is missing.`);
  }
  const unchained = list.find((change) => change.digest === null);
  if (unchained) {
    throw refused(
      unchained.place,
      `Change ${unchained.position} was written to the tables directly, without a digest. Only a backup of the database can restore it.`,
    );
  }
  await tx.$executeRawUnsafe('SELECT set_config($1, $2, true)', CHANGE_TIME, first.at);
  try {
    await applyChanges(tx, list);
  } catch (error) {
    if (!(error instanceof ReadoutError)) throw error;
    throw refused(first.place, `Change ${first.position} can’t be made again: ${error.message}`);
  }
  return check(tx, list, before);
}

/** $1 position to read after. */
const READ_WRITTEN = `SELECT position, encode(digest, 'hex') AS digest, encode(content_digest, 'hex') AS "contentDigest"
  FROM change WHERE position > $1 ORDER BY position`;

/** Compares the changes that were written with those of the history. */
async function check(tx: Transaction, list: readonly HistoryChange[], before: Head): Promise<Head> {
  const rows = await tx.$queryRawUnsafe<(Head & { contentDigest: string })[]>(READ_WRITTEN, before.position);
  for (const [i, change] of list.entries()) {
    const row = rows[i];
    if (row?.digest === change.digest) continue;
    const what =
      row?.contentDigest === change.contentDigest
        ? 'its fields give another digest'
        : 'its content gives another digest';
    throw refused(change.place, `Change ${change.position} is not the one of the history: ${what}.`);
  }
  const last = list.at(-1) as HistoryChange;
  if (rows.length > list.length)
    throw new ReadoutError(
      'CONFLICT',
      'Another client writes to this record while it is restored. Stop it, and restore into an empty record.',
    );
  return { position: BigInt(last.position), digest: last.digest as string };
}
