import type { InputPath } from '../base/errors.ts';
import type { Queryable, Transaction } from '../db/sql.ts';
import { type Fault, refuseFaults } from './input/fault.ts';
import { writeParts } from './save/rows.ts';
import type { SavedEntry } from './save/rules.ts';

/** The nouns that have identifiers. */
export type IdentifiedNoun = 'actor' | 'topic' | 'source';

interface Identified {
  readonly identifiers?: readonly { readonly scheme: string; readonly value: string }[] | undefined;
}

/** SQL of the identifiers of the row `t`, as JSON in the shape of the input. */
export const identifiersSql = (noun: IdentifiedNoun): string =>
  `(SELECT json_agg(json_build_object('scheme', scheme, 'value', value) ORDER BY ordinal) FROM ${noun}_identifier WHERE ${noun}_id = t.id)`;

/** A fault for each identifier that an entry names twice. */
export function identifierFaults({ identifiers = [] }: Identified): Fault[] {
  const seen = new Set<string>();
  return identifiers.flatMap(({ scheme, value }, i) => {
    const name = `${scheme} ${value}`;
    if (seen.has(name)) return [{ path: ['input', 'identifiers', i], message: `names “${name}” twice` }];
    seen.add(name);
    return [];
  });
}

/** $1 schemes, $2 values, $3 slugs of entries whose identifiers do not count. */
const findOwners = (noun: IdentifiedNoun): string => `
  SELECT x.scheme, x.value, t.slug FROM unnest($1::text[], $2::text[]) AS wanted (scheme, value)
  JOIN ${noun}_identifier x USING (scheme, value) JOIN ${noun} t ON t.id = x.${noun}_id WHERE t.slug <> ALL ($3::text[])`;

/** A fault for each identifier that another entry of the record or of the list has. */
export async function takenIdentifiers(
  db: Queryable,
  noun: IdentifiedNoun,
  entries: readonly { readonly path: InputPath; readonly slug: string; readonly input: Identified }[],
): Promise<Fault[]> {
  const wanted = entries.flatMap(({ path, slug, input }) =>
    (input.identifiers ?? []).map(({ scheme, value }, i) => ({
      scheme,
      value,
      slug,
      at: [...path, 'identifiers', i],
    })),
  );
  if (wanted.length === 0) return [];
  const rows = await db.$queryRawUnsafe<{ scheme: string; value: string; slug: string }[]>(
    findOwners(noun),
    wanted.map(({ scheme }) => scheme),
    wanted.map(({ value }) => value),
    entries.map(({ slug }) => slug),
  );
  const owners = new Map(rows.map(({ scheme, value, slug }) => [`${scheme} ${value}`, slug]));
  return wanted.flatMap(({ scheme, value, slug, at }) => {
    const name = `${scheme} ${value}`;
    const owner = owners.get(name);
    if (owner === undefined) owners.set(name, slug);
    if (owner === undefined || owner === slug) return [];
    const message = `“${name}” is an identifier of the ${noun} “${owner}”. Save that ${noun}, or leave the identifier out`;
    return [{ path: at, message, slug: owner }];
  });
}

/** @throws ReadoutError CONFLICT if an entry gets an identifier that another one has. */
export async function refuseTakenIdentifiers(
  tx: Transaction,
  noun: IdentifiedNoun,
  entries: readonly SavedEntry<Identified>[],
): Promise<void> {
  const differing = entries.filter(({ changed }) => changed.includes('identifiers'));
  refuseFaults(await takenIdentifiers(tx, noun, differing), 'CONFLICT');
}

/** Writes the identifiers of entries whose rows are written. */
export const writeIdentifiers = <Input extends Identified>(
  tx: Transaction,
  noun: IdentifiedNoun,
  entries: readonly SavedEntry<Input>[],
): Promise<void> =>
  writeParts<Identified>(
    tx,
    entries,
    {
      field: 'identifiers',
      clear: `DELETE FROM ${noun}_identifier WHERE ${noun}_id = ANY ($1::int[])`,
      add: `INSERT INTO ${noun}_identifier (${noun}_id, ordinal, scheme, value)
        SELECT id, ordinal, scheme, value FROM json_to_recordset($1::json) AS part (id int, ordinal int, scheme text, value text)`,
    },
    ({ identifiers }) => identifiers,
  );
