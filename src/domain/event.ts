import type { Transaction } from '../db/client.ts';
import { dayToDate } from '../db/day.ts';
import { appendChange } from '../log/append.ts';
import { eventDigest } from './content.ts';
import { type Fault, refuseFaults } from './input/fault.ts';
import type { EventInput } from './input/input.ts';
import { References } from './input/reference.ts';
import { writeNames } from './names.ts';
import { type Saved, sameContent, slugOf } from './save.ts';

/** Faults of an event beside those of its form and references. */
export function eventFaults(input: EventInput): Fault[] {
  const given = input.participants ?? [];
  return given.flatMap((participant, i) =>
    given.indexOf(participant) < i ? [{ path: ['input', 'participants', i], message: 'is named twice' }] : [],
  );
}

/** SQL of an event, the row `t`, as JSON in the shape of its input. */
export const EVENT_CONTENT = `json_build_object('slug', t.slug, 'name', t.name, 'kind', t.kind, 'description', t.description, 'date', t.edtf,
  'participants', (SELECT json_agg(actor.slug ORDER BY ordinal) FROM event_participant
  LEFT JOIN actor ON actor.id = actor_id WHERE event_id = t.id))`;

/**
 * Creates the event, or replaces the one with this slug as a whole. Writes nothing if nothing differs.
 * @throws ReadoutError INVALID_INPUT; CONFLICT if the slug made from the name is taken.
 */
export async function saveEvent(tx: Transaction, input: EventInput, by: string): Promise<Saved> {
  const known = (slug: string) =>
    tx.event.findUnique({ where: { slug }, include: { participants: { orderBy: { ordinal: 'asc' } } } });
  const slug = await slugOf(input.slug, input.name, async (candidate) => (await known(candidate)) !== null);
  const references = new References();
  const given = input.participants ?? [];
  given.forEach((participant, i) => {
    references.want('actor', participant, ['input', 'participants', i]);
  });
  await references.find(tx);
  refuseFaults([...references.faults(), ...eventFaults(input)]);

  const before = await known(slug);
  const row = {
    slug,
    name: input.name,
    kind: input.kind,
    description: input.description ?? null,
    edtf: input.date.edtf,
    earliest: dayToDate(input.date.earliest) as Date,
    latest: dayToDate(input.date.latest) as Date,
  };
  const participants = given.map((participant, ordinal) => ({
    ordinal,
    actorId: references.id('actor', participant),
  }));
  if (before && sameContent(before, { ...row, participants }))
    return { id: before.id, position: null, created: false };

  const { id } = before
    ? await tx.event.update({ where: { id: before.id }, data: row, select: { id: true } })
    : await tx.event.create({ data: row, select: { id: true } });
  if (before) await tx.eventParticipant.deleteMany({ where: { eventId: id } });
  await tx.eventParticipant.createMany({
    data: participants.map((participant) => ({ ...participant, eventId: id })),
  });
  if (before?.name !== row.name) await writeNames(tx, 'event', id, [row.name]);
  const kind = before ? 'EVENT_REVISED' : 'EVENT_ADDED';
  const contentDigest = eventDigest({ ...input, slug, date: input.date.edtf });
  const change = { kind, subject: 'event', id, by, contentDigest } as const;
  return { id, position: await appendChange(tx, change), created: !before };
}
