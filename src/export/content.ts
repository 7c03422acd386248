import type { StatementInput } from '../domain/input/statement.ts';
import { visitReferences } from '../domain/statement/faults.ts';
import { csvLine } from '../import/cell.ts';
import { type EntryFields, rowOf, STATEMENT_COLUMNS } from '../import/cells.ts';
import type { EntryKind } from '../import/item.ts';
import { type NounKind, nounColumns, nounRow } from '../import/nounCells.ts';
import { JSONL_VERSION } from '../import/read/jsonl.ts';
import { formatCursor } from '../log/cursor.ts';
import { readCollections, readFilteredCollection } from './collection.ts';
import { addCollections, addReferences, type NounName, type Referenced, readNouns } from './nouns.ts';
import type { Selection } from './selection.ts';
import type { RecordSnapshot } from './snapshot.ts';
import { SourceCells } from './sourceCells.ts';
import { countCutLinks, readStatements, type StatementEntry } from './statements.ts';

const BYTE_ORDER_MARK = '\uFEFF';

const jsonLine = (value: unknown): string => `${JSON.stringify(value)}\n`;

/** The position of an export in the history of the record, for its header. */
export const placeOf = ({ head }: RecordSnapshot) => ({ cursor: formatCursor(head), digest: head.digest });

/**
 * The current state of the record as Readout JSONL, in pieces of whole lines: all actors, topics, sources and events, and the current
 * statements. With a filter, the statements that it finds and what they refer to.
 */
export async function* contentLines(snapshot: RecordSnapshot, selection: Selection): AsyncGenerator<string> {
  const { filter } = selection;
  const collection = await readFilteredCollection(snapshot, selection);
  const cutLinks = await countCutLinks(snapshot, selection);
  yield jsonLine({
    readout: JSONL_VERSION,
    content: 'current',
    ...placeOf(snapshot),
    ...(collection && { collection }),
    ...(filter && { filter }),
    ...(cutLinks > 0 && { cutLinks }),
  });
  const named = (collection?.slug ?? null) as string | null;
  const lineOf = (kind: string, entry: EntryFields, own: string | null): string =>
    jsonLine({ [kind]: entry, ...(own !== named && { collection: own }) });
  const only = filter && (await readReferenced(snapshot, selection));
  if (named !== null) only?.collections.delete(named);
  for await (const page of readCollections(snapshot, only?.collections ?? null))
    yield page.map((entry) => jsonLine({ collection: entry })).join('');
  for await (const page of readNouns(snapshot, only?.nouns ?? null)) {
    snapshot.rows += page.length;
    yield page.map((each) => lineOf(each.noun, each.entry, each.collection)).join('');
  }
  for await (const page of readStatements(snapshot, selection)) {
    snapshot.rows += page.length;
    yield page.map((each) => lineOf('statement', each.entry, each.collection)).join('');
  }
}

/** Everything that the statements refer to, directly or through others, and the slugs of the collections of all of it. */
async function readReferenced(
  snapshot: RecordSnapshot,
  selection: Selection,
): Promise<{ readonly nouns: Referenced; readonly collections: Set<string> }> {
  const collections = new Set<string>();
  const referenced = new Map<string, Set<string>>(
    (['actor', 'topic', 'source', 'event'] satisfies NounName[]).map((noun) => [noun, new Set()]),
  );
  for await (const page of readStatements(snapshot, selection)) {
    for (const { entry, collection } of page) {
      if (collection !== null) collections.add(collection);
      visitReferences(entry as unknown as StatementInput, [], (noun, slug) => {
        referenced.get(noun)?.add(slug);
      });
    }
  }
  const nouns = referenced as Map<NounName, Set<string>>;
  await addReferences(snapshot, nouns);
  await addCollections(snapshot, nouns, collections);
  return { nouns, collections };
}

/**
 * The current statements as CSV, or the actors, topics, sources or events that they refer to, in pieces of whole lines.
 * @param withMark begins with a byte order mark, for spreadsheets.
 */
export async function* csvLines(
  snapshot: RecordSnapshot,
  selection: Selection,
  of: EntryKind,
  withMark: boolean,
): AsyncGenerator<string> {
  const columns = of === 'statement' ? STATEMENT_COLUMNS : nounColumns(of);
  yield `${withMark ? BYTE_ORDER_MARK : ''}${csvLine(columns)}`;
  if (of === 'statement') yield* statementRows(snapshot, selection);
  else yield* nounRows(snapshot, selection, of);
}

async function* nounRows(
  snapshot: RecordSnapshot,
  selection: Selection,
  kind: NounKind,
): AsyncGenerator<string> {
  const only = selection.filter && (await readReferenced(snapshot, selection));
  for await (const page of readNouns(snapshot, only?.nouns ?? null, kind)) {
    snapshot.rows += page.length;
    yield page.map(({ entry, collection }) => csvLine(nounRow(kind, entry, collection))).join('');
  }
}

async function* statementRows(snapshot: RecordSnapshot, selection: Selection): AsyncGenerator<string> {
  const sources = new SourceCells(snapshot);
  for await (const page of readStatements(snapshot, selection)) {
    const bySlug = await sources.of(page.map(({ entry }) => entry.source as string));
    snapshot.rows += page.length;
    const lineOf = ({ entry, collection }: StatementEntry): string =>
      csvLine(rowOf(entry, bySlug.get(entry.source as string) ?? {}, collection));
    yield page.map(lineOf).join('');
  }
}
