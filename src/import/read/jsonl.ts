import type { InputPath } from '../../base/errors.ts';
import { heapBytesOf, isObject } from '../../base/object.ts';
import { inSteps, nextTurn } from '../../base/steps.ts';
import { INPUT_MAX } from '../../domain/input/field.ts';
import { isSlug } from '../../domain/input/slug.ts';
import {
  ITEM_KINDS,
  type Item,
  type ItemKind,
  type ItemSource,
  LONG_ITEM_LENGTH_MIN,
  type Place,
  type ReadOptions,
  type Unread,
} from '../item.ts';
import { IMPORT_LINE_BYTES_MAX, readLines, TOO_LONG } from './lines.ts';

/** The version of Readout JSONL, the value of `readout` in the header. */
export const JSONL_VERSION = 1;

/** Values and lists of a line: parsing more takes longer than one turn of the event loop. A longer line is refused. @limit values */
export const IMPORT_LINE_VALUES_MAX = 50_000;
/** Characters of a line without the text of a source. A longer one is refused. @limit characters */
export const IMPORT_ENTRY_LENGTH_MAX = 1_048_576;
/** A line of more characters is parsed in steps. */
const LONG_LINE_LENGTH = 65_536;

/** Characters that are counted without a look at the clock. */
const STEP_LENGTH = 65_536;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Characters that begin a list, an object or another value. */
const BEGINNINGS: ReadonlySet<number> = new Set([...'[{,:'].map((character) => character.charCodeAt(0)));

/** Whether a JSON text has more than `IMPORT_LINE_VALUES_MAX` values, in steps. What is in strings does not count. */
function* hasTooManyValues(text: string): Generator<void, boolean> {
  let values = 0;
  let isInString = false;
  for (let i = 0; i < text.length && values <= IMPORT_LINE_VALUES_MAX; i += 1) {
    const character = text.charCodeAt(i);
    if (character === QUOTE) isInString = !isInString;
    else if (character === BACKSLASH) i += 1;
    else if (!isInString && BEGINNINGS.has(character)) values += 1;
    if (i % STEP_LENGTH === 0) yield;
  }
  return values > IMPORT_LINE_VALUES_MAX;
}

const KINDS: ReadonlySet<string> = new Set(ITEM_KINDS);
const KINDS_HINT = `Write an object with one key of ${ITEM_KINDS.slice(1).join(', ')}`;
const TOO_LARGE = `has more than ${IMPORT_ENTRY_LENGTH_MAX} characters, which only sources with their text can have`;
const TOO_MANY_VALUES = `has more than ${IMPORT_LINE_VALUES_MAX} values`;

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');

/** The place that a converted line carries as `place`; where it has none, the line itself. */
function placeOf(value: unknown, own: Place): Place {
  if (!isObject(value)) return own;
  const { file, line } = value;
  return typeof file === 'string' && typeof line === 'number' ? { file, line } : own;
}

function itemOf(text: string, own: Place): Item {
  const unread = (reason: string, path: InputPath = [], place = own): Unread => ({
    kind: 'unread',
    place,
    path,
    reason,
  });
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return unread('is not JSON. Write one JSON object a line');
  }
  if (!isObject(parsed)) return unread(`is not an object. ${KINDS_HINT}`);
  if ('readout' in parsed) {
    if (parsed.readout === JSONL_VERSION) return { kind: 'header', value: parsed, place: own };
    return unread(`is not a version that this service reads. It reads version ${JSONL_VERSION}`, ['readout']);
  }
  const { place: given, collection, recognised, ...rest } = parsed;
  const place = placeOf(given, own);
  const [kind, ...more] = Object.keys(rest);
  if (kind === undefined && collection !== undefined) return { kind: 'collection', value: collection, place };
  if (kind === undefined || more.length > 0) return unread(`must have one key. ${KINDS_HINT}`, [], place);
  const value = rest[kind];
  if (
    collection !== undefined &&
    collection !== null &&
    !(typeof collection === 'string' && isSlug(collection))
  )
    return unread('must be a slug, or null for none', ['collection'], place);
  if (KINDS.has(kind) && kind !== 'header')
    return {
      ...{ kind: kind as ItemKind, value, place },
      ...(text.length > LONG_ITEM_LENGTH_MIN && { length: text.length }),
      ...(collection !== undefined && { collection }),
      ...(isTexts(recognised) && { recognised }),
    };
  if (kind === 'unread' && isObject(value) && Array.isArray(value.path) && typeof value.reason === 'string')
    return unread(value.reason, value.path as InputPath, place);
  if (
    kind === 'omitted' &&
    isObject(value) &&
    typeof value.what === 'string' &&
    typeof value.count === 'number'
  )
    return { kind, place, what: value.what, count: value.count };
  return unread(`is not a kind of line. ${KINDS_HINT}`, [kind], place);
}

/** The item of a long line. Counting its values, parsing it and using it are separate turns of the event loop. */
async function longItemOf(text: string, place: Place): Promise<Item> {
  if (await inSteps(hasTooManyValues(text)))
    return { kind: 'unread', place, path: [], reason: TOO_MANY_VALUES };
  await nextTurn();
  const item = itemOf(text, place);
  await nextTurn();
  return isTooLarge(item, text.length)
    ? { kind: 'unread', place: item.place, path: [], reason: TOO_LARGE }
    : item;
}

/** Whether an item has more than its rules can allow, so that checking it would only take time and memory. */
function isTooLarge(item: Item, length: number): boolean {
  if (item.kind !== 'source' && item.kind !== 'change') return length > IMPORT_ENTRY_LENGTH_MAX;
  return heapBytesOf(item.value) > IMPORT_ENTRY_LENGTH_MAX + 2 * INPUT_MAX.sourceText;
}

/** Reads Readout JSONL. Empty lines are skipped. A line that can't be read is `unread`, and the next one is read. */
export async function* readJsonl(bytes: AsyncIterable<Uint8Array>, { file }: ReadOptions): ItemSource {
  for await (const { line, text, reason } of readLines(bytes)) {
    const place = { file, line };
    if (text === null) yield { kind: 'unread', place, path: [], reason };
    else if (text.length > LONG_LINE_LENGTH) yield longItemOf(text, place);
    else if (text.trim() !== '') yield itemOf(text, place);
  }
}

/** A line of Readout JSONL, with its newline. @param withPlace whether the line says where the item comes from. */
export function jsonlLine(item: Item, withPlace = false): string {
  const place = withPlace ? { place: item.place } : {};
  if (item.kind === 'unread')
    return `${JSON.stringify({ unread: { path: item.path, reason: item.reason }, ...place })}\n`;
  if (item.kind === 'omitted')
    return `${JSON.stringify({ omitted: { what: item.what, count: item.count }, ...place })}\n`;
  if (item.kind === 'header') return `${JSON.stringify(item.value)}\n`;
  const { kind, value, collection, recognised } = item;
  // Of two equal keys the last one counts, and the line of a collection has its description under that key.
  return `${JSON.stringify({ collection, recognised, [kind]: value, ...place })}\n`; // leaves undefined out
}

/** A line of Readout JSONL with its place. An item that is too large to be read again becomes the reason why it is refused. */
export async function readableLine(item: Item): Promise<string> {
  const line = jsonlLine(item, true);
  if (line.length <= LONG_LINE_LENGTH) return line;
  const isTooLong = Buffer.byteLength(line) > IMPORT_LINE_BYTES_MAX;
  if (!isTooLong && !(await inSteps(hasTooManyValues(line)))) return line;
  const reason = isTooLong ? TOO_LONG : TOO_MANY_VALUES;
  return jsonlLine({ kind: 'unread', place: item.place, path: [], reason }, true);
}
