import { fieldsOf, type InputField } from '../domain/input/jsonSchema.ts';
import { sourceInput } from '../domain/input/noun.ts';
import { makeSlug } from '../domain/input/slug.ts';
import { statementInput } from '../domain/input/statement.ts';
import { escapeFormula, ITEM_SEPARATOR, joinItems, splitItems, unescapeFormula } from './cell.ts';

/*
 * A statement as a row of CSV: the form that the export writes and the import reads. docs/export.md specifies it. The columns are
 * made from the shapes of the inputs, so a new field has a column at once.
 */

/** An entry in the shape of its input, unchecked. */
export type EntryFields = Readonly<Record<string, unknown>>;
type Cells = Readonly<Record<string, string | undefined>>;

/** A column, or the columns of one list. */
export interface CsvField {
  /** Its name in the input. */
  readonly name: string;
  readonly columns: readonly string[];
  /** The cells of a value, in the order of the columns. `escapeFormula` comes after it. */
  readonly write: (value: unknown) => readonly string[];
  /** The value of cells; undefined where they are empty. `unescapeFormula` comes before it. */
  readonly read: (cells: readonly string[]) => unknown;
}

/** How some lists of entries are written in one cell: `truce:SUPPORTS; sanctions`. */
const COMPACT: Readonly<
  Record<
    string,
    { readonly parts: readonly [string, string]; readonly mark: string; readonly separator: string }
  >
> = {
  attribution: { parts: ['actor', 'form'], mark: '/', separator: ' > ' },
  topics: { parts: ['topic', 'stance'], mark: ':', separator: ITEM_SEPARATOR },
  links: { parts: ['to', 'kind'], mark: ':', separator: ITEM_SEPARATOR },
};

const textOf = (value: unknown): string => (value === undefined || value === null ? '' : String(value));

/** The value of a cell by its type. A cell of another form stays a text, which the check of the input refuses. */
function scalarOf(cell: string, type: InputField['type']): unknown {
  if (cell === '') return undefined;
  if (type === 'integer' || type === 'number') return /^\d+(\.\d+)?$/.test(cell.trim()) ? Number(cell) : cell;
  if (type !== 'boolean') return cell;
  const lower = cell.toLowerCase(); // a spreadsheet writes TRUE
  return lower === 'true' || lower === 'false' ? lower === 'true' : cell;
}

const scalarField = (name: string, type: InputField['type'], prefix: string): CsvField => ({
  name,
  columns: [`${prefix}${name}`],
  write: (value) => [textOf(value)],
  read: ([cell = '']) => scalarOf(cell, type),
});

const listField = (name: string, prefix: string): CsvField => ({
  name,
  columns: [`${prefix}${name}`],
  write: (value) => [joinItems(((value ?? []) as unknown[]).map(textOf))],
  read: ([cell = '']) => (cell === '' ? undefined : splitItems(cell)),
});

function compactField(name: string): CsvField {
  const { parts, mark, separator } = COMPACT[name] as (typeof COMPACT)[string];
  const [first, second] = parts;
  return {
    name,
    columns: [name],
    write: (value) => {
      const entries = (value ?? []) as EntryFields[];
      const cellOf = (entry: EntryFields): string =>
        entry[second] == null
          ? textOf(entry[first])
          : `${textOf(entry[first])}${mark}${textOf(entry[second])}`;
      return [entries.map(cellOf).join(separator)];
    },
    read: ([cell = '']) => {
      if (cell.trim() === '') return undefined;
      return cell.split(separator.trim()).map((text) => {
        const [one = '', ...rest] = text.trim().split(mark);
        return rest.length === 0
          ? { [first]: one }
          : { [first]: one.trim(), [second]: rest.join(mark).trim() };
      });
    },
  };
}

/** A list of entries with several fields: a column for each of them, `anchor.start` for `anchors`. */
function partsField(name: string, parts: readonly InputField[], prefix: string): CsvField {
  const item = name.replace(/(?<=s)es$|s$/, '');
  return {
    name,
    columns: parts.map((part) => `${prefix}${item}.${part.name}`),
    write: (value) => {
      const entries = (value ?? []) as EntryFields[];
      return parts.map((part) =>
        entries.some((entry) => entry[part.name] != null)
          ? joinItems(entries.map((entry) => textOf(entry[part.name])))
          : '',
      );
    },
    read: (cells) => {
      const lists = cells.map(splitItems);
      const count = Math.max(...lists.map(({ length }) => length));
      if (count === 0) return undefined;
      return Array.from({ length: count }, (_, i) =>
        Object.fromEntries(
          parts.flatMap((part, k) => {
            const value = scalarOf(lists[k]?.[i] ?? '', part.type);
            return value === undefined ? [] : [[part.name, value]];
          }),
        ),
      );
    },
  };
}

/** The cells of a field of an input. @param prefix begins the names of its columns. */
export function cellsOf({ name, type, isList, fields }: InputField, prefix = ''): CsvField {
  if (!isList) return scalarField(name, type, prefix);
  if (fields === null) return listField(name, prefix);
  return name in COMPACT ? compactField(name) : partsField(name, fields, prefix);
}

const STATEMENT_FIELDS: readonly CsvField[] = fieldsOf(statementInput).map((field) => cellsOf(field));

/** The fields of its source that a row has, without lists and the text. Its slug is the column `source`. */
const SOURCE_FIELDS: readonly CsvField[] = fieldsOf(sourceInput)
  .filter(({ name, isList }) => !isList && name !== 'slug' && name !== 'text')
  .map((field) => cellsOf(field, 'source.'));

export const columnsOf = (fields: readonly CsvField[]): readonly string[] =>
  fields.flatMap(({ columns }) => columns);

/** The last column: slug of the collection that the entry belongs to. */
export const COLLECTION_COLUMN = 'collection';

/** The cells of an entry in the columns of these fields. `escapeFormula` comes after it. */
export const writtenCells = (fields: readonly CsvField[], entry: EntryFields): readonly string[] =>
  fields.flatMap((field) => field.write(entry[field.name]));

/** The entry in the columns of these fields. */
export const readCells = (fields: readonly CsvField[], row: Cells): Record<string, unknown> =>
  Object.fromEntries(
    fields.flatMap(({ name, columns, read }) => {
      const value = read(columns.map((column) => unescapeFormula(row[column] ?? '')));
      return value === undefined ? [] : [[name, value]];
    }),
  );

/** Slug of the collection in a row, unchecked; undefined where it has none. */
export const collectionIn = (row: Cells): string | undefined =>
  unescapeFormula(row[COLLECTION_COLUMN] ?? '').trim() || undefined;

/** The columns of a row, in their order. */
export const STATEMENT_COLUMNS: readonly string[] = [
  ...STATEMENT_FIELDS.flatMap((field) =>
    field.name === 'source' ? [...field.columns, ...columnsOf(SOURCE_FIELDS)] : field.columns,
  ),
  COLLECTION_COLUMN,
];

/** The cells of a statement, in the order of `STATEMENT_COLUMNS`. @param collection slug of the one that it belongs to. */
export function rowOf(statement: EntryFields, source: EntryFields, collection: string | null): string[] {
  const cells = STATEMENT_FIELDS.flatMap((field) => {
    const own = writtenCells([field], statement);
    return field.name === 'source' ? [...own, ...writtenCells(SOURCE_FIELDS, source)] : own;
  });
  return [...cells, collection ?? ''].map(escapeFormula);
}

/** The content of a row: a statement, and the source that it describes, both in the shape of their inputs, unchecked. */
interface RowContent {
  readonly statement: EntryFields;
  /** Null where the row has only its slug. */
  readonly source: EntryFields | null;
}

/**
 * Reads a row by the names of its columns. Columns may be missing. Where the source has a title and no slug, its slug is made from the
 * title.
 */
export function statementOf(row: Cells): RowContent {
  const statement = readCells(STATEMENT_FIELDS, row);
  const source = readCells(SOURCE_FIELDS, row);
  if (Object.keys(source).length === 0) return { statement, source: null };
  const slug = statement.source ?? (typeof source.title === 'string' ? makeSlug(source.title) : undefined);
  return { statement: { ...statement, source: slug }, source: { slug, ...source } };
}
