import { INPUT_MAX } from '../../domain/input/field.ts';
import { ENTRY_KINDS, type EntryKind, type ImportItem, type Item, type ItemSource } from '../item.ts';

/** Entries of one kind that are written in one transaction. It holds the counter row of the log for some tens of milliseconds. */
const BATCH_LENGTH = Math.min(INPUT_MAX.statements, INPUT_MAX.entries);
/** Characters of long lines that are written together. Checking the text of one source takes some 30 ms. */
const BATCH_LINES_LENGTH = 1_000_000;

/** An entry of an import. */
export type Entry = ImportItem & { readonly kind: EntryKind };

/** Entries that are written together, in the order of the kinds: an entry can refer to those of earlier kinds. */
export interface Batch {
  readonly entries: Readonly<Record<EntryKind, readonly Entry[]>>;
  /** Lines without an entry: headers, changes, lines that could not be read, and counts of what was left out. */
  readonly others: readonly Item[];
}

const isEntry = (item: Item): item is Entry => (ENTRY_KINDS as readonly string[]).includes(item.kind);

/** Lines and rows of a batch. */
export const lengthOf = ({ entries, others }: Batch): number =>
  ENTRY_KINDS.reduce((sum, kind) => sum + entries[kind].length, others.length);

/** Divides the items of an import into batches. */
export async function* batchesOf(items: ItemSource): AsyncGenerator<Batch> {
  let entries = emptyLists();
  let others: Item[] = [];
  let length = 0;
  const isEmpty = (): boolean =>
    others.length === 0 && ENTRY_KINDS.every((kind) => entries[kind].length === 0);
  const take = (): Batch => {
    const batch = { entries, others };
    entries = emptyLists();
    others = [];
    length = 0;
    return batch;
  };
  for await (const item of items) {
    const own = item.length ?? 0;
    if (length > 0 && length + own > BATCH_LINES_LENGTH) yield take();
    length += own;
    if (!isEntry(item)) {
      if (item.kind === 'header' && !isEmpty()) yield take(); // what comes next can belong to another collection
      others.push(item);
      if (others.length === BATCH_LENGTH) yield take();
      continue;
    }
    entries[item.kind].push(item);
    if (entries[item.kind].length === BATCH_LENGTH) yield take();
  }
  if (!isEmpty()) yield take();
}

/** Lists of entries that can be written together. */
export async function* listsOf(entries: AsyncIterable<Entry>): AsyncGenerator<Entry[]> {
  for await (const batch of batchesOf(entries)) yield ENTRY_KINDS.flatMap((kind) => [...batch.entries[kind]]);
}

const emptyLists = () =>
  Object.fromEntries(ENTRY_KINDS.map((kind) => [kind, []])) as unknown as Record<EntryKind, Entry[]>;
