import { describeSlugs, type InputOf, LIST_POINTS, OPTION_POINTS } from './kind/field.ts';
import { type ConditionKind, idsOf, marksOfSlugs, NONE } from './kind/kind.ts';
import { SLUG_LIST, withoutLong } from './kind/slugs.ts';
import { type DrivingTable, hasOneOf, idsSql, type SqlContext } from './kind/sql.ts';

interface TopicsCondition {
  readonly type: 'topics';
  readonly slugs: readonly string[];
  /** Whether the topics below them count too. */
  readonly subtopics: boolean;
}

const fields = {
  topics: {
    type: 'String',
    isList: true,
    slugsOf: 'topic',
    description: describeSlugs(
      'About one of these topics, or one below it unless `includeSubtopics` is false.',
    ),
    points: LIST_POINTS,
  },
  includeSubtopics: {
    type: 'Boolean',
    isList: false,
    defaultValue: true,
    description: 'Whether `topics` means the topics below them as well.',
    points: OPTION_POINTS,
  },
} as const;

export const TOPIC_TABLE: DrivingTable = {
  table: 'statement_topic',
  column: 'topic_id',
  type: 'int',
  repeats: false,
};

/** SQL for the ids of the topics, with those below them where these count. */
function topicIdsSql({ slugs, subtopics }: TopicsCondition, context: SqlContext): string {
  if (!subtopics) return idsSql('topic', slugs, context);
  return `
  WITH RECURSIVE subtree AS (
    ${idsSql('topic', slugs, context)}
    UNION SELECT topic.id FROM topic JOIN subtree ON topic.parent_id = subtree.id)
  SELECT id FROM subtree`;
}

export const topics: ConditionKind<TopicsCondition, typeof fields> = {
  type: 'topics',
  fields,
  parse: ({ topics, includeSubtopics }: InputOf<typeof fields>) =>
    topics == null
      ? NONE
      : [{ type: 'topics', slugs: withoutLong(topics), subtopics: includeSubtopics ?? true }],
  list: SLUG_LIST,
  variantOf: ({ subtopics }) => (subtopics ? 'subtree' : 'topic'),
  needsStatement: false,
  sql: (condition, context) =>
    hasOneOf('statement_topic', 'topic_id', topicIdsSql(condition, context), context),
  driving: ({ slugs, subtopics }) => ({
    table: TOPIC_TABLE,
    wanted: { kind: subtopics ? 'subtree' : 'topic', slugs },
  }),
  firstDay: null,
  matcher: ({ slugs, subtopics }, names) => {
    const ids = idsOf(names.topic, slugs);
    if (!subtopics) return ({ topics }) => topics.some(({ id }) => ids.has(id));
    return ({ topicLineage }) => topicLineage.some((id) => ids.has(id));
  },
  search: null,
  names: ({ slugs, subtopics }, take) => {
    for (const slug of slugs) take('topic', slug, subtopics);
  },
  marks: {
    required: ({ slugs, subtopics }, names) =>
      marksOfSlugs(subtopics ? 'below' : 'topic', names.topic, slugs),
    carried: ({ topics, topicLineage }) => [
      ...topics.map(({ id }) => `topic ${id}`),
      ...topicLineage.map((id) => `below ${id}`),
    ],
  },
};
