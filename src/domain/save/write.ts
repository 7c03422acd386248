import { mapInSteps } from '../../base/steps.ts';
import type { NamedNoun } from '../../db/generated/enums.ts';
import type { Transaction } from '../../db/sql.ts';
import { appendChanges } from '../../log/append.ts';
import type { References } from '../input/reference.ts';
import { isWithdrawn } from './former.ts';
import { addNames, deleteNames, prepareNames } from './names.ts';
import type { IdOf, NounRules, SavedEntry } from './rules.ts';

/** The field of the schema that a save changes if it makes a withdrawn entry current again. */
export const WITHDRAWAL_FIELD = 'withdrawal';
/** Fields whose change changes the names that search finds. */
const NAMING_FIELDS = ['name', 'title', 'aliases', WITHDRAWAL_FIELD];

/**
 * Writes the rows of entries, the names by which search finds them, and their changes in the log.
 * @param references what the entries refer to.
 * @param reason why the entries are changed, for the log; undefined where it is not said.
 * @returns id of each entry and position of its change, in the order of the list.
 */
export async function writeEntries<Input>(
  tx: Transaction,
  rules: NounRules<Input>,
  entries: readonly SavedEntry<Input>[],
  idOf: IdOf,
  references: References,
  by: string,
  reason: string | undefined,
): Promise<{ id: number; position: bigint }[]> {
  const { noun, namesOf } = rules;
  const renamed = namesOf
    ? entries.filter(({ changed }) => NAMING_FIELDS.some((field) => changed.includes(field)))
    : [];
  const given = renamed.flatMap(({ id, input }) =>
    (namesOf?.(input) ?? []).map((name) => ({ noun: noun as NamedNoun, id, name })),
  );
  // The SQL is sent first, so that this process computes while PostgreSQL writes.
  const [, names] = await Promise.all([rules.write(tx, entries, idOf), prepareNames(given)]);
  const former = renamed.flatMap((entry) => entry.former?.id ?? []);
  if (former.length > 0) await deleteNames(tx, noun as NamedNoun, former);
  const changesOf = ({ id, content, former, collectionId }: SavedEntry<Input>) => ({
    id,
    slug: content.slug,
    former: former?.content ?? null,
    contentDigest: rules.digestOf(content as never),
    ...(reason !== undefined && { reason }),
    ...((!former || isWithdrawn(former)) && { collectionId }),
  });
  const [, changes] = await Promise.all([addNames(tx, names), mapInSteps(entries, changesOf)]);
  return appendChanges(tx, noun, references.withSeen(changes), by);
}
