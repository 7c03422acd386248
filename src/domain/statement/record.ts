import { randomUUID } from 'node:crypto';
import { ReadoutError } from '../../base/errors.ts';
import { inSteps } from '../../base/steps.ts';
import type { Queryable } from '../../db/client.ts';
import { PLANNED_EACH_TIME } from '../../db/preparedNames.ts';
import { OvertakenError } from '../../db/transaction.ts';
import { sha256 } from '../anchor.ts';
import { canonicalJson } from '../content.ts';
import { type Fault, parseInput, refuseFaults } from '../input/fault.ts';
import { INPUT_MAX } from '../input/field.ts';
import { type StatementInput, statementInput } from '../input/input.ts';
import { References } from '../input/reference.ts';
import { makeSlug } from '../input/slug.ts';
import { statementWarnings, type Warning } from '../warning.ts';
import { type Draft, draftFaults, makeDraft, visitReferences } from './draft.ts';
import { ADD_CODED_STATEMENTS, ADD_STATEMENTS } from './sql.ts';

const SLUG_SUFFIX_LENGTH = 10;

/** The result for one input: the statement that was recorded now, or the one that was recorded before with its key. */
export interface Recorded {
  readonly id: number;
  /** Position of its STATEMENT_ADDED. */
  readonly position: bigint;
  /** False if the same key was used before for the same content. */
  readonly created: boolean;
  /** What is odd about it now, also where the same key was used before. */
  readonly warnings: readonly Warning[];
}

interface Item {
  readonly input: StatementInput;
  readonly path: readonly (string | number)[];
  /** The given slug, or one made from the text or quote. It may be taken. */
  readonly slug: string;
  readonly key: string | null;
  readonly digest: string;
}

interface WrittenRow {
  id: number;
  position: bigint;
}

interface TakenRow {
  id: number;
  slug: string;
  key: string | null;
  inputDigest: string;
  addedPosition: bigint;
}

/** The inputs whose form is right. The faults of the others are added to `faults`. A list is long work, so it is done in steps. */
function* parseItems(
  inputs: readonly unknown[],
  pathOf: (i: number) => (string | number)[],
  faults: Fault[],
): Generator<void, Item[]> {
  const items: Item[] = [];
  for (const [i, raw] of inputs.entries()) {
    yield;
    const path = pathOf(i);
    const input = parseInput(statementInput, raw, path, faults);
    if (!input) continue;
    const { key, ...content } = input;
    const slug = input.slug ?? makeSlug(input.text ?? input.quote ?? '');
    items.push({ input, path, slug, key: key ?? input.slug ?? null, digest: sha256(canonicalJson(content)) });
  }
  return items;
}

function otherContent(item: Item, known: { slug: string; digest: string }): Fault[] {
  if (known.digest === item.digest) return [];
  return [
    {
      path: [...item.path, item.input.key === undefined ? 'slug' : 'key'],
      message: `“${item.key}” was used for the statement “${known.slug}” with other content. Use a new key for a new statement, or reviseStatement to change the old one`,
      slug: known.slug,
    },
  ];
}

/*
 * Both conditions use a unique index. The text is planned at each run, because a plan made for a small table would scan a
 * large one. One scan with OR takes half the time to plan of a UNION of two.
 */
const FIND_TAKEN = `${PLANNED_EACH_TIME}
  SELECT id, slug, key, input_digest AS "inputDigest", added_position AS "addedPosition"
    FROM statement WHERE slug = ANY ($1::text[]) OR key = ANY ($2::text[])`;

/** The statements that already have one of the items' keys or wanted slugs. */
async function findTaken(
  db: Queryable,
  items: readonly Item[],
): Promise<{ byKey: Map<string, TakenRow>; slugs: Set<string> }> {
  const keys = items.flatMap(({ key }) => (key === null ? [] : [key]));
  const slugs = items.map(({ slug }) => slug);
  const rows = await db.$queryRawUnsafe<TakenRow[]>(FIND_TAKEN, slugs, keys);
  return {
    byKey: new Map(rows.flatMap((row) => (row.key === null ? [] : [[row.key, row]]))),
    slugs: new Set(rows.map((row) => row.slug)),
  };
}

/** The given slug, or one made from the text or quote. It is added to `taken`. A given slug that is taken is a conflict. */
function chooseSlug(item: Item, taken: Set<string>, conflicts: Fault[]): string {
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

/**
 * Records statements, all or none, each with its log entry. An item whose key was used before for the same content is
 * not recorded again. An item may link to an earlier item of the list by its slug.
 * @param inputs RecordStatementInputs, unchecked; at most `INPUT_MAX.statements`.
 * @param pathOf the path of the i-th input in the request.
 * @returns one result for each input, in its order.
 * @throws ReadoutError INVALID_INPUT with every fault of every item; CONFLICT for a key with other content or a
 *   taken slug; LIMIT_EXCEEDED for a list that is too long; OvertakenError, for `retry`, if a statement that an
 *   item links to was changed in the meantime.
 */
export async function recordStatements(
  db: Queryable,
  inputs: readonly unknown[],
  by: string,
  pathOf: (i: number) => (string | number)[] = (i) => ['input', i],
): Promise<Recorded[]> {
  if (inputs.length > INPUT_MAX.statements) {
    throw new ReadoutError(
      'LIMIT_EXCEEDED',
      `At most ${INPUT_MAX.statements} statements can be recorded at once, and the list has ${inputs.length}. Send them in several requests.`,
      ['input'],
    );
  }
  const faults: Fault[] = [];
  const conflicts: Fault[] = [];
  const items = await inSteps(parseItems(inputs, pathOf, faults));
  const references = new References();
  for (const { input, path } of items) {
    visitReferences(input, path, (noun, slug) => references.want(noun, slug));
  }
  await references.find(db);
  const taken = await findTaken(db, items);

  const drafts: Draft[] = [];
  const itemNumbers = new Map<string, number>();
  const itemsBySlug = new Map<string, StatementInput>();
  const firstByKey = new Map<string, { slug: string; digest: string; draft: number }>();
  const results: (Omit<Recorded, 'warnings'> | { draft: number; created: boolean })[] = [];
  const addDraft = (item: Item): void => {
    const known = item.key === null ? undefined : taken.byKey.get(item.key);
    const sibling = item.key === null ? undefined : firstByKey.get(item.key);
    if (known) {
      conflicts.push(...otherContent(item, { slug: known.slug, digest: known.inputDigest }));
      results.push({ id: known.id, position: known.addedPosition, created: false });
      return;
    }
    if (sibling) {
      conflicts.push(...otherContent(item, sibling));
      results.push({ draft: sibling.draft, created: false });
      return;
    }
    const found = draftFaults(item.input, item.path, references, (slug) => itemsBySlug.get(slug));
    const slug = chooseSlug(item, taken.slugs, conflicts);
    itemNumbers.set(slug, drafts.length + 1);
    itemsBySlug.set(slug, item.input);
    if (item.key !== null) firstByKey.set(item.key, { slug, digest: item.digest, draft: drafts.length });
    faults.push(...found);
    if (found.length > 0) return;
    const identity = { slug, key: item.key, inputDigest: item.digest };
    drafts.push(makeDraft(item.input, identity, references, (to) => itemNumbers.get(to) ?? null));
    results.push({ draft: drafts.length - 1, created: true });
  };
  await inSteps(
    (function* (): Generator<void, void> {
      for (const item of items) {
        addDraft(item);
        yield;
      }
    })(),
  );
  refuseFaults(faults);
  refuseFaults(conflicts, 'CONFLICT');
  const written =
    drafts.length === 0
      ? []
      : await db.$queryRawUnsafe<WrittenRow[]>(
          drafts.some(({ coding }) => coding) ? ADD_CODED_STATEMENTS : ADD_STATEMENTS,
          JSON.stringify(drafts),
          by,
        );
  if (written.length < drafts.length) {
    throw new OvertakenError(
      'A statement that this one links to was changed at the same time. Send it again.',
    );
  }
  return items.map(({ input }, i) => {
    const result = results[i] as (typeof results)[number];
    const { id, position } = 'draft' in result ? (written[result.draft] as WrittenRow) : result;
    return { id, position, created: result.created, warnings: statementWarnings(input, references) };
  });
}
