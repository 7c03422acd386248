import type { Facets } from '../../log/facets.ts';
import type { TopicTree } from '../memory/topicTree.ts';
import type { Condition } from './filter.ts';
import type { Names } from './matchLoaders.ts';

/** Maximum marks of one subscription. One that needs more is matched against every change, and pays for it. */
const MARKS_LENGTH_MAX = 200;

/**
 * Marks of which a statement must carry at least one to meet the filter; null where there are none such. They select the few
 * subscriptions that a change can concern.
 */
export function requiredMarks(condition: Condition, names: Names): readonly string[] | null {
  const marks = marksFor(condition, names);
  return marks && marks.size <= MARKS_LENGTH_MAX ? [...marks] : null;
}

function marksFor(condition: Condition, names: Names): ReadonlySet<string> | null {
  switch (condition.type) {
    case 'all': {
      const marks = condition.conditions.map((inner) => marksFor(inner, names));
      return marks.filter((set) => set !== null).sort((a, b) => a.size - b.size)[0] ?? null;
    }
    case 'any': {
      const marks = condition.conditions.map((inner) => marksFor(inner, names));
      return marks.includes(null) ? null : new Set(marks.flatMap((set) => [...(set ?? [])]));
    }
    case 'actors':
      return marked(condition.role, names.actor, condition.slugs);
    case 'topics':
      return marked(condition.subtopics ? 'below' : 'topic', names.topic, condition.slugs);
    case 'positions':
      return marked(
        'topic',
        names.topic,
        condition.positions.map(({ topic }) => topic),
      );
    case 'sources':
      return marked('source', names.source, condition.slugs);
    case 'events':
      return marked('event', names.event, condition.slugs);
    default:
      return null;
  }
}

function marked(prefix: string, ids: ReadonlyMap<string, number>, slugs: readonly string[]): Set<string> {
  return new Set(slugs.filter((slug) => ids.has(slug)).map((slug) => `${prefix} ${ids.get(slug)}`));
}

/** The marks that a statement carries. */
export function marksOf(facets: Facets, tree: TopicTree): string[] {
  return [
    ...facets.speakerIds.map((id) => `speaker ${id}`),
    ...facets.addresseeIds.map((id) => `addressee ${id}`),
    ...facets.attributedToIds.map((id) => `attributedTo ${id}`),
    ...facets.topics.map(({ id }) => `topic ${id}`),
    ...facets.topics.flatMap(({ id }) => tree.lineage(id).map((above) => `below ${above}`)),
    ...facets.eventIds.map((id) => `event ${id}`),
    `source ${facets.sourceId}`,
  ];
}
