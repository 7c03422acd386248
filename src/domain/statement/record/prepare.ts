import { randomUUID } from 'node:crypto';
import { inSteps, nextTurn } from '../../../base/steps.ts';
import { type Queryable, type Sql, sqlOf } from '../../../db/sql.ts';
import { sha256 } from '../../anchor.ts';
import type { Fault } from '../../input/fault.ts';
import type { LinkEnd } from '../../input/link.ts';
import { renameActors } from '../../input/redirect.ts';
import { References } from '../../input/reference.ts';
import { type CollectionOfEach, collectionAt } from '../../save/save.ts';
import { type Draft, makeDraft } from '../draft.ts';
import { statementFaults, unknownFaults, visitReferences } from '../faults.ts';
import {
  type ItemOptions,
  isWellFormed,
  type MalformedItem,
  parseItems,
  type StatementItem,
} from './item.ts';

const SLUG_SUFFIX_LENGTH = 10;

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

/** `taken_statements` keeps one plan, which reads both unique indexes, for tables of any size. */
const FIND_TAKEN = `
  SELECT id, slug, key, input_digest AS "inputDigest", added_position AS "addedPosition", status = 'RETRACTED' AS "isRetracted",
      is_reinstatable AS "isReinstatable"
    FROM taken_statements($1::text[], $2::text[])`;

/** The statements of the record that have a key or slug of one of the items. */
function findTaken(sql: Sql, items: readonly StatementItem[]): Promise<KnownStatement[]> {
  const keys = items.flatMap(({ key }) => (key === null ? [] : [key]));
  const slugs = items.map(({ slug }) => slug);
  return sql.rows<KnownStatement>(FIND_TAKEN, slugs, keys);
}

/** The fault of a key that was used for other content; none if the content is the same. */
function keyFaults(item: StatementItem, known: { slug: string; digest: string }): Fault[] {
  if (known.digest === item.digest) return [];
  const message = `“${item.key}” was used for the statement “${known.slug}” with other content. Use a new key for a new statement, or reviseStatement to change the old one`;
  return [{ path: [...item.path, item.input.key === undefined ? 'slug' : 'key'], message, slug: known.slug }];
}

/** The result of checking one input of a list. */
export type Prepared =
  /** `draft` is the index of its draft. */
  | { readonly outcome: 'new'; readonly draft: number }
  /** The record has its key with the same content; `draft` where an earlier item of the list has it. */
  | { readonly outcome: 'known'; readonly row: KnownStatement | null; readonly draft: number | null }
  /** The record, or an earlier item of the list, has its key with other content. */
  | { readonly outcome: 'differs'; readonly row: KnownStatement | null; readonly faults: readonly Fault[] }
  | { readonly outcome: 'faulty'; readonly faults: readonly Fault[] };

/** A list of checked statements that can be written. */
export interface PreparedList {
  /** One for each input, in its order. */
  readonly results: readonly Prepared[];
  /** The inputs whose form is right; undefined for the others. */
  readonly items: readonly (StatementItem | undefined)[];
  readonly drafts: readonly Draft[];
  readonly references: References;
}

export interface PrepareOptions extends ItemOptions {
  /** Finds what the inputs refer to. Default: new ones, which look everything up. */
  readonly references?: References;
  /** Slugs that statements which are being written take. */
  readonly reserved?: readonly ReadonlySet<string>[];
  /** Awaited before the record is searched for the keys and slugs. */
  readonly beforeLookUp?: (items: readonly StatementItem[]) => Promise<void>;
  /** Id of the collection that new statements belong to, or one for each. Default: none. */
  readonly collection?: CollectionOfEach;
  /** Whether a faulty item is left out. Then no other item may link to it. Default: one faulty item refuses the list. */
  readonly skipFaulty?: boolean;
}

/** Checks the items of one list in their order. An item can link to an earlier one, or repeat its key. */
class Preparation {
  readonly #references: References;
  readonly #known: ReadonlyMap<string, KnownStatement>;
  readonly #takenSlugs: Set<string>;
  readonly #skipFaulty: boolean;
  /** The items that others can link to, by slug: their numbers in the list that is written, from 1. */
  readonly #numbers = new Map<string, number>();
  readonly #linkEnds = new Map<string, LinkEnd>();
  readonly #byKey = new Map<string, { slug: string; digest: string; draft: number | null }>();
  readonly drafts: Draft[] = [];

  /**
   * @param taken the statements of the record that have a key or slug of the items.
   * @param reserved slugs that statements which are being written take.
   */
  constructor(
    references: References,
    taken: readonly KnownStatement[],
    reserved: readonly ReadonlySet<string>[],
    skipFaulty: boolean,
  ) {
    this.#references = references;
    this.#known = new Map(taken.flatMap((row) => (row.key === null ? [] : [[row.key, row]])));
    this.#takenSlugs = new Set([
      ...taken.map(({ slug }) => slug),
      ...reserved.flatMap((slugs) => [...slugs]),
    ]);
    this.#skipFaulty = skipFaulty;
  }

  prepare(item: StatementItem, collectionId: number | null): Prepared {
    return this.#findKey(item) ?? this.#makeDraft(item, collectionId);
  }

  refuse({ path, faults, fields }: MalformedItem): Prepared {
    const unknown = unknownFaults(fields, path, this.#references, this.#linkEndOf);
    const { slug, said, speakers } = fields;
    // The whole list is refused, so that no link to it is written.
    if (!this.#skipFaulty && slug && said && speakers) this.#allowLinks(slug, { said, speakers });
    return { outcome: 'faulty', faults: [...faults, ...unknown] };
  }

  readonly #linkEndOf = (slug: string): LinkEnd | undefined => this.#linkEnds.get(slug);
  readonly #numberOf = (slug: string): number | null => this.#numbers.get(slug) ?? null;

  #allowLinks(slug: string, end: LinkEnd): void {
    this.#linkEnds.set(slug, end);
    this.#numbers.set(slug, this.drafts.length + 1);
  }

  /** The result for an item whose key the record or an earlier item has; null for a new key. */
  #findKey(item: StatementItem): Prepared | null {
    if (item.key === null) return null;
    const row = this.#known.get(item.key) ?? null;
    const earlier = row ? undefined : this.#byKey.get(item.key);
    const known = row ? { slug: row.slug, digest: row.inputDigest } : earlier;
    if (!known) return null;
    const faults = keyFaults(item, known);
    if (faults.length > 0) return { outcome: 'differs', row, faults };
    return { outcome: 'known', row, draft: earlier?.draft ?? null };
  }

  #makeDraft(item: StatementItem, collectionId: number | null): Prepared {
    const { input, path, key, digest } = item;
    const faults = statementFaults(input, path, this.#references, this.#linkEndOf);
    if (this.#skipFaulty && faults.length > 0) return { outcome: 'faulty', faults };
    const conflicts = this.#slugConflicts(item);
    const slug = this.#takeSlug(item);
    if (this.#skipFaulty && conflicts.length > 0) return { outcome: 'differs', row: null, faults: conflicts };
    this.#allowLinks(slug, input);
    const draft = faults.length > 0 ? null : this.drafts.length;
    if (key !== null) this.#byKey.set(key, { slug, digest, draft });
    if (draft === null) return { outcome: 'faulty', faults: [...faults, ...conflicts] };
    if (conflicts.length > 0) return { outcome: 'differs', row: null, faults: conflicts };
    const identity = { slug, key, inputDigest: digest };
    this.drafts.push(makeDraft(input, identity, this.#references, this.#numberOf, collectionId));
    return { outcome: 'new', draft };
  }

  /** A given slug that is taken is a conflict. */
  #slugConflicts({ input: { slug }, path }: StatementItem): Fault[] {
    if (slug === undefined || !this.#takenSlugs.has(slug)) return [];
    return [{ path: [...path, 'slug'], message: `“${slug}” is taken. Choose another`, slug }];
  }

  /** The slug of an item, with a suffix if it is taken. No other item gets it. */
  #takeSlug({ slug: wanted, key }: StatementItem): string {
    const suffix = () => sha256(key ?? randomUUID()).slice(0, SLUG_SUFFIX_LENGTH);
    const slug = this.#takenSlugs.has(wanted) ? `${wanted}-${suffix()}` : wanted;
    this.#takenSlugs.add(slug);
    return slug;
  }
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
    reserved = [],
    beforeLookUp,
    collection = null,
    skipFaulty = false,
  } = options;
  if (inputs.length > 1) await nextTurn(); // parsing a long list has taken this one
  const parsed = await inSteps(parseItems(inputs, options));
  for (const item of parsed) {
    const fields = isWellFormed(item) ? item.input : item.fields;
    visitReferences(fields, item.path, (noun, slug) => references.want(noun, slug));
  }
  const wellFormed = parsed.filter(isWellFormed);
  await beforeLookUp?.(wellFormed);
  await references.find(db);
  const taken = await findTaken(sqlOf(db), wellFormed);
  const items = parsed.map((item) =>
    isWellFormed(item) ? { ...item, input: renameActors(item.input, references.presentSlug) } : item,
  );
  const preparation = new Preparation(references, taken, reserved, skipFaulty);
  const results: Prepared[] = [];
  await inSteps(
    (function* (): Generator<void, void> {
      for (const [i, item] of items.entries()) {
        results.push(
          isWellFormed(item)
            ? preparation.prepare(item, collectionAt(collection, i))
            : preparation.refuse(item),
        );
        yield;
      }
    })(),
  );
  return {
    results,
    items: items.map((item) => (isWellFormed(item) ? item : undefined)),
    drafts: preparation.drafts,
    references,
  };
}
