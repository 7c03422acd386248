import { type Document, isNode, LineCounter, parseDocument } from 'yaml';
import { ENTRY_KINDS, type ItemSource, type ReadOptions } from '../item.ts';
import { readWhole } from './whole.ts';

/** Bytes of a seed file that is read as an import. YAML is read whole. Write more as Readout JSONL. @limit bytes */
export const SEED_IMPORT_BYTES_MAX = 268_435_456;

/**
 * How often an anchor of YAML can be repeated, with the aliases in it. Without a limit, some lines can stand for more than fits into memory.
 * Beyond it the file is refused.
 * @limit times
 */
export const SEED_ALIASES_MAX = 1_000;

/** The content of a document of YAML; null where it repeats an anchor too often. */
function contentOf(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: SEED_ALIASES_MAX }) ?? {};
  } catch (error) {
    if (error instanceof ReferenceError) return null; // as the parser reports it
    throw error;
  }
}

/** Reads a seed file, YAML or JSON: the lists of entries that seed/README.md describes. */
export async function* readSeed(bytes: AsyncIterable<Uint8Array>, { file }: ReadOptions): ItemSource {
  const whole = await readWhole(bytes, SEED_IMPORT_BYTES_MAX, 'Write it as Readout JSONL');
  if ('reason' in whole) {
    yield { kind: 'unread', place: { file, line: 1 }, path: [], reason: whole.reason };
    return;
  }
  const lineCounter = new LineCounter();
  const document = parseDocument(whole.text, { lineCounter });
  for (const error of document.errors)
    yield {
      kind: 'unread',
      place: { file, line: error.linePos?.[0].line ?? 1 },
      path: [],
      reason: `is not valid YAML: ${error.message.split('\n')[0]}`,
    };
  if (document.errors.length > 0) return;
  const content = contentOf(document);
  if (content === null) {
    const reason = `repeats an anchor more than ${SEED_ALIASES_MAX} times. Write the entries without aliases`;
    yield { kind: 'unread', place: { file, line: 1 }, path: [], reason };
    return;
  }
  const lists = ENTRY_KINDS.map((kind) => `${kind}s`);
  if (typeof content !== 'object' || Array.isArray(content)) {
    yield {
      kind: 'unread',
      place: { file, line: 1 },
      path: [],
      reason: `must be a map of ${lists.join(', ')}`,
    };
    return;
  }
  const placeOf = (path: readonly (string | number)[]) => {
    const node: unknown = document.getIn(path, true);
    return { file, line: isNode(node) && node.range ? lineCounter.linePos(node.range[0]).line : 1 };
  };
  for (const [list, entries] of Object.entries(content)) {
    if (!lists.includes(list))
      yield {
        kind: 'unread',
        place: placeOf([list]),
        path: [list],
        reason: `is not one of ${lists.join(', ')}`,
      };
    else if (entries !== null && !Array.isArray(entries))
      yield { kind: 'unread', place: placeOf([list]), path: [list], reason: 'must be a list' };
  }
  for (const kind of ENTRY_KINDS) {
    const entries = (content as Record<string, unknown>)[`${kind}s`];
    if (!Array.isArray(entries)) continue;
    for (const [i, value] of entries.entries()) yield { kind, value, place: placeOf([`${kind}s`, i]) };
  }
}
