import type { Transaction } from '../../db/client.ts';
import { canonicalJson } from '../content.ts';
import { type Fault, formedFields, parseInput } from '../input/fault.ts';
import { lockLinks } from '../input/link.ts';
import { renameActors } from '../input/redirect.ts';
import { type KnownTargets, References } from '../input/reference.ts';
import { type StatementInput, statementInput } from '../input/statement.ts';
import { READ_CONTENTS } from './content.ts';
import { type Draft, draftFaults, makeDraft, unknownFaults, visitReferences } from './draft.ts';
import { CLEAR_PARTS_BUT_LINKS, REWRITE_STATEMENTS } from './sql.ts';

/** A statement that gets the content of an import. */
export interface ListedRevision {
  readonly id: number;
  /** Its whole content, in the shape of RecordStatementInput without `key` and `slug`; unchecked. */
  readonly content: Readonly<Record<string, unknown>>;
  /** Digest of the input. The next input with the same key is compared with it. */
  readonly inputDigest: string;
  /** Whether it was retracted, and becomes current again. */
  readonly isReinstated: boolean;
  /** Id of the collection that a reinstated statement belongs to; null for none. */
  readonly collectionId: number | null;
}

/** What became of one revision of a list. */
export type RevisionFate =
  | { readonly fate: 'changed' | 'same' }
  | { readonly fate: 'faulty'; readonly faults: readonly Fault[] }
  /** Nothing was written: it has links, whose rules look at one revision at a time, or another writer has changed its status. */
  | { readonly fate: 'alone' };

interface LockedStatement {
  readonly id: number;
  readonly collectionId: number | null;
  readonly retractionReason: string | null;
}

/** $1 ids. Locks the statements in the order of their ids. */
const LOCK = `SELECT id, collection_id AS "collectionId", retraction_reason AS "retractionReason"
  FROM statement WHERE id = ANY ($1::int[]) ORDER BY id FOR NO KEY UPDATE`;

/** $1 ids. Those that have links, or that links lead to. Run after LOCK, which the writers of links wait for. */
const FIND_LINKED = `SELECT from_id AS id FROM statement_link WHERE from_id = ANY ($1::int[])
  UNION SELECT to_id FROM statement_link WHERE to_id = ANY ($1::int[])`;

/** $1 ids, $2 digests of inputs. */
const WRITE_INPUT_DIGESTS = `UPDATE statement SET input_digest = x.digest
  FROM unnest($1::int[], $2::text[]) AS x (id, digest) WHERE statement.id = x.id`;

type Content = Readonly<Record<string, unknown>> & { readonly slug: string };

/** A revision whose form is right. */
interface Parsed {
  readonly revision: ListedRevision;
  readonly locked: LockedStatement;
  readonly former: Content;
  readonly before: StatementInput | null;
  readonly given: StatementInput | undefined;
  readonly fields: Partial<StatementInput>;
  readonly faults: readonly Fault[];
}

const PATH = ['input'];

function parseRevision(revision: ListedRevision, locked: LockedStatement, former: Content): Parsed {
  const faults: Fault[] = [];
  const content = { ...revision.content, slug: former.slug };
  const given = parseInput(statementInput, content, PATH, faults);
  const before = parseInput(statementInput, former, PATH, []) ?? null;
  const fields = given ?? formedFields(statementInput, content);
  return { revision, locked, former, before, given, fields, faults };
}

/** The draft of a revision, or its fate if nothing is to be written. */
function draftOf(
  { revision, locked, former, before, given, fields, faults }: Parsed,
  references: References,
): Draft | RevisionFate {
  if (!given)
    return {
      fate: 'faulty',
      faults: [...faults, ...unknownFaults(fields, PATH, references, () => undefined)],
    };
  const input = renameActors(given, references.presentSlug);
  const { isReinstated } = revision;
  if (!isReinstated && before && canonicalJson(input) === canonicalJson(before)) return { fate: 'same' };
  const found = draftFaults(input, PATH, references, () => undefined, before);
  if (found.length > 0) return { fate: 'faulty', faults: found };
  const collectionId = isReinstated ? revision.collectionId : locked.collectionId;
  return makeDraft(
    input,
    { slug: former.slug, key: null, inputDigest: '' },
    references,
    () => null,
    collectionId,
  );
}

/**
 * Gives statements of the record the content of an import, each with its log entry and its former version: like `reviseStatement` and
 * `reinstateStatement`, for a list. Those with faults are left out.
 * @param revisions of different statements; few enough for a short transaction: some hundred.
 * @param dryRun finds faults and differences with these targets, and writes nothing; null to write.
 * @returns one result for each, in their order. Paths of faults begin with `input`.
 */
export async function reviseStatements(
  tx: Transaction,
  revisions: readonly ListedRevision[],
  by: string,
  dryRun: KnownTargets | null = null,
): Promise<RevisionFate[]> {
  await lockLinks(tx, 'date or speakers');
  const ids = revisions.map(({ id }) => id);
  const locked = await byId<LockedStatement>(tx, LOCK, ids);
  const linked = await byId<{ id: number }>(tx, FIND_LINKED, ids);
  const contents = await byId<{ id: number; content: Content }>(tx, READ_CONTENTS, ids);
  const references = new References(dryRun);
  const parsed = revisions.map((revision) => {
    const { id, isReinstated, content } = revision;
    const row = locked.get(id);
    const former = contents.get(id)?.content;
    if (!row || !former || linked.has(id) || content.links != null) return null;
    if (isReinstated !== (row.retractionReason !== null)) return null;
    const one = parseRevision(revision, row, former);
    visitReferences(one.fields, PATH, (noun, slug) => references.want(noun, slug));
    return one;
  });
  await references.find(tx);
  const results = parsed.map((one) => one && { ...one, result: draftOf(one, references) });
  const written = results
    .filter((one) => one !== null)
    .filter(({ result }) => !isFate(result) || result.fate === 'same');
  if (!dryRun) await write(tx, written, by);
  return results.map((one) =>
    !one ? { fate: 'alone' } : isFate(one.result) ? one.result : { fate: 'changed' },
  );
}

const isFate = (result: Draft | RevisionFate): result is RevisionFate => 'fate' in result;

async function byId<Row extends { readonly id: number }>(
  tx: Transaction,
  text: string,
  ids: readonly number[],
): Promise<Map<number, Row>> {
  const rows = await tx.$queryRawUnsafe<Row[]>(text, ids);
  return new Map(rows.map((row) => [row.id, row]));
}

/** Writes the drafts, and the digests of the inputs of all. The rows of `change` come last: they lock the counter row. */
async function write(
  tx: Transaction,
  parts: readonly (Parsed & { readonly result: Draft | RevisionFate })[],
  by: string,
): Promise<void> {
  if (parts.length === 0) return;
  await tx.$executeRawUnsafe(
    WRITE_INPUT_DIGESTS,
    parts.map(({ revision }) => revision.id),
    parts.map(({ revision }) => revision.inputDigest),
  );
  const items = parts.flatMap(({ revision: { id }, locked: { retractionReason }, former, result }) => {
    if (isFate(result)) return [];
    const retraction = retractionReason !== null && { status: 'RETRACTED', retractionReason };
    return [{ id, draft: result, former: { ...former, ...retraction } }];
  });
  if (items.length === 0) return;
  await tx.$executeRawUnsafe(
    CLEAR_PARTS_BUT_LINKS,
    items.map(({ id }) => id),
  );
  await tx.$queryRawUnsafe(REWRITE_STATEMENTS, JSON.stringify(items), by, null);
}
