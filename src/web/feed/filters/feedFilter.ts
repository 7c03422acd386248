import type { StatementFilter } from '../../live/useFollow.ts';
import { parseRange, type Range } from '../../timeline/range.ts';
import { STANCES, type Stance } from '../../words/stance.ts';

/** The filter of the feed, as the address contains it. */
export interface FeedFilter extends Range {
  readonly words: string;
  /** Who said or passed it on. */
  readonly actors: readonly string[];
  /** On whose account it is known. */
  readonly givers: readonly string[];
  /** For whom the giver spoke. */
  readonly sides: readonly string[];
  readonly topics: readonly string[];
  readonly events: readonly string[];
  readonly sources: readonly string[];
  readonly stances: readonly Stance[];
  readonly retracted: boolean;
}

const isStance = (text: string): text is Stance => (STANCES as readonly string[]).includes(text);

/** Reads the search part of an address. Invalid parameters are ignored. */
export function parseFeedFilter(search: string): FeedFilter {
  const parameters = new URLSearchParams(search);
  const all = (name: string): string[] => [...new Set(parameters.getAll(name).filter(Boolean))];
  return {
    words: parameters.get('q') ?? '',
    actors: all('actor'),
    givers: all('giver'),
    sides: all('side'),
    topics: all('topic'),
    events: all('event'),
    sources: all('source'),
    stances: all('stance')
      .map((stance) => stance.toUpperCase())
      .filter(isStance),
    ...parseRange(search),
    retracted: parameters.has('retracted'),
  };
}

/** The address of the feed with this filter. */
export function formatFeedFilter(filter: FeedFilter): string {
  const parameters = new URLSearchParams();
  if (filter.words.trim()) parameters.set('q', filter.words.trim());
  for (const slug of filter.actors) parameters.append('actor', slug);
  for (const slug of filter.givers) parameters.append('giver', slug);
  for (const slug of filter.sides) parameters.append('side', slug);
  for (const slug of filter.topics) parameters.append('topic', slug);
  for (const stance of filter.stances) parameters.append('stance', stance.toLowerCase());
  for (const slug of filter.events) parameters.append('event', slug);
  for (const slug of filter.sources) parameters.append('source', slug);
  if (filter.from) parameters.set('from', filter.from);
  if (filter.to) parameters.set('to', filter.to);
  if (filter.retracted) parameters.set('retracted', '');
  const search = parameters.toString();
  return search ? `/?${search}` : '/';
}

/** How many conditions it has. */
export function countConditions(filter: FeedFilter): number {
  const { words, actors, givers, sides, topics, events, sources, stances, from, to, retracted } = filter;
  const single = [words.trim(), from, to, retracted].filter(Boolean).length;
  const lists = [actors, givers, sides, topics, events, sources, stances];
  return lists.reduce((sum, { length }) => sum + length, single);
}

/** The filter as the API takes it. An actor matches as a speaker or as a hop of the attribution. */
export function toStatementFilter(filter: FeedFilter): StatementFilter {
  const { words, actors, givers, sides, topics, events, sources, stances, from, to, retracted } = filter;
  return {
    ...(words.trim() && { search: words.trim() }),
    ...(actors.length > 0 && { any: [{ speakers: [...actors] }, { attributedTo: [...actors] }] }),
    ...(givers.length > 0 && { givers: [...givers] }),
    ...(sides.length > 0 && { sides: [...sides] }),
    ...(topics.length > 0 && { topics: [...topics] }),
    ...(events.length > 0 && { events: [...events] }),
    ...(sources.length > 0 && { sources: [...sources] }),
    ...(stances.length > 0 && { stances: [...stances] }),
    ...(from && { saidFrom: from }),
    ...(to && { saidTo: to }),
    ...(retracted && { includeRetracted: true }),
  };
}
