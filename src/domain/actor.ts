import type { Transaction } from '../db/client.ts';
import { dayToDate } from '../db/day.ts';
import type { Actor } from '../db/generated/client.ts';
import type { ActorKind } from '../db/generated/enums.ts';
import { appendChange } from '../log/append.ts';
import { actorDigest } from './content.ts';
import { type Fault, refuseFaults } from './input/fault.ts';
import type { ActorInput } from './input/input.ts';
import { References } from './input/reference.ts';
import { writeNames } from './names.ts';
import { type Saved, sameContent, slugOf } from './save.ts';

/** Faults of an actor beside those of its form and references. */
export function actorFaults(input: ActorInput, slug: string): Fault[] {
  const faults: Fault[] = [];
  for (const list of ['aliases', 'affiliations'] as const) {
    input[list]?.forEach(({ from, to }, i) => {
      if (from && to && to < from)
        faults.push({ path: ['input', list, i, 'to'], message: `is before from (${from})` });
    });
  }
  input.affiliations?.forEach((affiliation, i) => {
    if (affiliation.in === slug) {
      faults.push({ path: ['input', 'affiliations', i, 'in'], message: 'names the actor itself' });
    }
  });
  return faults;
}

const dates = ({ from, to }: { from?: string | undefined; to?: string | undefined }) => ({
  from: dayToDate(from),
  to: dayToDate(to),
});

/** The actor with its lists. They are read one after the other, because a transaction has one connection. */
async function withParts(tx: Transaction, actor: Actor): Promise<object> {
  const ofActor = { where: { actorId: actor.id }, orderBy: { ordinal: 'asc' } } as const;
  const aliases = await tx.alias.findMany(ofActor);
  return { ...actor, aliases, affiliations: await tx.affiliation.findMany(ofActor) };
}

/** SQL of an actor, the row `t`, as JSON in the shape of its input. */
export const ACTOR_CONTENT = `json_build_object('slug', t.slug, 'name', t.name, 'kind', t.kind, 'description', t.description,
  'aliases', (SELECT json_agg(json_build_object('name', name, 'language', language, 'metonym', metonym,
  'from', "from", 'to', "to") ORDER BY ordinal) FROM actor_alias WHERE actor_id = t.id),
  'affiliations', (SELECT json_agg(json_build_object('in', other.slug, 'role', role, 'from', "from", 'to', "to")
  ORDER BY ordinal) FROM affiliation LEFT JOIN actor other ON other.id = in_id WHERE actor_id = t.id))`;

/** Writes again what follows from the affiliations and the kind of an actor: sides, and givers of the statements it passed on. */
async function refreshSides(
  tx: Transaction,
  id: number,
  before: ActorKind | null,
  after: ActorKind,
): Promise<void> {
  await tx.$executeRawUnsafe('SELECT refresh_actor_sides(ARRAY[$1::int])', id);
  if (before !== null && (before === 'OUTLET') !== (after === 'OUTLET'))
    await tx.$executeRawUnsafe('SELECT refresh_givers($1::int)', id);
}

/**
 * Creates the actor, or replaces the one with this slug as a whole: a field that `input` leaves out becomes empty.
 * Writes nothing if nothing differs.
 * @throws ReadoutError INVALID_INPUT; CONFLICT if the slug made from the name is taken.
 */
export async function saveActor(tx: Transaction, input: ActorInput, by: string): Promise<Saved> {
  const find = (slug: string) => tx.actor.findUnique({ where: { slug } });
  const slug = await slugOf(input.slug, input.name, async (candidate) => (await find(candidate)) !== null);
  const references = new References();
  input.affiliations?.forEach((affiliation, i) => {
    references.want('actor', affiliation.in, ['input', 'affiliations', i, 'in']);
  });
  await references.find(tx);
  refuseFaults([...references.faults(), ...actorFaults(input, slug)]);

  const before = await find(slug);
  const row = { slug, name: input.name, kind: input.kind, description: input.description ?? null };
  const aliases = (input.aliases ?? []).map((alias, ordinal) => ({
    ordinal,
    name: alias.name,
    language: alias.language ?? null,
    metonym: alias.metonym ?? false,
    ...dates(alias),
  }));
  const affiliations = (input.affiliations ?? []).map((affiliation, ordinal) => ({
    ordinal,
    inId: references.id('actor', affiliation.in),
    role: affiliation.role,
    ...dates(affiliation),
  }));
  if (before && sameContent(await withParts(tx, before), { ...row, aliases, affiliations }))
    return { id: before.id, position: null, created: false };

  const { id } = before
    ? await tx.actor.update({ where: { id: before.id }, data: row, select: { id: true } })
    : await tx.actor.create({ data: row, select: { id: true } });
  if (before) {
    await tx.alias.deleteMany({ where: { actorId: id } });
    await tx.affiliation.deleteMany({ where: { actorId: id } });
  }
  await tx.alias.createMany({ data: aliases.map((alias) => ({ ...alias, actorId: id })) });
  await tx.affiliation.createMany({
    data: affiliations.map((affiliation) => ({ ...affiliation, actorId: id })),
  });
  await writeNames(tx, 'actor', id, [row.name, ...aliases.map(({ name }) => name)]);
  await refreshSides(tx, id, before?.kind ?? null, input.kind);
  const kind = before ? 'ACTOR_REVISED' : 'ACTOR_ADDED';
  const change = { kind, subject: 'actor', id, by, contentDigest: actorDigest({ ...input, slug }) } as const;
  return { id, position: await appendChange(tx, change), created: !before };
}
