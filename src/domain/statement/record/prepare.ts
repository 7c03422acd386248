import { randomUUID } from 'node:crypto';
import { inSteps } from '../../../base/steps.ts';
import type { Queryable } from '../../../db/client.ts';
import { type Sql, sqlOf } from '../../../db/sql.ts';
import { sha256 } from '../../anchor.ts';
import { canonicalJson } from '../../content.ts';
import { type Fault, formedFields, parseInput } from '../../input/fault.ts';
import type { LinkEnd } from '../../input/link.ts';
import { renameActors } from '../../input/redirect.ts';
import { References } from '../../input/reference.ts';
import { makeSlug } from '../../input/slug.ts';
import { type StatementInput, statementInput } from '../../input/statement.ts';
import { type CollectionOfEach, collectionAt } from '../../save/save.ts';
import { type Draft, makeDraft } from '../draft.ts';
import { statementFaults, unknownFaults, visitReferences } from '../faults.ts';

const SLUG_SUFFIX_LENGTH = 10;

/** An input whose form is right. */
export interface StatementItem {
  readonly input: StatementInput;
  readonly path: readonly (string | number)[];
  /** The given slug, or one made from the text or quote. It may be taken. */
  readonly slug: string;
  readonly key: string | null;
  readonly digest: string;
}

/** A statement of the record that has the key or the slug of an input. */
export interface KnownStatement {
  readonly id: number;
  readonly slug: string;
  readonly key: string | null;
  readonly inputDigest: string;
  readonly addedPosition: bigint;
  readonly isRetracted: boolean;
  /** Whether it was retracted with its collection, so that an import can make it current again: see `reinstateStatement`. */
  readonly isReinstatable: boolean;
}

/** An input whose form has faults, with the fields whose form is right. */
interface MalformedItem {
  readonly path: readonly (string | number)[];
  readonly faults: readonly Fault[];
  readonly fields: Partial<StatementInput>;
}

/** SHA-256 of the content of an input. It shows whether a key was used for the same content. */
export const inputDigest = ({ key: _, ...content }: StatementInput): string => sha256(canonicalJson(content));

/** The inputs, or the faults of their form. A list is long work, so it is done in steps. */
function* parseItems(
  inputs: readonly unknown[],
  { pathOf = (i) => ['input', i], keyOf, digestOf }: PrepareOptions,
): Generator<void, (StatementItem | MalformedItem)[]> {
  const items: (StatementItem | MalformedItem)[] = [];
  for (const [i, raw] of inputs.entries()) {
    yield;
    const path = pathOf(i);
    const faults: Fault[] = [];
    const input = parseInput(statementInput, raw, path, faults);
    if (!input) {
      items.push({ path, faults, fields: formedFields(statementInput, raw) });
      continue;
    }
    const { key } = input;
    const slug = input.slug ?? makeSlug(input.text ?? input.quote ?? '');
    const digest = digestOf?.(i) ?? inputDigest(input);
    items.push({ input, path, slug, key: key ?? input.slug ?? keyOf?.(digest, i) ?? null, digest });
  }
  return items;
}

function otherContent(item: StatementItem, known: { slug: string; digest: string }): Fault[] {
  if (known.digest === item.digest) return [];
  return [
    {
      path: [...item.path, item.input.key === undefined ? 'slug' : 'key'],
      message: `“${item.key}” was used for the statement “${known.slug}” with other content. Use a new key for a new statement, or reviseStatement to change the old one`,
      slug: known.slug,
    },
  ];
}

/** `taken_statements` keeps one plan, which reads both unique indexes, for tables of any size. */
const FIND_TAKEN = `
  SELECT id, slug, key, input_digest AS "inputDigest", added_position AS "addedPosition", status = 'RETRACTED' AS "isRetracted",
      is_reinstatable AS "isReinstatable"
    FROM taken_statements($1::text[], $2::text[])`;

/** The statements that already have one of the items' keys or wanted slugs. */
async function findTaken(
  sql: Sql,
  items: readonly StatementItem[],
): Promise<{
  byKey: Map<string, KnownStatement>;
  bySlug: Map<string, KnownStatement>;
  slugs: Set<string>;
}> {
  const keys = items.flatMap(({ key }) => (key === null ? [] : [key]));
  const slugs = items.map(({ slug }) => slug);
  const rows = await sql.rows<KnownStatement>(FIND_TAKEN, slugs, keys);
  return {
    byKey: new Map(rows.flatMap((row) => (row.key === null ? [] : [[row.key, row]]))),
    bySlug: new Map(rows.map((row) => [row.slug, row])),
    slugs: new Set(rows.map((row) => row.slug)),
  };
}

/** The given slug, or one made from the text or quote. It is added to `taken`. A given slug that is taken is a conflict. */
function chooseSlug(item: StatementItem, taken: Set<string>, conflicts: Fault[]): string {
  const given = item.input.slug;
  if (given !== undefined && taken.has(given)) {
    conflicts.push({
      path: [...item.path, 'slug'],
      message: `“${given}” is taken. Choose another`,
      slug: given,
    });
  }
  const suffix = () => sha256(item.key ?? randomUUID()).slice(0, SLUG_SUFFIX_LENGTH);
  const slug = taken.has(item.slug) ? `${item.slug}-${suffix()}` : item.slug;
  taken.add(slug);
  return slug;
}

/** The result of checking one input of a list. */
export type Prepared =
  /** `draft` is the index of its draft. */
  | { readonly fate: 'new'; readonly draft: number }
  /** The record has its key with the same content; `draft` where an earlier item of the list has it. */
  | { readonly fate: 'known'; readonly row: KnownStatement | null; readonly draft: number | null }
  /** The record, or an earlier item of the list, has its key with other content. */
  | { readonly fate: 'differs'; readonly row: KnownStatement | null; readonly faults: readonly Fault[] }
  | { readonly fate: 'faulty'; readonly faults: readonly Fault[] };

/** A list of checked statements that can be written. */
export interface PreparedList {
  /** One for each input, in its order. */
  readonly results: readonly Prepared[];
  /** The inputs whose form is right; undefined for the others. */
  readonly items: readonly (StatementItem | undefined)[];
  readonly drafts: readonly Draft[];
  readonly references: References;
}

export interface PrepareOptions {
  /** The path of the i-th input in the request. */
  readonly pathOf?: (i: number) => (string | number)[];
  /** Finds what the inputs refer to. Default: new ones, which look everything up. */
  readonly references?: References;
  /** Slugs that statements which are being written take. */
  readonly reserved?: readonly ReadonlySet<string>[];
  /** The key of the i-th input where it has neither key nor slug, made from the digest of its content. Default: none. */
  readonly keyOf?: (digest: string, i: number) => string;
  /** The digest of the i-th input, where it is not that of its content. Default: none. */
  readonly digestOf?: (i: number) => string | undefined;
  /** Awaited before the record is searched for the keys and slugs. */
  readonly beforeLookUp?: (items: readonly StatementItem[]) => Promise<void>;
  /** Id of the collection that new statements belong to, or one for each. Default: none. */
  readonly collection?: CollectionOfEach;
  /** Whether a faulty item is left out. Then no other item may link to it. Default: one faulty item refuses the list. */
  readonly eachAlone?: boolean;
}

/**
 * Checks statements and makes their drafts. Writes nothing.
 * @param inputs RecordStatementInputs, unchecked.
 */
export async function prepareStatements(
  db: Queryable,
  inputs: readonly unknown[],
  options: PrepareOptions = {},
): Promise<PreparedList> {
  const {
    references = new References(),
    reserved,
    eachAlone = false,
    beforeLookUp,
    collection = null,
  } = options;
  const results: Prepared[] = [];
  const parsedItems = await inSteps(parseItems(inputs, options));
  const formed = parsedItems.filter((parsed) => 'input' in parsed);
  for (const item of parsedItems) {
    const fields = 'input' in item ? item.input : item.fields;
    visitReferences(fields, item.path, (noun, slug) => references.want(noun, slug));
  }
  await beforeLookUp?.(formed);
  await references.find(db);
  const items = parsedItems.map((parsed) =>
    'input' in parsed ? { ...parsed, input: renameActors(parsed.input, references.presentSlug) } : parsed,
  );
  const taken = await findTaken(sqlOf(db), formed);
  for (const slugs of reserved ?? []) for (const slug of slugs) taken.slugs.add(slug);

  const drafts: Draft[] = [];
  const itemNumbers = new Map<string, number>();
  const itemsBySlug = new Map<string, LinkEnd>();
  const firstByKey = new Map<string, { slug: string; digest: string; draft: number | null }>();
  const refuse = ({ path, faults, fields }: MalformedItem): Prepared => {
    const unknown = unknownFaults(fields, path, references, (slug) => itemsBySlug.get(slug));
    const { slug, said, speakers } = fields;
    if (!eachAlone && slug && said && speakers) {
      // The whole list is refused, so that no link to it is written.
      itemsBySlug.set(slug, { said, speakers });
      itemNumbers.set(slug, drafts.length + 1);
    }
    return { fate: 'faulty', faults: [...faults, ...unknown] };
  };
  const prepare = (item: StatementItem, i: number): Prepared => {
    const known = item.key === null ? undefined : taken.byKey.get(item.key);
    if (known) {
      const conflicts = otherContent(item, { slug: known.slug, digest: known.inputDigest });
      if (conflicts.length > 0) return { fate: 'differs', row: known, faults: conflicts };
      return { fate: 'known', row: known, draft: null };
    }
    const sibling = item.key === null ? undefined : firstByKey.get(item.key);
    if (sibling) {
      const conflicts = otherContent(item, sibling);
      if (conflicts.length > 0) return { fate: 'differs', row: null, faults: conflicts };
      return { fate: 'known', row: null, draft: sibling.draft };
    }
    const faults = statementFaults(item.input, item.path, references, (slug) => itemsBySlug.get(slug));
    if (eachAlone && faults.length > 0) return { fate: 'faulty', faults };
    const conflicts: Fault[] = [];
    const slug = chooseSlug(item, taken.slugs, conflicts);
    if (eachAlone && conflicts.length > 0)
      return { fate: 'differs', row: taken.bySlug.get(slug) ?? null, faults: conflicts };
    itemNumbers.set(slug, drafts.length + 1);
    itemsBySlug.set(slug, item.input);
    const draft = faults.length > 0 ? null : drafts.length;
    if (item.key !== null) firstByKey.set(item.key, { slug, digest: item.digest, draft });
    if (draft === null) return { fate: 'faulty', faults: [...faults, ...conflicts] };
    if (conflicts.length > 0) return { fate: 'differs', row: null, faults: conflicts };
    const identity = { slug, key: item.key, inputDigest: item.digest };
    const collectionId = collectionAt(collection, i);
    drafts.push(
      makeDraft(item.input, identity, references, (to) => itemNumbers.get(to) ?? null, collectionId),
    );
    return { fate: 'new', draft };
  };
  await inSteps(
    (function* (): Generator<void, void> {
      for (const [i, parsed] of items.entries()) {
        results.push('input' in parsed ? prepare(parsed, i) : refuse(parsed));
        yield;
      }
    })(),
  );
  return {
    results,
    items: items.map((parsed) => ('input' in parsed ? parsed : undefined)),
    drafts,
    references,
  };
}
