import { fieldsOf } from '../domain/input/jsonSchema.ts';
import { actorInput, eventInput, sourceInput, topicInput } from '../domain/input/noun.ts';
import { escapeFormula } from './cell.ts';
import {
  COLLECTION_COLUMN,
  type CsvField,
  cellsOf,
  columnsOf,
  type EntryFields,
  readCells,
  STATEMENT_COLUMNS,
  writtenCells,
} from './cells.ts';
import { ENTRY_KINDS, type EntryKind } from './item.ts';

/*
 * Actors, topics, sources and events as rows of CSV, one table for each kind. A column is named by the kind and the field of the input,
 * such as `actor.name`, so that an import recognises a table by its first line.
 */

export type NounKind = Exclude<EntryKind, 'statement'>;
export const NOUN_KINDS = ENTRY_KINDS.filter((kind): kind is NounKind => kind !== 'statement');

const SHAPES = { actor: actorInput, topic: topicInput, source: sourceInput, event: eventInput } as const;

/** The cells of a kind. A text does not fit into a cell of a spreadsheet, so that of a source is left out. */
const cellsOfKind = (kind: NounKind): readonly CsvField[] =>
  fieldsOf(SHAPES[kind])
    .filter(({ name }) => name !== 'text')
    .map((field) => cellsOf(field, `${kind}.`));

const FIELDS: Readonly<Record<NounKind, readonly CsvField[]>> = {
  actor: cellsOfKind('actor'),
  topic: cellsOfKind('topic'),
  source: cellsOfKind('source'),
  event: cellsOfKind('event'),
};

/** The columns of a table, in their order. */
export const nounColumns = (kind: NounKind): readonly string[] => [
  ...columnsOf(FIELDS[kind]),
  COLLECTION_COLUMN,
];

/** The cells of an entry, in the order of `nounColumns`. @param collection slug of the one that it belongs to. */
export const nounRow = (kind: NounKind, entry: EntryFields, collection: string | null): string[] =>
  [...writtenCells(FIELDS[kind], entry), collection ?? ''].map(escapeFormula);

/** The entry of a row, in the shape of its input, unchecked. */
export const nounOf = (kind: NounKind, row: Readonly<Record<string, string | undefined>>): EntryFields =>
  readCells(FIELDS[kind], row);

/** The kind of a table by its columns; undefined for one of statements. */
export function nounKindOf(header: readonly string[]): NounKind | undefined {
  return NOUN_KINDS.find((kind) => {
    const columns = nounColumns(kind);
    const isOther = (column: string): boolean =>
      STATEMENT_COLUMNS.includes(column) && !columns.includes(column);
    return header.some((column) => columnsOf(FIELDS[kind]).includes(column)) && !header.some(isOther);
  });
}
