import { ReadoutError } from '../../base/errors.ts';
import type { Prisma } from '../../db/client.ts';
import type { Patch } from '../../domain/save/rules.ts';
import type { ItemSource } from '../item.ts';
import { type ImportReport, Tally } from '../report.ts';
import { type HistoryHeader, historyChange, historyHeader, refused } from './line.ts';
import { type Head, HistoryWriter } from './writer.ts';

/*
 * Restores an exported history. Each change is made again by the function that made it, in the same order, with its time and recorder. So
 * the record goes through the same states, and the chain of digests proves it.
 */

/** What a restore has done. */
interface Restored {
  /** Changes that were written now. */
  readonly written: number;
  /** Changes that an earlier restore of the same history had written. */
  readonly kept: number;
}

/**
 * Restores a history into an empty record, or continues an interrupted restore of the same history.
 * @param items the changes, in their order.
 * @param onProgress called after each transaction with the position that is restored.
 * @throws ReadoutError CONFLICT where the record has another history; INVALID_INPUT for a line that is not a change, for a change that does
 *   not fit the chain of digests, and for a file that ends too early. The changes written so far stay, and the next restore continues
 *   there.
 */
async function restoreHistory(
  prisma: Prisma,
  header: unknown,
  items: ItemSource,
  onProgress: (position: bigint) => void | Promise<void> = () => undefined,
): Promise<Restored> {
  const parsed = historyHeader.safeParse(header);
  if (!parsed.success) throw refused(null, 'The header of the history is not complete.');
  const history = parsed.data;
  const begun = await begin(prisma, history);
  const end = BigInt(history.cursor.split('.')[0] as string);
  if (begun.position > end) return alreadyRestored(prisma, end, history);
  const writer = new HistoryWriter(prisma, begun);
  let kept = 0;
  for await (const item of items) {
    const { place } = item;
    if (item.kind === 'header') continue;
    if (item.kind === 'unread') throw refused(place, `The line ${item.reason}.`);
    const line = item.kind === 'change' ? historyChange.safeParse(item.value) : null;
    if (!line?.success) throw refused(place, 'The line is not a change of a history.');
    const change = { ...line.data, place };
    if (BigInt(change.position) > begun.position) {
      if (writer.isFull(change)) await onProgress(await writer.write());
      writer.take(change);
      continue;
    }
    kept += 1;
    if (BigInt(change.position) === begun.position && change.digest !== begun.digest) throw otherHistory();
  }
  await onProgress(await writer.write());
  const { head, written } = writer;
  if (head.digest === history.digest) return { written, kept };
  throw refused(
    null,
    `The file ends at change ${head.position}, and its header says ${end}. Restore the whole file again: it goes on from there.`,
  );
}

/** What an import of a history needs of the options of imports. */
interface HistoryOptions {
  readonly dryRun?: boolean;
  readonly collection?: Patch | null;
  readonly onProgress?: (handled: number) => void;
  readonly pace?: () => Promise<void>;
}

/**
 * Restores a history, and reports it as an import.
 * @throws ReadoutError those of `restoreHistory`; INVALID_INPUT for a dry run or a collection.
 */
export async function importHistory(
  prisma: Prisma,
  header: unknown,
  items: ItemSource,
  { dryRun = false, collection = null, onProgress, pace }: HistoryOptions,
): Promise<ImportReport> {
  if (dryRun || collection !== null)
    throw refused(
      null,
      'A history can be restored only as it is: without a collection, and not as a dry run.',
    );
  const history = await restoreHistory(prisma, header, items, async (position) => {
    onProgress?.(Number(position));
    await pace?.();
  });
  return { ...new Tally().report({ dryRun, collection: null, compared: false, complete: true }), history };
}

/** The result for a record that has the whole history and later changes. */
async function alreadyRestored(prisma: Prisma, end: bigint, history: HistoryHeader): Promise<Restored> {
  const [row] = await prisma.$queryRawUnsafe<{ digest: string }[]>(
    `SELECT encode(digest, 'hex') AS digest FROM change WHERE position = $1`,
    end,
  );
  if (row?.digest !== history.digest) throw otherHistory();
  return { written: 0, kept: Number(end) };
}

const READ_HEAD = `SELECT position, encode(digest, 'hex') AS digest, encode(genesis, 'hex') AS genesis,
  EXISTS (SELECT FROM change) OR EXISTS (SELECT FROM actor) OR EXISTS (SELECT FROM topic) AS used FROM head FOR UPDATE`;
/** $1 genesis digest. The time of the head must not be later than that of the first change. */
const ADOPT_GENESIS = `UPDATE head SET genesis = decode($1, 'hex'), digest = decode($1, 'hex'), at = 'epoch'`;

/** Gives an empty record the genesis digest of the history. */
function begin(prisma: Prisma, { genesis }: HistoryHeader): Promise<Head> {
  return prisma.$transaction(async (tx) => {
    const [head] = await tx.$queryRawUnsafe<(Head & { genesis: string; used: boolean })[]>(READ_HEAD);
    if (!head) throw new Error('the table head is empty');
    if (head.genesis === genesis) return { position: head.position, digest: head.digest };
    if (head.position > 0n || head.used) throw otherHistory();
    await tx.$executeRawUnsafe(ADOPT_GENESIS, genesis);
    return { position: 0n, digest: genesis };
  });
}

function otherHistory(): ReadoutError {
  return new ReadoutError(
    'CONFLICT',
    'This record has a history of its own. A history can be restored only into an empty record; start the service with another database, and with SEED=off.',
  );
}
