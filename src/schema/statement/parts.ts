import type { Actor, Event } from '../../db/generated/client.ts';
import type { HopRow, MentionRow, StatementTopicRow } from '../../read/loading/parts.ts';
import { type MaybePromise, mapMaybe } from '../../read/maybePromise.ts';
import type { StatementRow } from '../../read/statements/row.ts';
import type { Context } from '../builder/builder.ts';

export function speakersOf(s: StatementRow, { load }: Context): MaybePromise<Actor[]> {
  return mapMaybe(s.speakerIds ?? load.speakerIds.load(s.id), (ids) => load.actor.all(ids));
}

export function mentionsOf(s: StatementRow, { load }: Context): MaybePromise<MentionRow[]> {
  const { mentions, mentionedIds } = s;
  if (!mentions) return load.mentions.load(s.id);
  return mentions.map((as, i) => ({ as, actorId: mentionedIds?.[i] ?? null }));
}

export function addresseesOf(s: StatementRow, { load }: Context): MaybePromise<Actor[]> {
  return mapMaybe(s.addresseeIds ?? load.addresseeIds.load(s.id), (ids) => load.actor.all(ids));
}

export function behalfOf(s: StatementRow, { load }: Context): MaybePromise<Actor[]> {
  return mapMaybe(s.behalfIds ?? load.behalfIds.load(s.id), (ids) => load.actor.all(ids));
}

/** The outermost hop that is not an outlet, or else the speakers. */
export async function giversOf(s: StatementRow, context: Context): Promise<readonly Actor[]> {
  const hops = await hopsOf(s, context);
  const passedOnBy = await context.load.actor.all(hops.map(({ actorId }) => actorId));
  const outermost = passedOnBy.findLast(({ kind }) => kind !== 'OUTLET');
  return outermost ? [outermost] : speakersOf(s, context);
}

export function eventsOf(s: StatementRow, { load }: Context): MaybePromise<Event[]> {
  return mapMaybe(s.eventIds ?? load.eventIds.load(s.id), (ids) => load.event.all(ids));
}

export function topicsOf(s: StatementRow, { load }: Context): MaybePromise<StatementTopicRow[]> {
  const { topicIds, stances } = s;
  if (!topicIds) return load.topics.load(s.id);
  return topicIds.map((topicId, i) => ({ topicId, stance: stances?.[i] ?? null }));
}

export function hopsOf(s: StatementRow, { load }: Context): MaybePromise<HopRow[]> {
  const { hopIds, forms } = s;
  if (!hopIds) return load.attribution.load(s.id);
  return hopIds.map((actorId, i) => ({ actorId, form: forms?.[i] as HopRow['form'] }));
}
