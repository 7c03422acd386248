import type { ItemSource, ReadOptions, Unread } from '../../item.ts';
import { Omissions } from '../omissions.ts';
import { readWhole } from '../whole.ts';
import { corpusSchemeOf, People } from './people.ts';
import { Sitting } from './sitting.ts';
import { childrenOf, descendantsOf, parseXml, type XmlElement, XmlFault } from './xml.ts';

export interface ParlamintOptions extends ReadOptions {
  /**
   * Opens a file that the file of a corpus includes, by its path there. Without it, each included file is reported as unread; import
   * it by itself.
   */
  readonly open?: (href: string) => AsyncIterable<Uint8Array>;
}

const MARKED_WORDS =
  'has its words marked one by one. Import the file of the same name without “.ana”, which has the same text';
const REFUSED = { w: MARKED_WORDS, pc: MARKED_WORDS };

/** Files that a corpus includes and that describe its marks only. */
const DESCRIPTIONS = new Set(['taxonomy', 'listRelation']);

/** Whether a path stays in the folder of the corpus. */
export const isWithin = (href: string): boolean => !/^[/\\]|(^|[/\\])\.\.([/\\]|$)|:/.test(href);

async function parse(bytes: AsyncIterable<Uint8Array>, file: string): Promise<XmlElement | Unread> {
  const unread = (line: number, reason: string): Unread => ({
    kind: 'unread',
    place: { file, line },
    path: [],
    reason,
  });
  const whole = await readWhole(bytes).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return { reason: 'is not there, though the file of the corpus includes it' };
    throw error;
  });
  if ('reason' in whole) return unread(1, whole.reason);
  try {
    return parseXml(whole.text, REFUSED);
  } catch (error) {
    if (!(error instanceof XmlFault)) throw error;
    return unread(error.line, error.message);
  }
}

const isUnread = (parsed: XmlElement | Unread): parsed is Unread => 'kind' in parsed;

/**
 * Reads a file of ParlaMint: of a whole corpus, of its persons or organisations, or of one sitting. docs/import-formats.md has the
 * mapping. It holds the persons of the corpus and one sitting at a time.
 */
export async function* readParlamint(
  bytes: AsyncIterable<Uint8Array>,
  options: ParlamintOptions,
): ItemSource {
  const { file, keepText = false, open } = options;
  const omissions = new Omissions();
  const root = await parse(bytes, file);
  if (isUnread(root)) return yield root;
  const scheme = corpusSchemeOf(root.attributes['xml:id'] ?? file);
  const people = new People(scheme);
  yield {
    kind: 'header',
    value: { readout: 1, recognise: true, placed: true },
    place: { file, line: root.line },
  };
  if (root.name === 'TEI') {
    people.add(root, file);
    yield* people.items(omissions, true);
    yield* new Sitting(root, file, scheme).items(keepText, omissions);
  } else {
    people.add(root, file);
    // Persons have affiliations in organisations of other files, so that the actors wait for all of these.
    let isWaiting = true;
    for (const { attributes, line } of descendantsOf(root, 'include')) {
      const href = attributes.href ?? '';
      const place = { file, line };
      if (!open) {
        yield {
          kind: 'unread',
          place,
          path: ['include'],
          reason: `names the file “${href}”, which was not sent along`,
        };
        continue;
      }
      if (!isWithin(href)) {
        yield {
          kind: 'unread',
          place,
          path: ['include'],
          reason: `names “${href}”, which is not in the folder of the file`,
        };
        continue;
      }
      const included = await parse(open(href), href);
      if (isUnread(included)) yield included;
      else if (DESCRIPTIONS.has(included.name)) omissions.add('descriptions of marks', place);
      else if (included.name !== 'TEI') people.add(included, href);
      else {
        if (isWaiting) yield* people.items(omissions);
        isWaiting = false;
        yield* new Sitting(included, href, scheme).items(keepText, omissions);
      }
    }
    for (const sitting of childrenOf(root, 'TEI')) {
      if (isWaiting) yield* people.items(omissions);
      isWaiting = false;
      yield* new Sitting(sitting, file, scheme).items(keepText, omissions);
    }
    if (isWaiting && people.isEmpty)
      yield {
        kind: 'unread',
        place: { file, line: root.line },
        path: [],
        reason: `is not ParlaMint: its root is “${root.name}”, with neither persons nor sittings`,
      };
    else if (isWaiting) yield* people.items(omissions);
  }
  yield* omissions.items();
}
