import { parse } from 'yaml';
import { z } from 'zod';
import { ReadoutError } from '../../base/errors.ts';
import { type Fault, formatPath, parseInput } from '../../domain/input/fault.ts';
import { makeSlug } from '../../domain/input/slug.ts';
import { joinItems } from '../cell.ts';
import { STATEMENT_COLUMNS } from '../cells.ts';

/** The cells of a row by their columns. */
export type Cells = Readonly<Record<string, string>>;

const target = z.enum(
  STATEMENT_COLUMNS as [string, ...string[]],
  'must be a column of the export (docs/export.md), such as text or source.title',
);

const columnShape = z.strictObject({
  /** The column of the export. */
  to: target,
  /** Separates the items of a list: `|`. */
  split: z.string().min(1).optional(),
  /** What its values mean: `{ pro: SUPPORTS, con: OPPOSES }`. A value that it lacks is refused. */
  enum: z.record(z.string(), z.string()).optional(),
  /** How dates are written: `DD.MM.YYYY`. */
  date: z
    .string()
    .regex(
      /^[^A-Za-z]*(D{1,2}|M{1,2}|YYYY)([^A-Za-z]+(D{1,2}|M{1,2}|YYYY))*[^A-Za-z]*$/,
      'must be made of D, DD, M, MM and YYYY, such as DD.MM.YYYY',
    )
    .optional(),
  /** Whether the cell has names, from which the slugs are made. */
  slug: z.boolean().optional(),
  /** The names are topics that the import adds. Those of `proposition` are their propositions, too, which a stance needs. */
  adds: z.enum(['topic', 'proposition'], 'must be topic or proposition').optional(),
});

const COLUMN_FAULT =
  'must be a column of the export (docs/export.md), such as text, or an object with it as “to” and the keys in docs/import.md';

const mapShape = z.strictObject({
  columns: z.record(z.string(), z.union([target.transform((to) => ({ to })), columnShape], COLUMN_FAULT)),
  constants: z.partialRecord(target, z.string()).default({}),
});

/** What the columns of a foreign table mean. docs/import.md describes the file. */
export type CsvMap = z.output<typeof mapShape>;
type Column = z.output<typeof columnShape>;

/** A cell that can't be mapped. The message follows the name of its column. */
export class FaultyCell extends Error {
  constructor(
    readonly column: string,
    message: string,
  ) {
    super(message);
  }
}

/**
 * Parses a mapping file, YAML or JSON.
 * @throws ReadoutError INVALID_INPUT with the path and reason of every fault.
 */
export function parseCsvMap(name: string, text: string): CsvMap {
  const faults: Fault[] = [];
  let content: unknown;
  try {
    content = parse(text);
  } catch (error) {
    throw new ReadoutError(
      'INVALID_INPUT',
      `${name} is not valid YAML: ${error instanceof Error ? error.message : error}`,
    );
  }
  const map = parseInput<CsvMap>(mapShape as z.ZodType<CsvMap>, content, [], faults);
  if (map) return map;
  const lines = faults.map(({ path, message }) => `  ${formatPath(path)} ${message}`);
  throw new ReadoutError('INVALID_INPUT', `${name} is not a mapping.\n${lines.join('\n')}`);
}

/** A day by its format; null where the cell has another form. */
function dayOf(cell: string, format: string): string | null {
  const names: string[] = [];
  const pattern = format.replace(/YYYY|MM?|DD?|[.*+?^${}()|[\]\\]/g, (part) => {
    if (!/^[YMD]/.test(part)) return `\\${part}`;
    names.push(part.charAt(0));
    return part === 'YYYY' ? '(\\d{4})' : part.length === 2 ? '(\\d{2})' : '(\\d{1,2})';
  });
  const match = new RegExp(`^${pattern}$`).exec(cell);
  if (!match) return null;
  const partOf = (name: string): string | undefined => match[names.indexOf(name) + 1]?.padStart(2, '0');
  return ['Y', 'M', 'D']
    .filter((name) => names.includes(name))
    .map(partOf)
    .join('-');
}

/** A topic that a row adds. */
interface AddedTopic {
  readonly slug: string;
  readonly name: string;
  readonly proposition?: string;
}

/** The row in the columns of the export, and the topics that it adds. @throws FaultyCell */
export function mappedRow(
  { columns, constants }: CsvMap,
  given: Cells,
): { row: Cells; topics: AddedTopic[] } {
  const row: Record<string, string> = { ...(constants as Cells) };
  const topics: AddedTopic[] = [];
  for (const [name, column] of Object.entries<Column>(columns)) {
    const cell = given[name]?.trim() ?? '';
    if (cell === '') continue;
    const items = (column.split === undefined ? [cell] : cell.split(column.split))
      .map((item) => item.trim())
      .filter(Boolean);
    const values = items.map((item) => mappedCell(name, column, item));
    if (column.adds) {
      const proposition = (item: string) => (column.adds === 'proposition' ? { proposition: item } : {});
      topics.push(...items.map((item) => ({ slug: makeSlug(item), name: item, ...proposition(item) })));
    }
    const value = column.split === undefined ? (values[0] ?? '') : joinItems(values);
    const isStance = column.to === 'topics' && row.topics !== undefined && column.enum !== undefined;
    row[column.to] = isStance ? `${row.topics}:${value}` : value;
  }
  return { row, topics };
}

function mappedCell(name: string, { date, enum: values, slug }: Column, item: string): string {
  if (values) {
    const value = values[item];
    if (value === undefined) throw new FaultyCell(name, `is “${item}”, which the mapping does not name`);
    return value;
  }
  if (date !== undefined) {
    const day = dayOf(item, date);
    if (day === null) throw new FaultyCell(name, `is “${item}”, which is not a date of the form ${date}`);
    return day;
  }
  return slug ? makeSlug(item) : item;
}
