import { ReadoutError } from '../../base/errors.ts';
import type { StatementStatus } from '../../db/generated/enums.ts';
import type { Transaction } from '../../db/sql.ts';
import { ACTOR } from '../../domain/actor.ts';
import { COLLECTION } from '../../domain/collection.ts';
import { EVENT } from '../../domain/event.ts';
import { statementInput } from '../../domain/input/statement.ts';
import type { NounRules, Patch } from '../../domain/save/rules.ts';
import { saveEntries } from '../../domain/save/save.ts';
import { SOURCE } from '../../domain/source.ts';
import { recordStatements } from '../../domain/statement/record/record.ts';
import { renameInStatements } from '../../domain/statement/rename.ts';
import { retractStatement, retractStatements } from '../../domain/statement/retract.ts';
import { reinstateStatement, reviseStatement } from '../../domain/statement/revise.ts';
import { TOPIC } from '../../domain/topic.ts';
import { withdrawUnreferred } from '../../domain/withdraw.ts';
import { type HistoryChange, isOfList } from './line.ts';

const NOUNS: ReadonlyMap<string, NounRules<never>> = new Map(
  [ACTOR, TOPIC, SOURCE, EVENT, COLLECTION].map((rules) => [
    rules.noun,
    rules as unknown as NounRules<never>,
  ]),
);

/** Every field of a shape, with null for those that the content does not have. */
function everyField(shape: { readonly shape: object }, content: Patch = {}): Patch {
  return Object.fromEntries(Object.keys(shape.shape).map((name) => [name, content[name] ?? null]));
}

/** The statement with this slug. */
async function findStatement(
  tx: Transaction,
  slug: string,
): Promise<{ readonly id: number; readonly status: StatementStatus }> {
  const [statement] = await tx.$queryRawUnsafe<{ id: number; status: StatementStatus }[]>(
    'SELECT id, status FROM statement WHERE slug = $1',
    slug,
  );
  if (!statement) throw new ReadoutError('NOT_FOUND', `the record has no statement “${slug}”.`);
  return statement;
}

/** Makes the changes of one write again. */
export async function applyChanges(tx: Transaction, list: readonly HistoryChange[]): Promise<void> {
  const [first] = list as [HistoryChange];
  const { by, noun, slug, kind, reason = '', mergedInto, why } = first;
  const collection = await collectionIds(tx, list);
  const rules = NOUNS.get(noun);
  if (rules && isOfList(first)) {
    const patches = list.map(({ content }) => everyField(rules.shape, content));
    await saveEntries(tx, rules, patches, by, { collection, ...(why !== undefined && { reason: why }) });
  } else if (rules && /_(WITHDRAWN|RETRACTED)$/.test(kind)) {
    await withdrawUnreferred(tx, rules, [slug], reason, by, { mergedInto });
  } else if (kind === 'STATEMENT_ADDED') {
    const inputs = list.map(({ content, key }) => ({ ...content, key }));
    await recordStatements(tx, inputs, by, { collection });
    await writeIdentities(tx, list);
  } else if (kind === 'STATEMENT_REVISED') {
    const { slug: _, key: __, ...content } = everyField(statementInput, first.content);
    const { id, status } = await findStatement(tx, slug);
    // A merge revises one statement after the other, and its links are complete only at the end.
    if (why !== undefined)
      await renameInStatements(tx, [id], (former) => ({ ...former, ...content }), why, by);
    else if (status === 'CURRENT') await reviseStatement(tx, id, content, null, by);
    else await reinstateStatement(tx, id, content, collection[0] ?? null, by);
  } else if (kind === 'STATEMENT_RETRACTED') {
    const { id } = await findStatement(tx, slug);
    if (first.withCollection) await retractStatements(tx, [id], reason, by);
    else await retractStatement(tx, id, reason, by);
  } else {
    throw new ReadoutError(
      'INVALID_INPUT',
      `this version of the service does not know the change ${kind}. Restore the history with a newer version.`,
    );
  }
}

/** $1 slugs, $2 keys, $3 digests of inputs. A statement may have been recorded without a slug or key, which its content has. */
const WRITE_IDENTITIES = `
  UPDATE statement SET key = x.key, input_digest = x.digest
  FROM unnest($1::text[], $2::text[], $3::text[]) AS x (slug, key, digest)
  WHERE statement.slug = x.slug AND (statement.key, statement.input_digest) IS DISTINCT FROM (x.key, x.digest::char(64))`;

/** Gives statements their keys, so that recording them once more is as safe as in the first record. */
async function writeIdentities(tx: Transaction, list: readonly HistoryChange[]): Promise<void> {
  await tx.$executeRawUnsafe(
    WRITE_IDENTITIES,
    list.map(({ slug }) => slug),
    list.map(({ key }) => key ?? null),
    list.map(({ inputDigest }) => inputDigest ?? null),
  );
}

/** Ids of the collections to which changes add their entries, in the order of the changes. */
async function collectionIds(tx: Transaction, list: readonly HistoryChange[]): Promise<(number | null)[]> {
  const slugs = list.flatMap(({ collection }) => collection ?? []);
  if (slugs.length === 0) return list.map(() => null);
  const rows = await tx.$queryRawUnsafe<{ id: number; slug: string }[]>(
    'SELECT id, slug FROM collection WHERE slug = ANY ($1::text[])',
    slugs,
  );
  const ids = new Map(rows.map(({ id, slug }) => [slug, id]));
  return list.map(({ collection }) => {
    if (collection === undefined) return null;
    const id = ids.get(collection);
    if (id === undefined)
      throw new ReadoutError('NOT_FOUND', `the record has no collection “${collection}”.`);
    return id;
  });
}
