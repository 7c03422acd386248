import { z } from 'zod';
import { ReadoutError } from '../../base/errors.ts';
import type { Prisma, Transaction } from '../../db/client.ts';
import { ACTOR } from '../../domain/actor.ts';
import { COLLECTION } from '../../domain/collection.ts';
import { EVENT } from '../../domain/event.ts';
import { INPUT_MAX } from '../../domain/input/field.ts';
import { statementInput } from '../../domain/input/statement.ts';
import type { NounRules, Patch } from '../../domain/save/rules.ts';
import { saveEntries } from '../../domain/save/save.ts';
import { SOURCE } from '../../domain/source.ts';
import { recordStatements } from '../../domain/statement/record.ts';
import { renameInStatements } from '../../domain/statement/rename.ts';
import { retractStatement, retractStatements } from '../../domain/statement/retract.ts';
import { reinstateStatement, reviseStatement } from '../../domain/statement/revise.ts';
import { TOPIC } from '../../domain/topic.ts';
import { withdrawUnreferred } from '../../domain/withdraw.ts';
import { CHANGE_TIME } from '../../log/append.ts';
import type { ItemSource, Place } from '../item.ts';
import { type ImportReport, Tally } from '../report.ts';

/*
 * Restores a history that was exported: every change is written again by the function that wrote it, in the same order, with its time and
 * recorder. So the record goes through the same states, and the chain of digests, which proves it, is the same.
 */

/** Changes that are written in one transaction. */
const CHANGES_PER_TRANSACTION = 200;
const LIST_LENGTH_MAX = Math.min(INPUT_MAX.statements, INPUT_MAX.entries);

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const position = z.string().regex(/^[1-9]\d{0,18}$/);

const historyHeader = z.object({
  content: z.literal('history'),
  cursor: z.string().regex(/^(0|[1-9]\d{0,18})\.[0-9a-f]{16}$/),
  digest,
  genesis: digest,
});
type HistoryHeader = z.output<typeof historyHeader>;

const historyChange = z.object({
  position,
  kind: z.string(),
  at: z.iso.datetime({ precision: 3 }),
  by: z.string(),
  noun: z.string(),
  slug: z.string(),
  contentDigest: digest.nullable(),
  digest: digest.nullable(),
  key: z.string().optional(),
  inputDigest: digest.optional(),
  collection: z.string().optional(),
  withCollection: z.literal(true).optional(),
  reason: z.string().optional(),
  mergedInto: z.string().optional(),
  why: z.string().optional(),
  content: z.record(z.string(), z.unknown()).optional(),
});
type HistoryChange = z.output<typeof historyChange> & { readonly place: Place };

/** What a restore has done. */
export interface Restored {
  /** Changes that were written now. */
  readonly written: number;
  /** Changes that an earlier restore of the same history had written. */
  readonly kept: number;
}

/** Whether the header of a file says that it holds a history. */
export const isHistory = (header: unknown): boolean =>
  (header as { content?: unknown } | null)?.content === 'history';

/**
 * Restores a history into a record that is empty, or that an interrupted restore of the same history has begun.
 * @param items the changes, in their order.
 * @param onProgress called after each transaction with the position that is restored.
 * @throws ReadoutError CONFLICT where the record has another history; INVALID_INPUT for a line that is not a change, for a change that does
 *   not fit the chain of digests, and for a file that ends too early. What is written by then stays, and a restore can go on from there.
 */
export async function restoreHistory(
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
  if (begun.position > end) return contained(prisma, end, history);
  const restoring = new Restoring(prisma, begun);
  let kept = 0;
  for await (const item of items) {
    const { place } = item;
    if (item.kind === 'header') continue;
    if (item.kind === 'unread') throw refused(place, `The line ${item.reason}.`);
    const line = item.kind === 'change' ? historyChange.safeParse(item.value) : null;
    if (!line?.success) throw refused(place, 'The line is not a change of a history.');
    const change = { ...line.data, place };
    if (BigInt(change.position) > begun.position) {
      if (restoring.isFull(change)) await onProgress(await restoring.write());
      restoring.take(change);
      continue;
    }
    kept += 1;
    if (BigInt(change.position) === begun.position && change.digest !== begun.digest) throw otherHistory();
  }
  await onProgress(await restoring.write());
  const { head, written } = restoring;
  if (head.digest === history.digest) return { written, kept };
  throw refused(
    null,
    `The file ends at change ${head.position}, and its header says ${end}. Restore the whole file again: it goes on from there.`,
  );
}

/** What an import of a history needs of the options of imports. */
export interface HistoryOptions {
  readonly dryRun?: boolean;
  readonly collection?: Patch | null;
  readonly onProgress?: (handled: number) => void;
  readonly pace?: () => Promise<void>;
}

/** Restores a history, and reports it as an import. @throws ReadoutError those of `restoreHistory`; INVALID_INPUT for a dry run or a collection. */
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

/** The result for a record that has the whole history and has gone on from there. */
async function contained(prisma: Prisma, end: bigint, history: HistoryHeader): Promise<Restored> {
  const [row] = await prisma.$queryRawUnsafe<{ digest: string }[]>(
    `SELECT encode(digest, 'hex') AS digest FROM change WHERE position = $1`,
    end,
  );
  if (row?.digest !== history.digest) throw otherHistory();
  return { written: 0, kept: Number(end) };
}

interface Head {
  readonly position: bigint;
  /** In hexadecimal. */
  readonly digest: string;
}

const READ_HEAD = `SELECT position, encode(digest, 'hex') AS digest, encode(genesis, 'hex') AS genesis,
  EXISTS (SELECT FROM change) OR EXISTS (SELECT FROM actor) OR EXISTS (SELECT FROM topic) AS used FROM head FOR UPDATE`;
/** $1 genesis digest. The time of the head must not be later than that of the first change. */
const ADOPT_GENESIS = `UPDATE head SET genesis = decode($1, 'hex'), digest = decode($1, 'hex'), at = 'epoch'`;

/** Gives an empty record the beginning of the history. */
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

function refused(place: Place | null, message: string): ReadoutError {
  const at = place ? `${place.file}:${place.line}: ` : '';
  return new ReadoutError('INVALID_INPUT', `${at}${message}`);
}

/** Collects changes and writes them. */
class Restoring {
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
    return this.#length >= CHANGES_PER_TRANSACTION && !(list && belongs(next, list));
  }

  take(change: HistoryChange): void {
    const list = this.#lists.at(-1);
    if (list && belongs(change, list)) list.push(change);
    else this.#lists.push([change]);
    this.#length += 1;
  }

  /** Writes the changes that were taken. @returns the position of the last one. */
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
function belongs(change: HistoryChange, list: readonly HistoryChange[]): boolean {
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

/** Whether changes of this kind are made in lists whose entries may refer to one another. */
const isOfList = ({ noun, kind }: HistoryChange): boolean =>
  kind.endsWith('_ADDED') || (noun !== 'statement' && kind.endsWith('_REVISED'));

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
    await apply(tx, list);
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

const NOUNS: ReadonlyMap<string, NounRules<never>> = new Map(
  [ACTOR, TOPIC, SOURCE, EVENT, COLLECTION].map((rules) => [
    rules.noun,
    rules as unknown as NounRules<never>,
  ]),
);

/** Every field of a shape, with null for those that the content does not have. */
function everyField(shape: { readonly shape: object }, content: Patch = {}): Patch {
  return Object.fromEntries(Object.keys(shape.shape).map((name) => [name, content[name] ?? null]));
}

/** Makes the changes of one write again. */
async function apply(tx: Transaction, list: readonly HistoryChange[]): Promise<void> {
  const [first] = list as [HistoryChange];
  const { by, noun, slug, kind, reason = '', mergedInto, why } = first;
  const collection = await collectionIds(tx, list);
  const rules = NOUNS.get(noun);
  if (rules && isOfList(first)) {
    const patches = list.map(({ content }) => everyField(rules.shape, content));
    await saveEntries(tx, rules, patches, by, { collection, ...(why !== undefined && { reason: why }) });
  } else if (rules && /_(WITHDRAWN|RETRACTED)$/.test(kind)) {
    await withdrawUnreferred(tx, rules, [slug], reason, by, [], mergedInto);
  } else if (kind === 'STATEMENT_ADDED') {
    const inputs = list.map(({ content, key }) => ({ ...content, key }));
    await recordStatements(tx, inputs, by, { collection });
    await writeIdentities(tx, list);
  } else if (kind === 'STATEMENT_REVISED') {
    const { slug: _, key: __, ...content } = everyField(statementInput, first.content);
    const { id, status } = await tx.statement.findUniqueOrThrow({ where: { slug } });
    // A merge revises one statement after the other, and its links are whole only at the end.
    if (why !== undefined)
      await renameInStatements(tx, [id], (former) => ({ ...former, ...content }), why, by);
    else if (status === 'CURRENT') await reviseStatement(tx, id, content, null, by);
    else await reinstateStatement(tx, id, content, collection[0] ?? null, by);
  } else if (kind === 'STATEMENT_RETRACTED') {
    const { id } = await tx.statement.findUniqueOrThrow({ where: { slug } });
    if (first.withCollection) await retractStatements(tx, [id], reason, by);
    else await retractStatement(tx, id, reason, by);
  } else {
    throw new ReadoutError(
      'INVALID_INPUT',
      `this version of the service does not know the change ${kind}. Restore the history with a newer version.`,
    );
  }
}

/** $1 slugs, $2 keys, $3 digests of inputs. A statement may have been recorded without a slug or key, which its content has. */
const WRITE_IDENTITIES = `
  UPDATE statement SET key = x.key, input_digest = x.digest
  FROM unnest($1::text[], $2::text[], $3::text[]) AS x (slug, key, digest)
  WHERE statement.slug = x.slug AND (statement.key, statement.input_digest) IS DISTINCT FROM (x.key, x.digest::char(64))`;

/** Gives statements their keys, so that recording them once more is as safe as in the first record. */
async function writeIdentities(tx: Transaction, list: readonly HistoryChange[]): Promise<void> {
  await tx.$executeRawUnsafe(
    WRITE_IDENTITIES,
    list.map(({ slug }) => slug),
    list.map(({ key }) => key ?? null),
    list.map(({ inputDigest }) => inputDigest ?? null),
  );
}

/** Ids of the collections to which changes add their entries, in the order of the changes. */
async function collectionIds(tx: Transaction, list: readonly HistoryChange[]): Promise<(number | null)[]> {
  const slugs = list.flatMap(({ collection }) => collection ?? []);
  if (slugs.length === 0) return list.map(() => null);
  const rows = await tx.collection.findMany({
    where: { slug: { in: slugs } },
    select: { id: true, slug: true },
  });
  const ids = new Map(rows.map(({ id, slug }) => [slug, id]));
  return list.map(({ collection }) => {
    if (collection === undefined) return null;
    const id = ids.get(collection);
    if (id === undefined)
      throw new ReadoutError('NOT_FOUND', `the record has no collection “${collection}”.`);
    return id;
  });
}
