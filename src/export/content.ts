import type { StatementInput } from '../domain/input/statement.ts';
import { visitReferences } from '../domain/statement/draft.ts';
import { csvLine, type Entry, rowOf, STATEMENT_COLUMNS } from '../import/cells.ts';
import { JSONL_VERSION } from '../import/read/jsonl.ts';
import { formatCursor } from '../log/cursor.ts';
import { readCollectionHeader } from './collection.ts';
import { addReferences, type NounName, type Referenced, readNouns } from './nouns.ts';
import type { Selection } from './selection.ts';
import type { Snapshot } from './snapshot.ts';
import { SourceCells } from './sourceCells.ts';
import { countCutLinks, readStatements } from './statements.ts';

const BYTE_ORDER_MARK = '\uFEFF';

const jsonLine = (value: unknown): string => `${JSON.stringify(value)}\n`;

/** Where an export stands in the history of the record. */
export const placeOf = ({ head }: Snapshot) => ({ cursor: formatCursor(head), digest: head.digest });

/**
 * The current state of the record as Readout JSONL, in pieces of whole lines: all actors, topics, sources and events, and the current
 * statements. With a filter, the statements that it finds and what they refer to.
 */
export async function* contentLines(snapshot: Snapshot, selection: Selection): AsyncGenerator<string> {
  const { filter } = selection;
  const cutLinks = await countCutLinks(snapshot, selection);
  yield jsonLine({
    readout: JSONL_VERSION,
    content: 'current',
    ...placeOf(snapshot),
    ...(await readCollectionHeader(snapshot, selection)),
    ...(filter && { filter }),
    ...(cutLinks > 0 && { cutLinks }),
  });
  const only = filter && (await readReferenced(snapshot, selection));
  for await (const page of readNouns(snapshot, only)) {
    snapshot.rows += page.length;
    yield page.map(({ noun, entry }) => jsonLine({ [noun]: entry })).join('');
  }
  for await (const page of readStatements(snapshot, selection)) {
    snapshot.rows += page.length;
    yield page.map((statement) => jsonLine({ statement })).join('');
  }
}

/** Everything that the statements refer to, directly or through others. */
async function readReferenced(snapshot: Snapshot, selection: Selection): Promise<Referenced> {
  const referenced = new Map<string, Set<string>>(
    (['actor', 'topic', 'source', 'event'] satisfies NounName[]).map((noun) => [noun, new Set()]),
  );
  for await (const page of readStatements(snapshot, selection)) {
    for (const statement of page) {
      visitReferences(statement as unknown as StatementInput, [], (noun, slug) => {
        referenced.get(noun)?.add(slug);
      });
    }
  }
  const nouns = referenced as Map<NounName, Set<string>>;
  await addReferences(snapshot, nouns);
  return nouns;
}

/** The current statements as CSV, in pieces of whole lines. @param withMark begins with a byte order mark, for spreadsheets. */
export async function* csvLines(
  snapshot: Snapshot,
  selection: Selection,
  withMark: boolean,
): AsyncGenerator<string> {
  yield `${withMark ? BYTE_ORDER_MARK : ''}${csvLine(STATEMENT_COLUMNS)}`;
  const sources = new SourceCells(snapshot);
  for await (const page of readStatements(snapshot, selection)) {
    const bySlug = await sources.of(page.map(({ source }) => source as string));
    snapshot.rows += page.length;
    const lineOf = (statement: Entry): string =>
      csvLine(rowOf(statement, bySlug.get(statement.source as string) ?? {}));
    yield page.map(lineOf).join('');
  }
}
