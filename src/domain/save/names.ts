import { characterPieces, unspacedCharacters } from '../../base/characters.ts';
import { separateSyllables } from '../../base/korean.ts';
import { nameForms } from '../../base/latin.ts';
import type { ProgressState } from '../../base/progress.ts';
import { mapInSteps } from '../../base/steps.ts';
import type { NamedNoun } from '../../db/generated/enums.ts';
import type { Queryable, Transaction } from '../../db/sql.ts';

/** Names that one statement adds. */
const ADDED_PER_STEP = 1_000;
/** Names that are read at once at the start. */
const READ_PER_STEP = 20_000;

/** SQL of every name in the record, except those of withdrawn entries: noun, id and name. */
const RECORDED_NAMES = `
  SELECT 'actor'::named_noun AS noun, id, name FROM actor WHERE withdrawal_reason IS NULL
  UNION ALL SELECT 'actor', actor_id, alias.name FROM actor_alias alias JOIN actor ON actor.id = actor_id WHERE withdrawal_reason IS NULL
  UNION ALL SELECT 'topic', id, name FROM topic WHERE withdrawal_reason IS NULL
  UNION ALL SELECT 'event', id, name FROM event WHERE withdrawal_reason IS NULL
  UNION ALL SELECT 'source', id, title FROM source WHERE withdrawal_reason IS NULL`;

/** Former versions do not write the characters. */
const DELETE_FORMER = `DELETE FROM search_name s WHERE characters IS NULL AND unspaced_characters(name) <> '' OR NOT EXISTS (
  SELECT FROM (${RECORDED_NAMES}) r WHERE r.noun = s.noun AND r.id = s.subject_id AND r.name = s.name)`;

const FROM_MISSING = `FROM (${RECORDED_NAMES}) r
  LEFT JOIN search_name s ON s.noun = r.noun AND s.subject_id = r.id AND s.name = r.name WHERE s.noun IS NULL`;
const FIND_MISSING = `SELECT r.noun, r.id, r.name ${FROM_MISSING} LIMIT ${READ_PER_STEP}`;
const COUNT_MISSING = `SELECT count(*)::int AS count ${FROM_MISSING}`;

/** A name of an entry. */
interface RecordedName {
  readonly noun: NamedNoun;
  readonly id: number;
  readonly name: string;
}

/**
 * $1 names in their forms as a JSON list. Words that the list of words lacks are added to it. The last of several words of a name is all of
 * them in one. It is also listed as a single word if another name has it as one.
 */
const ADD_NAMES = `
  WITH added AS MATERIALIZED (
    SELECT * FROM json_to_recordset($1::json) AS f(noun named_noun, id int, name text,
      latin text, sound text, words text[], sounds text[], characters text, pieces text[])),
  word AS (
    SELECT w.word, w.sound, bool_and(n > 1 AND n = cardinality(words)) AS is_joined
    FROM added, unnest(words, sounds) WITH ORDINALITY AS w(word, sound, n) GROUP BY w.word, w.sound),
  missing AS (
    INSERT INTO search_word (word, sound, is_joined)
    SELECT word, sound, is_joined FROM word
    WHERE NOT EXISTS (SELECT FROM search_word s WHERE s.word = word.word AND s.sound = word.sound AND (word.is_joined OR NOT s.is_joined)))
  INSERT INTO search_name (noun, subject_id, name, latin, sound, words, characters, pieces)
  SELECT noun, id, name, latin, sound, words, characters, pieces FROM added ON CONFLICT DO NOTHING`;

/** $1 noun, $2 ids. */
const DELETE_NAMES = 'DELETE FROM search_name WHERE noun = $1::named_noun AND subject_id = ANY ($2::int[])';

/** A name in the forms in which it is compared, as a row. */
function formsOf({ noun, id, name }: RecordedName): object {
  const { latin, sound, words, sounds } = nameForms(separateSyllables(name));
  const characters = unspacedCharacters(name);
  const row = { noun, id, name, latin, sound, words, sounds };
  return characters === '' ? row : { ...row, characters, pieces: characterPieces(characters) };
}

/** Names in the forms in which they are compared: a JSON list for each statement that adds them. */
export type PreparedNames = readonly string[];

/** Computes the forms of names. A list of entries can have thousands of them. */
export async function prepareNames(names: readonly RecordedName[]): Promise<PreparedNames> {
  const lists: string[] = [];
  for (let i = 0; i < names.length; i += ADDED_PER_STEP)
    lists.push(JSON.stringify(await mapInSteps(names.slice(i, i + ADDED_PER_STEP), formsOf)));
  return lists;
}

/** Makes search find entries by these names. Call it in the transaction that writes them. */
export async function addNames(db: Queryable, names: PreparedNames): Promise<void> {
  for (const list of names) await db.$executeRawUnsafe(ADD_NAMES, list);
}

/** Makes search find no entry of a noun with these ids. Call it in the transaction that withdraws or renames them. */
export async function deleteNames(tx: Transaction, noun: NamedNoun, ids: readonly number[]): Promise<void> {
  await tx.$executeRawUnsafe(DELETE_NAMES, noun, ids);
}

/**
 * Adds the names that search lacks, and removes those that the record no longer has. These come from before the migration, or were written
 * by a former version of the service or by other SQL.
 * @param notice receives the number of added names.
 */
export async function completeNames(
  db: Queryable,
  notice: (message: string) => void,
  onProgress: (state: ProgressState) => void = () => undefined,
): Promise<void> {
  await db.$executeRawUnsafe(DELETE_FORMER);
  let added = 0;
  let total: number | null = null;
  for (;;) {
    const missing = await db.$queryRawUnsafe<RecordedName[]>(FIND_MISSING);
    total ??= missing.length < READ_PER_STEP ? missing.length : await countMissing(db);
    for (let i = 0; i < missing.length; i += ADDED_PER_STEP) {
      onProgress({ what: 'Preparing search', unit: 'names', done: added + i, total });
      await addNames(db, await prepareNames(missing.slice(i, i + ADDED_PER_STEP)));
    }
    added += missing.length;
    if (missing.length < READ_PER_STEP) break;
  }
  if (added > 0) notice(`Prepared ${added} names for search.`);
}

async function countMissing(db: Queryable): Promise<number> {
  const [row] = await db.$queryRawUnsafe<{ count: number }[]>(COUNT_MISSING);
  return row?.count ?? 0;
}
