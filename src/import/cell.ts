/*
 * A cell of CSV as the export writes it and the import reads it. docs/export.md specifies its grammar.
 */

/** Between the items of a list in one cell. */
export const ITEM_SEPARATOR = '; ';
const BLANK = /\s/;
/** The beginning of a cell that a spreadsheet would take for a formula, with or without apostrophes before it. */
const FORMULA = /^'*[=+\-@＝＋－＠\t\r\n]/;

/** A cell that no spreadsheet takes for a formula: an apostrophe is put before `=`, `+`, `-` and `@`. */
export const escapeFormula = (cell: string): string => (FORMULA.test(cell) ? `'${cell}` : cell);

/** Undoes `escapeFormula`. */
export const unescapeFormula = (cell: string): string =>
  cell.startsWith("'") && FORMULA.test(cell) ? cell.slice(1) : cell;

/** A list in one cell. A backslash stands before `;` and `\` within an item, and before a blank at its ends. */
export const joinItems = (items: readonly string[]): string =>
  items.map((item) => item.replace(/[\\;]|^\s|\s$/g, (character) => `\\${character}`)).join(ITEM_SEPARATOR);

/** Undoes `joinItems`. Blanks around an item do not count. An empty cell is an empty list. */
export function splitItems(cell: string): string[] {
  if (cell === '') return [];
  const items: string[] = [];
  let item = '';
  /** The length of the item without the blanks at its end. */
  let length = 0;
  for (let i = 0; i < cell.length; i += 1) {
    const character = cell.charAt(i);
    if (character === '\\' && i + 1 < cell.length) {
      i += 1;
      item += cell.charAt(i);
      length = item.length;
    } else if (character === ';') {
      items.push(item.slice(0, length));
      item = '';
      length = 0;
    } else if (!BLANK.test(character)) {
      item += character;
      length = item.length;
    } else if (item !== '') item += character;
  }
  items.push(item.slice(0, length));
  return items;
}

/** A line of CSV (RFC 4180), with its line end. */
export const csvLine = (cells: readonly string[]): string =>
  `${cells.map((cell) => (/[",;\t\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')}\r\n`;
