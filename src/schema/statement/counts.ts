import type { Stance, StatementAct, StatementMode } from '../../db/generated/enums.ts';
import {
  COUNT_DIMENSIONS_MAX,
  COUNT_GROUPS_DEFAULT,
  COUNT_GROUPS_MAX,
  COUNTED_STATEMENTS_MAX,
  type CountedGroup,
  type Counts,
  parseCounts,
  readCountsBy,
} from '../../read/statements/counts/counts.ts';
import type { Dimension } from '../../read/statements/counts/dimension.ts';
import { builder } from '../builder/builder.ts';
import { StanceEnum, StatementActEnum, StatementModeEnum } from '../builder/enums.ts';
import { StatementFilter } from './filter.ts';
import { takeFilter } from './ref.ts';

/** What each dimension groups by. */
const MEANINGS: Readonly<Record<Dimension, string>> = {
  SPEAKER: 'Each speaker. A statement of two speakers counts for both. None where it is not known who spoke.',
  SIDE:
    'Each state or organisation that a giver spoke for on that day, as the filter `sides` takes it. A statement counts for all of ' +
    'them; none where its givers belong to none.',
  TOPIC:
    'Each topic that it is about: that topic itself, or with `includeSubtopics` those above it as well. None where it has no topic.',
  EVENT: 'Each event that it was made at or is about. None where it has no event.',
  SOURCE: 'The document it was taken from.',
  ACT: 'The kind of speech act.',
  MODE: 'How the source gives it.',
  STANCE:
    'With TOPIC, the stance on that topic, none where it takes none. Without TOPIC, each stance that it takes on any topic, none where ' +
    'it takes no stance.',
  LANGUAGE: 'The language of the quote. None where it is not recorded.',
  DAY: 'The earliest day of `said`. A fuzzy date counts on this day only.',
  MONTH: 'The month of the earliest day of `said`.',
  YEAR: 'The year of the earliest day of `said`.',
};

const StatementDimension = builder.enumType('StatementDimension', {
  description: 'What statements are counted by.',
  values: Object.fromEntries(
    Object.entries(MEANINGS).map(([value, description]) => [value, { value, description }]),
  ) as Record<Dimension, { value: Dimension; description: string }>,
});

const textOf = ({ values }: CountedGroup, dimension: Dimension): string | null =>
  values.get(dimension) ?? null;
const idOf = (group: CountedGroup, dimension: Dimension): number | null => {
  const value = textOf(group, dimension);
  return value === null ? null : Number(value);
};
const described = (what: string, dimension: Dimension): string =>
  `${what}; null where they have none, and where \`by\` has no ${dimension}.`;

const StatementGroup = builder.objectRef<CountedGroup>('StatementGroup').implement({
  description: 'Statements with the same value in each dimension.',
  fields: (t) => {
    const actor = (what: string, dimension: Dimension) =>
      t.field({
        type: 'Actor',
        nullable: true,
        description: described(what, dimension),
        resolve: (group, _, { load }) => {
          const id = idOf(group, dimension);
          return id === null ? null : load.actor.load(id);
        },
      });
    return {
      count: t.int({
        description: 'Number of these statements.',
        resolve: ({ count }) => count,
      }),
      speaker: actor('The speaker', 'SPEAKER'),
      side: actor('The side', 'SIDE'),
      topic: t.field({
        type: 'Topic',
        nullable: true,
        description: described('The topic', 'TOPIC'),
        resolve: (group, _, { load }) => {
          const id = idOf(group, 'TOPIC');
          return id === null ? null : load.topic.load(id);
        },
      }),
      event: t.field({
        type: 'Event',
        nullable: true,
        description: described('The event', 'EVENT'),
        resolve: (group, _, { load }) => {
          const id = idOf(group, 'EVENT');
          return id === null ? null : load.event.load(id);
        },
      }),
      source: t.field({
        type: 'Source',
        nullable: true,
        description: described('The source', 'SOURCE'),
        resolve: (group, _, { load }) => {
          const id = idOf(group, 'SOURCE');
          return id === null ? null : load.source.load(id);
        },
      }),
      act: t.field({
        type: StatementActEnum,
        nullable: true,
        description: described('The speech act', 'ACT'),
        resolve: (group) => textOf(group, 'ACT') as StatementAct | null,
      }),
      mode: t.field({
        type: StatementModeEnum,
        nullable: true,
        description: described('The mode', 'MODE'),
        resolve: (group) => textOf(group, 'MODE') as StatementMode | null,
      }),
      stance: t.field({
        type: StanceEnum,
        nullable: true,
        description: described('The stance', 'STANCE'),
        resolve: (group) => textOf(group, 'STANCE') as Stance | null,
      }),
      language: t.string({
        nullable: true,
        description: described('The language of the quote (BCP 47)', 'LANGUAGE'),
        resolve: (group) => textOf(group, 'LANGUAGE'),
      }),
      day: t.field({
        type: 'Date',
        nullable: true,
        description: 'The earliest day; null where `by` has no DAY.',
        resolve: (group) => textOf(group, 'DAY'),
      }),
      month: t.string({
        nullable: true,
        description: 'The month of the earliest day, such as `2025-07`; null where `by` has no MONTH.',
        resolve: (group) => textOf(group, 'MONTH')?.slice(0, '2025-07'.length),
      }),
      year: t.int({
        nullable: true,
        description: 'The year of the earliest day; null where `by` has no YEAR.',
        resolve: (group) => {
          const year = textOf(group, 'YEAR');
          return year === null ? null : Number(year.slice(0, '2025'.length));
        },
      }),
    };
  },
});

const StatementCounts = builder.objectRef<Counts>('StatementCounts').implement({
  description: 'Numbers of statements, by what they have in common.',
  fields: (t) => ({
    total: t.int({
      description:
        'Number of statements that match, each counted once. The groups can add up to more, where a statement is in several.',
      resolve: ({ total }) => total,
    }),
    groups: t.field({
      type: [StatementGroup],
      description:
        'Most statements first. By DAY, MONTH or YEAR first, newest first. Only groups with statements. `groupCount` is the total.',
      resolve: ({ groups }) => groups,
    }),
    groupCount: t.int({
      description: 'Number of all groups.',
      resolve: ({ groupCount }) => groupCount,
    }),
    uncounted: t.int({
      description: `Number of statements that match and are in no group: the oldest, where more than ${COUNTED_STATEMENTS_MAX} match. Else 0.`,
      resolve: ({ uncounted }) => uncounted,
    }),
    isComplete: t.boolean({
      description: 'Whether `groups` has all groups, and `uncounted` is 0.',
      resolve: ({ groups, groupCount, uncounted }) => groups.length === groupCount && uncounted === 0,
    }),
  }),
});

builder.queryFields((t) => ({
  statementCounts: t.field({
    type: StatementCounts,
    description: 'Counts statements by one or two dimensions.',
    args: {
      filter: t.arg({
        type: StatementFilter,
        description: 'Which statements. Without it, all current ones.',
      }),
      by: t.arg({
        type: [StatementDimension],
        required: true,
        description: `What to count by: one dimension, or ${COUNT_DIMENSIONS_MAX} different ones.`,
      }),
      includeSubtopics: t.arg.boolean({
        defaultValue: false,
        description:
          'Whether TOPIC counts a statement for the topics above its own as well, each once, as the filter `topics` finds it. Not with STANCE.',
      }),
      first: t.arg.int({
        defaultValue: COUNT_GROUPS_DEFAULT,
        description: `Number of groups, at most ${COUNT_GROUPS_MAX}.`,
      }),
    },
    resolve: (_, args, { db, load }) => {
      const request = parseCounts(args);
      takeFilter(args.filter, load);
      return readCountsBy(db, load, request);
    },
  }),
}));
