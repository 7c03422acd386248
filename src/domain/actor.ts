import type { Transaction } from '../db/sql.ts';
import { actorDigest } from './content.ts';
import { identifierFaults, identifiersSql, refuseTakenIdentifiers, writeIdentifiers } from './identifier.ts';
import type { FuzzyDate } from './input/date.ts';
import type { Fault } from './input/fault.ts';
import { type ActorInput, actorInput } from './input/noun.ts';
import { WITHDRAWAL } from './save/former.ts';
import { ITEMS, itemsJson, type Parts, writeParts } from './save/rows.ts';
import type { NounRules, Patch, SavedEntry } from './save/rules.ts';
import { type SaveOptions, saveEntries } from './save/save.ts';

/** Faults of an actor beside those of its form and references. */
function actorFaults(input: ActorInput, slug: string): Fault[] {
  const faults: Fault[] = [];
  for (const list of ['aliases', 'affiliations'] as const) {
    input[list]?.forEach(({ from, to }, i) => {
      if (from && to && to.latest < from.earliest)
        faults.push({ path: ['input', list, i, 'to'], message: `is before from (${from.edtf})` });
    });
  }
  input.affiliations?.forEach((affiliation, i) => {
    if (affiliation.in === slug) {
      faults.push({ path: ['input', 'affiliations', i, 'in'], message: 'names the actor itself' });
    }
  });
  return [...faults, ...identifierFaults(input)];
}

/** SQL of the dates of an alias or affiliation, in the shape of the input. */
const DATES = `'from', coalesce(from_edtf, "from"::text), 'to', coalesce(to_edtf, "to"::text)`;

/** SQL of an actor, the row `t`, as JSON in the shape of its input. */
export const ACTOR_CONTENT = `json_build_object('slug', t.slug, 'name', t.name, 'kind', t.kind, 'description', t.description,
  'aliases', (SELECT json_agg(json_build_object('name', name, 'language', language, 'metonym', nullif(metonym, false),
  ${DATES}) ORDER BY ordinal) FROM actor_alias WHERE actor_id = t.id),
  'affiliations', (SELECT json_agg(json_build_object('in', other.slug, 'role', role, ${DATES})
  ORDER BY ordinal) FROM affiliation LEFT JOIN actor other ON other.id = in_id WHERE actor_id = t.id),
  'identifiers', ${identifiersSql('actor')}, ${WITHDRAWAL},
  'mergedInto', (SELECT target.slug FROM actor target WHERE target.id = t.merged_into_id))`;

/** $1 items. */
const WRITE_ACTORS = `
WITH ${ITEMS},
  added AS (
    INSERT INTO actor (id, slug, name, kind, description)
    SELECT id, slug, j ->> 'name', (j ->> 'kind')::actor_kind, j ->> 'description' FROM item WHERE is_new ORDER BY n)
UPDATE actor SET name = j ->> 'name', kind = (j ->> 'kind')::actor_kind, description = j ->> 'description'
FROM item WHERE NOT is_new AND actor.id = item.id`;

interface Dated {
  readonly from?: FuzzyDate | undefined;
  readonly to?: FuzzyDate | undefined;
}

/** The dates of a part in the shape of the input. */
const datesOf = ({ from, to }: Dated) => ({ from: from?.edtf, to: to?.edtf });

/** The text of a date; undefined where it is the day itself. */
const edtfBeside = (date: FuzzyDate | undefined, day: string | undefined) =>
  date?.edtf === day ? undefined : date?.edtf;

/** A part with the columns of its dates. */
const withDays = <Part extends Dated>(part: Part) => ({
  ...part,
  from: part.from?.earliest,
  to: part.to?.latest,
  fromEdtf: edtfBeside(part.from, part.from?.earliest),
  toEdtf: edtfBeside(part.to, part.to?.latest),
});

/** The columns of dates, those of the rows that are added, and their types there. */
const DATE_COLUMNS = `"from", "to", from_edtf, to_edtf`;
const DATE_VALUES = `"from", "to", "fromEdtf", "toEdtf"`;
const DATE_TYPES = `"from" date, "to" date, "fromEdtf" text, "toEdtf" text`;

const ALIASES: Parts<ActorInput> = {
  field: 'aliases',
  clear: 'DELETE FROM actor_alias WHERE actor_id = ANY ($1::int[])',
  add: `INSERT INTO actor_alias (actor_id, ordinal, name, language, metonym, ${DATE_COLUMNS})
    SELECT id, ordinal, name, language, coalesce(metonym, false), ${DATE_VALUES}
    FROM json_to_recordset($1::json) AS part (id int, ordinal int, name text, language text, metonym boolean, ${DATE_TYPES})`,
};

const AFFILIATIONS: Parts<ActorInput> = {
  field: 'affiliations',
  clear: 'DELETE FROM affiliation WHERE actor_id = ANY ($1::int[])',
  add: `INSERT INTO affiliation (actor_id, ordinal, in_id, role, ${DATE_COLUMNS})
    SELECT id, ordinal, "in", role, ${DATE_VALUES}
    FROM json_to_recordset($1::json) AS part (id int, ordinal int, "in" int, role text, ${DATE_TYPES})`,
};

/** Recomputes what depends on affiliations and kinds of actors: their sides, and the givers of statements that they passed on. */
async function refreshSides(tx: Transaction, entries: readonly SavedEntry<ActorInput>[]): Promise<void> {
  const ids = entries
    .filter(({ changed }) => changed.includes('affiliations') || changed.includes('kind'))
    .map(({ id }) => id);
  if (ids.length > 0) await tx.$executeRawUnsafe('SELECT refresh_actor_sides($1::int[])', ids);
  for (const { former, input } of entries) {
    if (former && (former.content.kind === 'OUTLET') !== (input.kind === 'OUTLET'))
      await tx.$executeRawUnsafe('SELECT refresh_givers($1::int)', former.id);
  }
}

/** How actors are checked and written. */
export const ACTOR: NounRules<ActorInput> = {
  noun: 'actor',
  shape: actorInput,
  named: 'name',
  namesOf: ({ name, aliases = [] }) => [name, ...aliases.map((alias) => alias.name)],
  contentSql: ACTOR_CONTENT,
  visitReferences({ affiliations }, path, want) {
    affiliations?.forEach((affiliation, i) => {
      want('actor', affiliation.in, [...path, 'affiliations', i, 'in']);
    });
  },
  contentOf: (input, slug) => ({
    ...input,
    slug,
    aliases: input.aliases?.map((alias) => ({
      ...alias,
      metonym: alias.metonym || undefined,
      ...datesOf(alias),
    })),
    affiliations: input.affiliations?.map((affiliation) => ({ ...affiliation, ...datesOf(affiliation) })),
  }),
  digestOf: actorDigest,
  faults: actorFaults,
  async check(tx, entries) {
    await refuseTakenIdentifiers(tx, 'actor', entries);
  },
  async write(tx, entries, idOf) {
    await tx.$executeRawUnsafe(WRITE_ACTORS, itemsJson(entries));
    await writeParts(tx, entries, ALIASES, ({ aliases }) => aliases?.map(withDays));
    await writeParts(tx, entries, AFFILIATIONS, ({ affiliations }) =>
      affiliations?.map((affiliation) => ({ ...withDays(affiliation), in: idOf('actor', affiliation.in) })),
    );
    await writeIdentifiers(tx, 'actor', entries);
    await refreshSides(tx, entries);
  },
};

/** Creates or changes actors, as `saveEntries` describes. */
export const saveActors = (tx: Transaction, patches: readonly Patch[], by: string, options?: SaveOptions) =>
  saveEntries(tx, ACTOR, patches, by, options);
