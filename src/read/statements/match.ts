import type { Facets } from '../../log/facets.ts';
import type { Verdict } from '../../log/hub/delivery.ts';
import type { TopicTree } from '../memory/topicTree.ts';
import type { Condition } from './filter.ts';
import type { Names } from './matchLoaders.ts';

/**
 * Whether a statement, as the log describes it, meets a filter.
 * @param found the searches of the filter that find the statement; null before the searches have run.
 */
export type Matcher = (facets: Facets, found: ReadonlySet<string> | null) => Verdict;

/**
 * Compiles a filter to a function that decides in the process what `toSql` decides in PostgreSQL. Slugs are resolved when it
 * is compiled; the tree of topics is the current one.
 */
export function makeMatcher(condition: Condition, names: Names, tree: TopicTree): Matcher {
  const make = (inner: Condition): Matcher => makeMatcher(inner, names, tree);
  const idsOf = (kind: keyof Names, slugs: readonly string[]): ReadonlySet<number> =>
    new Set(slugs.flatMap((slug) => names[kind].get(slug) ?? []));
  switch (condition.type) {
    case 'current':
      return (facets) => facets.status === 'CURRENT';
    case 'actors': {
      const ids = idsOf('actor', condition.slugs);
      const field = `${condition.role}Ids` as const;
      return (facets) => facets[field].some((id) => ids.has(id));
    }
    case 'topics': {
      const ids = idsOf('topic', condition.slugs);
      if (!condition.subtopics) return (facets) => facets.topics.some(({ id }) => ids.has(id));
      return (facets) => facets.topics.some(({ id }) => tree.isBelow(id, ids));
    }
    case 'sources': {
      const ids = idsOf('source', condition.slugs);
      return (facets) => ids.has(facets.sourceId);
    }
    case 'events': {
      const ids = idsOf('event', condition.slugs);
      return (facets) => facets.eventIds.some((id) => ids.has(id));
    }
    case 'modes':
      return (facets) => condition.values.includes(facets.mode);
    case 'acts':
      return (facets) => condition.values.includes(facets.act);
    case 'stances':
      return (facets) =>
        facets.topics.some(({ stance }) => stance !== null && condition.values.includes(stance));
    case 'positions': {
      const wanted = condition.positions.map(({ topic, stance }) => ({ id: names.topic.get(topic), stance }));
      return (facets) =>
        facets.topics.some((topic) =>
          wanted.some(({ id, stance }) => topic.id === id && topic.stance === stance),
        );
    }
    case 'saidFrom':
      return (facets) => facets.latest >= condition.day;
    case 'saidTo':
      return (facets) => facets.earliest <= condition.day;
    case 'search':
      return (_, found) => found?.has(condition.text) ?? null;
    case 'not': {
      const inner = make(condition.condition);
      return (facets, found) => {
        const met = inner(facets, found);
        return met === null ? null : !met;
      };
    }
    case 'all':
      return combine(condition.conditions.map(make), false);
    case 'any':
      return combine(condition.conditions.map(make), true);
  }
}

/** True as soon as one matcher gives `decisive`, for `any`; false as soon as one gives it, for `all`. */
function combine(matchers: readonly Matcher[], decisive: boolean): Matcher {
  return (facets, found) => {
    let open = false;
    for (const matcher of matchers) {
      const met = matcher(facets, found);
      if (met === decisive) return decisive;
      open ||= met === null;
    }
    return open ? null : !decisive;
  };
}

/** The texts that a filter searches for. */
export function searchesOf(condition: Condition): string[] {
  switch (condition.type) {
    case 'search':
      return [condition.text];
    case 'not':
      return searchesOf(condition.condition);
    case 'all':
    case 'any':
      return [...new Set(condition.conditions.flatMap(searchesOf))];
    default:
      return [];
  }
}

/** Points for matching a change without conditions: half a microsecond. */
const MATCH_POINTS = 0.5;
/** Points of a condition. `any` of 99 alternatives with one name each takes 19 µs for its 200 conditions. */
const CONDITION_POINTS = 0.1;

/** Points for matching one change, without searches. */
export function matchPoints(condition: Condition): number {
  return MATCH_POINTS + CONDITION_POINTS * conditionsOf(condition);
}

function conditionsOf(condition: Condition): number {
  if (condition.type === 'not') return 1 + conditionsOf(condition.condition);
  if (condition.type !== 'all' && condition.type !== 'any') return 1;
  return condition.conditions.reduce((count, inner) => count + conditionsOf(inner), 1);
}
