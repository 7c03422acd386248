import type { Transaction } from '../../db/sql.ts';
import { canonicalJson, type StatementContent } from '../content.ts';
import { type Fault, formedFields, parseInput } from '../input/fault.ts';
import { lockLinks } from '../input/link.ts';
import { renameActors } from '../input/redirect.ts';
import { type KnownTargets, References } from '../input/reference.ts';
import { type StatementInput, statementInput } from '../input/statement.ts';
import { readStatementContents } from './content.ts';
import { type Draft, makeDraft } from './draft.ts';
import { statementFaults, unknownFaults, visitReferences } from './faults.ts';
import { type LockedStatement, lockStatements } from './lock.ts';
import { CLEAR_PARTS_BUT_LINKS } from './parts.ts';
import { REWRITE_STATEMENTS } from './sql.ts';

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
export type RevisionOutcome =
  | { readonly outcome: 'changed' | 'same' }
  | { readonly outcome: 'faulty'; readonly faults: readonly Fault[] }
  /** Nothing was written: it has links, whose rules look at one revision at a time, or another writer has changed its status. */
  | { readonly outcome: 'alone' };

/** $1 ids. Those that have links, or that links lead to. Run after `lockStatements`, which the writers of links wait for. */
const FIND_LINKED = `SELECT from_id AS id FROM statement_link WHERE from_id = ANY ($1::int[])
  UNION SELECT to_id FROM statement_link WHERE to_id = ANY ($1::int[])`;

/** $1 ids, $2 digests of inputs. */
const WRITE_INPUT_DIGESTS = `UPDATE statement SET input_digest = x.digest
  FROM unnest($1::int[], $2::text[]) AS x (id, digest) WHERE statement.id = x.id`;

/** A revision whose form is right. */
interface Parsed {
  readonly revision: ListedRevision;
  readonly locked: LockedStatement;
  readonly former: StatementContent;
  readonly before: StatementInput | null;
  readonly given: StatementInput | undefined;
  readonly fields: Partial<StatementInput>;
  readonly faults: readonly Fault[];
}

const PATH = ['input'];

function parseRevision(revision: ListedRevision, locked: LockedStatement, former: StatementContent): Parsed {
  const faults: Fault[] = [];
  const content = { ...revision.content, slug: former.slug };
  const given = parseInput(statementInput, content, PATH, faults);
  const before = parseInput(statementInput, former, PATH, []) ?? null;
  const fields = given ?? formedFields(statementInput, content);
  return { revision, locked, former, before, given, fields, faults };
}

/** The draft of a revision, or its outcome if nothing is to be written. */
function draftOf(
  { revision, locked, former, before, given, fields, faults }: Parsed,
  references: References,
): Draft | RevisionOutcome {
  if (!given)
    return {
      outcome: 'faulty',
      faults: [...faults, ...unknownFaults(fields, PATH, references, () => undefined)],
    };
  const input = renameActors(given, references.presentSlug);
  const { isReinstated } = revision;
  if (!isReinstated && before && canonicalJson(input) === canonicalJson(before)) return { outcome: 'same' };
  const found = statementFaults(input, PATH, references, () => undefined, before);
  if (found.length > 0) return { outcome: 'faulty', faults: found };
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
): Promise<RevisionOutcome[]> {
  await lockLinks(tx, 'date or speakers');
  const ids = revisions.map(({ id }) => id);
  const locked = byId(await lockStatements(tx, ids));
  const linked = byId(await tx.$queryRawUnsafe<{ id: number }[]>(FIND_LINKED, ids));
  const contents = byId(await readStatementContents(tx, ids));
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
    .filter(({ result }) => !isOutcome(result) || result.outcome === 'same');
  if (!dryRun) await write(tx, written, references, by);
  return results.map((one) =>
    !one ? { outcome: 'alone' } : isOutcome(one.result) ? one.result : { outcome: 'changed' },
  );
}

const isOutcome = (result: Draft | RevisionOutcome): result is RevisionOutcome => 'outcome' in result;

const byId = <Row extends { readonly id: number }>(rows: readonly Row[]): Map<number, Row> =>
  new Map(rows.map((row) => [row.id, row]));

/** Writes the drafts, and the digests of the inputs of all. The rows of `change` come last: they lock the counter row. */
async function write(
  tx: Transaction,
  parts: readonly (Parsed & { readonly result: Draft | RevisionOutcome })[],
  references: References,
  by: string,
): Promise<void> {
  if (parts.length === 0) return;
  await tx.$executeRawUnsafe(
    WRITE_INPUT_DIGESTS,
    parts.map(({ revision }) => revision.id),
    parts.map(({ revision }) => revision.inputDigest),
  );
  const items = parts.flatMap(({ revision: { id }, locked: { retractionReason }, former, result }) => {
    if (isOutcome(result)) return [];
    const retraction = retractionReason !== null && { status: 'RETRACTED', retractionReason };
    return [{ id, draft: result, former: { ...former, ...retraction } }];
  });
  if (items.length === 0) return;
  await tx.$executeRawUnsafe(
    CLEAR_PARTS_BUT_LINKS,
    items.map(({ id }) => id),
  );
  await tx.$queryRawUnsafe(REWRITE_STATEMENTS, JSON.stringify(references.withSeen(items)), by, null);
}
