import { ReadoutError } from '../base/errors.ts';
import type { Transaction } from '../db/sql.ts';
import { codePointLength, sha256 } from './anchor.ts';
import { sourceDigest } from './content.ts';
import { identifierFaults, identifiersSql, refuseTakenIdentifiers, writeIdentifiers } from './identifier.ts';
import type { Fault } from './input/fault.ts';
import { type SourceInput, sourceInput } from './input/noun.ts';
import { WITHDRAWAL } from './save/former.ts';
import { ITEMS, itemsJson } from './save/rows.ts';
import type { NounRules, Patch, SavedEntry } from './save/rules.ts';
import { type SaveOptions, saveEntries } from './save/save.ts';
import { sourceWarnings } from './warning.ts';

interface Measures {
  readonly digest: string | null;
  readonly length: number | null;
  readonly faults: readonly Fault[];
}

/** The measures of inputs: a text of a million characters takes tens of milliseconds. */
const measures = new WeakMap<SourceInput, Measures>();

/** Digest and length of a source. They are computed from its text if it has one, and must then equal those of the input. */
export function measure(input: SourceInput): Measures {
  const known = measures.get(input);
  if (known) return known;
  const measured = measuresOf(input);
  measures.set(input, measured);
  return measured;
}

function measuresOf(input: SourceInput): Measures {
  if (input.text === undefined)
    return { digest: input.digest ?? null, length: input.length ?? null, faults: [] };
  const digest = sha256(input.text);
  const length = codePointLength(input.text);
  const faults: Fault[] = [];
  if (input.digest !== undefined && input.digest !== digest) {
    faults.push({ path: ['input', 'digest'], message: `is not the SHA-256 of text, which is ${digest}` });
  }
  if (input.length !== undefined && input.length !== length) {
    faults.push({
      path: ['input', 'length'],
      message: `is not the length of text, which has ${length} code points`,
    });
  }
  return { digest, length, faults };
}

/** $1 sources, $2 their lengths. The anchors of current statements that end after the length, of the first source that has any. */
const COUNT_LOST_ANCHORS = `
SELECT shorter.id, shorter.length, count(*)::int AS anchors, count(DISTINCT s.id)::int AS statements, min(s.slug) AS slug, max(anchor."end") AS "end"
FROM unnest($1::int[], $2::int[]) AS shorter (id, length)
JOIN statement s ON s.source_id = shorter.id AND s.status = 'CURRENT'
JOIN anchor ON anchor.statement_id = s.id AND anchor."end" > shorter.length AND anchor.status = 'PLACED'
GROUP BY shorter.id, shorter.length ORDER BY shorter.id LIMIT 1`;

/** @throws ReadoutError CONFLICT if anchors of current statements would end after the text of a source. */
async function refuseLostAnchors(
  tx: Transaction,
  entries: readonly SavedEntry<SourceInput>[],
): Promise<void> {
  const shorter = entries.flatMap((entry) => {
    const { former, content } = entry;
    const length = content.length as number | undefined;
    const before = former?.content.length as number | undefined;
    if (!former || length === undefined || (before !== undefined && length >= before)) return [];
    return [{ entry, id: former.id, length }];
  });
  if (shorter.length === 0) return;
  const [lost] = await tx.$queryRawUnsafe<
    { id: number; length: number; anchors: number; statements: number; slug: string; end: number }[]
  >(
    COUNT_LOST_ANCHORS,
    shorter.map(({ id }) => id),
    shorter.map(({ length }) => length),
  );
  if (!lost) return;
  const { length, anchors, statements, slug, end } = lost;
  const entry = shorter.find(({ id }) => id === lost.id)?.entry;
  throw new ReadoutError(
    'CONFLICT',
    `With ${length} code points the source ends before ${anchors} anchors of ${statements} statements (one is “${slug}”), the last ` +
      `of which ends at ${end}. Give the new text to reanchorSource, revise or retract these statements first, or save this edition under another slug.`,
    [...(entry?.path ?? []), entry?.input.text === undefined ? 'length' : 'text'],
    { anchors, statements, slug },
  );
}

/** SQL of a source, the row `t`, as JSON in the shape of its input. */
export const SOURCE_CONTENT = `json_build_object('slug', t.slug, 'title', t.title, 'url', t.url, 'publishedOn', t.published_on,
  'publisher', (SELECT slug FROM actor WHERE id = t.publisher_id), 'language', t.language, 'digest', t.digest,
  'length', t.length, 'text', t.text, 'licence', t.licence, 'identifiers', ${identifiersSql('source')}, ${WITHDRAWAL})`;

/** The columns of a source beside its slug, with their values from an item. */
const COLUMNS = {
  title: `j ->> 'title'`,
  publisher_id: `(j ->> 'publisherId')::int`,
  url: `j ->> 'url'`,
  published_on: `(j ->> 'publishedOn')::date`,
  language: `j ->> 'language'`,
  digest: `j ->> 'digest'`,
  length: `(j ->> 'length')::int`,
  text: `j ->> 'text'`,
  licence: `j ->> 'licence'`,
};

/** $1 items, with `publisherId`. */
const WRITE_SOURCES = `
WITH ${ITEMS},
  added AS (
    INSERT INTO source (id, slug, ${Object.keys(COLUMNS).join(', ')})
    SELECT id, slug, ${Object.values(COLUMNS).join(', ')} FROM item WHERE is_new ORDER BY n)
UPDATE source SET ${Object.entries(COLUMNS)
  .map(([column, value]) => `${column} = ${value}`)
  .join(', ')}
FROM item WHERE NOT is_new AND source.id = item.id`;

/** How sources are checked and written. */
export const SOURCE: NounRules<SourceInput> = {
  noun: 'source',
  shape: sourceInput,
  named: 'title',
  namesOf: ({ title }) => [title],
  contentSql: SOURCE_CONTENT,
  bytesSql: 'octet_length(t.text)',
  // Digest and length belong to the former text.
  keep: ({ digest, length, ...rest }, given) =>
    typeof given.text === 'string' ? rest : { ...rest, digest, length },
  visitReferences({ publisher }, path, want) {
    if (publisher) want('actor', publisher, [...path, 'publisher']);
  },
  contentOf(input, slug) {
    const { digest, length } = measure(input);
    return { ...input, slug, digest: digest ?? undefined, length: length ?? undefined };
  },
  digestOf: sourceDigest,
  faults: (input) => [...measure(input).faults, ...identifierFaults(input)],
  warnings: sourceWarnings,
  async check(tx, entries) {
    await refuseTakenIdentifiers(tx, 'source', entries);
    await refuseLostAnchors(tx, entries);
  },
  async write(tx, entries, idOf) {
    const items = itemsJson(entries, ({ publisher }) => ({
      publisherId: publisher ? idOf('actor', publisher) : undefined,
    }));
    await tx.$executeRawUnsafe(WRITE_SOURCES, items);
    await writeIdentifiers(tx, 'source', entries);
  },
};

/**
 * Creates or changes sources, as `saveEntries` describes.
 * @throws ReadoutError CONFLICT if anchors would end after a shorter text.
 */
export const saveSources = (tx: Transaction, patches: readonly Patch[], by: string, options?: SaveOptions) =>
  saveEntries(tx, SOURCE, patches, by, options);
