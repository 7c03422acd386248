import { Readable } from 'node:stream';
import { type Parser, parse } from 'csv-parse';
import { isSlug } from '../../domain/input/slug.ts';
import { collectionIn, STATEMENT_COLUMNS, statementOf } from '../cells.ts';
import {
  type ImportItem,
  type ItemSource,
  LONG_ITEM_LENGTH_MIN,
  type Place,
  type ReadOptions,
  type Unread,
} from '../item.ts';
import { type NounKind, nounColumns, nounKindOf, nounOf } from '../nounCells.ts';
import { type Cells, type CsvMap, FaultyCell, mappedRow } from './csvMap.ts';
import { Decoding, encodingOf } from './encoding.ts';
import { IMPORT_LINE_BYTES_MAX } from './lines.ts';
import { Omissions } from './omissions.ts';

/** Separators of cells that are recognised, by the first line. */
const SEPARATORS = [',', ';', '\t'] as const;
/** Columns without a meaning whose names the report has, and characters of such a name. */
const NAMED_COLUMNS_MAX = 50;
const NAMED_COLUMN_LENGTH = 60;
/** Characters of a row. A quotation mark that is never closed would make the rest of the file one row. */
const ROW_LENGTH_MAX = IMPORT_LINE_BYTES_MAX;
/** Sources and topics of earlier rows, so that each is yielded once. */
const BROUGHT_LENGTH_MAX = 100_000;
/** What a spreadsheet writes where a column is too narrow for its value. */
const TOO_NARROW = /^#{3,}$/;
/** The number of days that a spreadsheet shows as a date, 1954 to 2173. */
const SERIAL_DATE = /^[2-9]\d{4}([.,]\d+)?$/;
const DATE_COLUMNS: ReadonlySet<string> = new Set(['said', 'source.publishedOn', 'event.date']);
const NO_COLUMN =
  'has none of the columns that an import knows. Write a mapping (docs/import.md, “CSV”), or use the columns of docs/export.md';
const repeatedColumn = (column: string): string =>
  `has several columns with the name “${column}”. Rename the others`;
const NOT_DECODED = 'is not UTF-8, or not UTF-16 as its byte order mark says. Save the file as “CSV UTF-8”';
/** The separator is chosen when the first line is complete, or this many bytes have arrived. */
const START_BYTES = 65_536;

export interface CsvOptions extends ReadOptions {
  /** What the columns mean. Default: they have the names of the export. */
  readonly map?: CsvMap;
}

/** The first line that is not blank, without quoted text; null if the text may end before the line does. */
function firstLineOf(start: string): string | null {
  const [line, ...others] = start
    .replace(/"[^"]*("|$)/g, '')
    .trimStart()
    .split(/[\r\n]/);
  return line === undefined || others.length === 0 ? null : line;
}

/** The separator of the cells: the one that the first line has most often. */
function separatorOf(line: string): string {
  const counts = SEPARATORS.map((separator) => line.split(separator).length);
  return SEPARATORS[counts.indexOf(Math.max(...counts))] as string;
}

const textOf = (start: Uint8Array): string => new TextDecoder(encodingOf(start)).decode(start);

/** The pieces of a file, and its beginning with the whole first line. */
async function peek(
  bytes: AsyncIterable<Uint8Array>,
): Promise<{ start: Uint8Array; all: AsyncIterable<Uint8Array> }> {
  const iterator = bytes[Symbol.asyncIterator]();
  let start: Uint8Array = new Uint8Array();
  while (start.length < START_BYTES && firstLineOf(textOf(start)) === null) {
    const next = await iterator.next();
    if (next.done) break;
    start = Buffer.concat([start, next.value]);
  }
  const all = (async function* () {
    yield start;
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
  })();
  return { start, all };
}

/** A row of a table; `cells` is null where it can't be read, for the reason. */
interface Row {
  /** The line on which it begins, from 1. */
  readonly line: number;
  readonly cells: readonly string[] | null;
  readonly reason: string;
}

const isBlank = (cells: readonly string[]): boolean => cells.every((cell) => cell.trim() === '');

/** The rows of a table, in their order, without blank ones. */
export async function* rowsOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Row> {
  const { start, all } = await peek(bytes);
  const faults: Row[] = [];
  /** Where the next row begins. The parser calls back in the order of the rows, ahead of the loop below. */
  let next = 1;
  const parser: Parser = parse({
    ...{ relax_column_count: true, skip_records_with_error: true },
    // A quotation mark in a cell that does not begin with one is part of the text.
    relax_quotes: true,
    record_delimiter: ['\r\n', '\n', '\r'],
    delimiter: separatorOf(firstLineOf(`${textOf(start)}\n`) ?? ''),
    max_record_size: ROW_LENGTH_MAX,
    // The types of the parser allow only texts, so the line is the first cell.
    on_record: (cells, { lines }) => {
      const line = next;
      next = lines + 1;
      return isBlank(cells) ? undefined : [String(line), ...cells];
    },
    on_skip: (error) => {
      const reason = `can't be read as CSV: ${error?.message ?? 'it is broken'}`;
      faults.push({ line: next, cells: null, reason });
      next = Number(error?.lines ?? next) + 1;
      return undefined;
    },
  });
  const decoding = new Decoding(encodingOf(start));
  const source = Readable.from(decoding.read(all), { objectMode: false });
  source.on('error', (error) => parser.destroy(error));
  for await (const [first, ...cells] of source.pipe(parser) as AsyncIterable<string[]>) {
    const line = Number(first);
    while (faults[0] && faults[0].line < line) yield faults.shift() as Row;
    // The parser has put this character where the bytes are not in the encoding.
    if (decoding.isBroken && cells.some((cell) => cell.includes('\uFFFD')))
      yield { line, cells: null, reason: NOT_DECODED };
    else yield { line, cells, reason: '' };
  }
  yield* faults;
}

/** Why a cell is not what its author saw; null where it is. */
function spreadsheetFault(column: string, cell: string): string | null {
  if (TOO_NARROW.test(cell))
    return `is “${cell}”: the column was too narrow when the spreadsheet wrote the file. Widen it and save again`;
  if (!DATE_COLUMNS.has(column) || !SERIAL_DATE.test(cell)) return null;
  return `is “${cell}”, the number of a spreadsheet's date. Format the column as a date, YYYY-MM-DD, and save again`;
}

/** What the cells of a column that is not read are called in the report, and the index of the column. */
type Unknown = readonly [what: string, i: number];

function unknownColumns(header: readonly string[], known: readonly string[]): Unknown[] {
  const unknown = [...header.entries()].filter(([, column]) => !known.includes(column));
  return unknown.map(([i, column], n) => [
    n < NAMED_COLUMNS_MAX
      ? `cells of the column “${column.slice(0, NAMED_COLUMN_LENGTH)}”`
      : 'cells of other columns',
    i,
  ]);
}

/**
 * Reads CSV or TSV: a row is a statement, or an actor, topic, source or event by the columns of their tables. The source and the topics that the
 * row of a statement describes come before it. A byte order mark, the separators `,`, `;` and tab, CRLF and line breaks within quotation marks
 * are recognised. Cells of other columns are left out and counted.
 */
export async function* readCsv(bytes: AsyncIterable<Uint8Array>, { file, map }: CsvOptions): ItemSource {
  let header: string[] | undefined;
  let noun: NounKind | undefined;
  let unread: readonly Unknown[] = [];
  const brought = new Set<string>();
  const omissions = new Omissions();
  for await (const { line, cells, reason } of rowsOf(bytes)) {
    const place = { file, line };
    if (cells === null) yield refused(place, [], reason);
    else if (header) {
      for (const [what, i] of unread) if (cells[i]) omissions.add(what, place);
      yield* itemsOf({ header, noun, map, brought }, cells, place);
    } else {
      const columns = cells.map((cell) => cell.trim());
      header = columns;
      noun = map ? undefined : nounKindOf(columns);
      const known = map ? Object.keys(map.columns) : noun ? nounColumns(noun) : STATEMENT_COLUMNS;
      unread = unknownColumns(columns, known);
      const repeated = columns.find((column, i) => known.includes(column) && columns.indexOf(column) !== i);
      if (repeated === undefined && unread.length < columns.length) continue;
      yield refused(place, [], repeated === undefined ? NO_COLUMN : repeatedColumn(repeated));
      return;
    }
  }
  yield* omissions.items();
}

const refused = (place: Place, path: readonly string[], reason: string): Unread => ({
  kind: 'unread',
  place,
  path,
  reason,
});

/** What the rows of a table mean. */
interface Table {
  readonly header: readonly string[];
  /** What a row is, other than a statement. */
  readonly noun: NounKind | undefined;
  readonly map: CsvMap | undefined;
  /** The sources and topics of earlier rows. */
  readonly brought: Set<string>;
}

function* itemsOf(
  { header, noun, map, brought }: Table,
  cells: readonly string[],
  place: Place,
): Generator<ImportItem | Unread> {
  const given: Cells = Object.fromEntries(header.map((column, i) => [column, cells[i] ?? '']));
  if (cells.length > header.length) {
    yield refused(place, [], `has ${cells.length} cells, and the first line has ${header.length} columns`);
    return;
  }
  let row: Cells = given;
  let topics: ReturnType<typeof mappedRow>['topics'] = [];
  try {
    if (map) ({ row, topics } = mappedRow(map, given));
  } catch (error) {
    if (!(error instanceof FaultyCell)) throw error;
    yield refused(place, [error.column], error.message);
    return;
  }
  for (const [column, cell] of Object.entries(row)) {
    const fault = spreadsheetFault(column, cell);
    if (fault === null) continue;
    yield refused(place, [column], fault);
    return;
  }
  const collection = collectionIn(row);
  if (collection !== undefined && !isSlug(collection)) {
    yield refused(place, ['collection'], `is “${collection}”, which is not a slug`);
    return;
  }
  const length = cells.reduce((sum, cell) => sum + cell.length, 0);
  const membership = {
    ...(collection !== undefined && { collection }),
    ...(length > LONG_ITEM_LENGTH_MIN && { length }),
  };
  if (noun) {
    yield { kind: noun, value: nounOf(noun, row), place, ...membership };
    return;
  }
  const { statement, source } = statementOf(row);
  for (const [kind, value] of [
    ...topics.map((topic) => ['topic', topic] as const),
    ...(source ? [['source', source] as const] : []),
  ]) {
    const name = `${kind} ${JSON.stringify(value)}`;
    if (brought.has(name)) continue;
    if (brought.size === BROUGHT_LENGTH_MAX) brought.clear();
    brought.add(name);
    yield { kind, value, place, ...membership };
  }
  yield { kind: 'statement', value: statement, place, ...membership };
}
