import type { Stance } from '../../../db/generated/enums.ts';
import { isSlug } from '../../../domain/input/slug.ts';
import { type ConditionKind, marksOfSlugs, NONE } from './kind/kind.ts';
import { isTooLong } from './kind/slugs.ts';

interface PositionsCondition {
  readonly type: 'positions';
  readonly positions: readonly Position[];
}
/** A stance on the proposition of one topic. */
interface Position {
  readonly topic: string;
  readonly stance: Stance;
}

const fields = {
  positions: {
    type: {
      name: 'PositionFilter',
      description: 'A stance on the proposition of one topic.',
      fields: {
        topic: {
          type: 'String',
          slugsOf: 'topic',
          description: 'Slug of the topic. Statements on topics below it do not match.',
        },
        stance: { type: 'Stance', description: 'The stance taken on its proposition.' },
      },
    },
    isList: true,
    description: 'Takes one of these stances on the proposition of its topic.',
    // Each value needs its own look-up.
    points: { own: 100, each: 60 },
  },
} as const;

export const positions: ConditionKind<PositionsCondition, typeof fields> = {
  type: 'positions',
  fields,
  parse: ({ positions }) =>
    positions == null
      ? NONE
      : [{ type: 'positions', positions: positions.filter(({ topic }) => !isTooLong(topic)) }],
  list: { name: 'positions', isPossible: ({ topic }: Position) => isSlug(topic) },
  variantOf: null,
  needsStatement: false,
  sql: ({ positions }, { parameters, alias }) => {
    const topics = parameters.add(positions.map(({ topic }) => topic));
    const stances = parameters.add(positions.map(({ stance }) => stance));
    return `EXISTS (SELECT FROM statement_topic x WHERE x.statement_id = ${alias.id} AND (x.topic_id, x.stance) IN (
        SELECT topic.id, wanted.stance FROM unnest(${topics}::text[], ${stances}::stance[]) AS wanted (slug, stance)
        JOIN topic USING (slug)))`;
  },
  driving: null,
  firstDay: null,
  matcher: ({ positions }, names) => {
    const wanted = positions.map(({ topic, stance }) => ({ id: names.topic.get(topic), stance }));
    return (facets) =>
      facets.topics.some((topic) =>
        wanted.some(({ id, stance }) => topic.id === id && topic.stance === stance),
      );
  },
  search: null,
  names: ({ positions }, take) => {
    for (const { topic } of positions) take('topic', topic, false);
  },
  marks: {
    required: ({ positions }, names) =>
      marksOfSlugs(
        'topic',
        names.topic,
        positions.map(({ topic }) => topic),
      ),
    carried: () => NONE, // `topics` carries the same marks
  },
};
