import type { Actor, Event } from '../../db/generated/client.ts';
import type { HopRow, StatementTopicRow } from '../../read/loading/loaders.ts';
import { after, type Soon } from '../../read/maybe.ts';
import type { StatementRow } from '../../read/statements/row.ts';
import type { Context } from '../builder/builder.ts';

export function speakersOf(s: StatementRow, { load }: Context): Soon<Actor[]> {
  return after(s.speakerIds ?? load.speakerIds.load(s.id), (ids) => load.actor.all(ids));
}

export function addresseesOf(s: StatementRow, { load }: Context): Soon<Actor[]> {
  return after(s.addresseeIds ?? load.addresseeIds.load(s.id), (ids) => load.actor.all(ids));
}

export function eventsOf(s: StatementRow, { load }: Context): Soon<Event[]> {
  return after(s.eventIds ?? load.eventIds.load(s.id), (ids) => load.event.all(ids));
}

export function topicsOf(s: StatementRow, { load }: Context): Soon<StatementTopicRow[]> {
  const { topicIds, stances } = s;
  if (!topicIds) return load.topics.load(s.id);
  return topicIds.map((topicId, i) => ({ topicId, stance: stances?.[i] ?? null }));
}

export function hopsOf(s: StatementRow, { load }: Context): Soon<HopRow[]> {
  const { hopIds, forms } = s;
  if (!hopIds) return load.attribution.load(s.id);
  return hopIds.map((actorId, i) => ({ actorId, form: forms?.[i] as HopRow['form'] }));
}
