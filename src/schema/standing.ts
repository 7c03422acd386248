import type { PositionRow } from '../read/loading/standings.ts';
import { builder } from './builder/builder.ts';
import { FuzzyDateRef } from './builder/date.ts';
import { StanceEnum } from './builder/enums.ts';
import { StatementRef } from './statement/ref.ts';

export const ActorPosition = builder.objectRef<PositionRow>('ActorPosition').implement({
  description:
    'The position of an actor on the proposition of a topic, by its newest statement that takes a stance on it.',
  fields: (t) => ({
    actor: t.field({
      type: 'Actor',
      description: 'The actor.',
      resolve: (p, _, { load }) => load.actor.load(p.actorId),
    }),
    topic: t.field({
      type: 'Topic',
      description: 'The topic with the proposition.',
      resolve: (p, _, { load }) => load.topic.load(p.topicId),
    }),
    stance: t.field({ type: StanceEnum, description: 'The stance now.', resolve: (p) => p.stance }),
    since: t.field({
      type: FuzzyDateRef,
      description:
        'Since when it has held this stance without a break: the date of the first such statement.',
      resolve: (p) => ({ edtf: p.sinceEdtf, earliest: p.sinceEarliest, latest: p.sinceLatest }),
    }),
    statement: t.field({
      type: StatementRef,
      description: 'The newest statement that takes the stance.',
      resolve: async (p, _, { load }) => {
        const statement = await load.statement.load(p.statementId);
        if (!statement) throw new Error(`statement ${p.statementId} of a position is not in the record`);
        return statement;
      },
    }),
    shiftedFrom: t.field({
      type: StatementRef,
      nullable: true,
      description:
        'The earlier statement that the actor has shifted from, by a SHIFTS_FROM link; null if there is none.',
      resolve: (p, _, { load }) => (p.shiftedFromId === null ? null : load.statement.load(p.shiftedFromId)),
    }),
    shiftedTo: t.field({
      type: StatementRef,
      nullable: true,
      description:
        'A later statement of the actor that shifts away from this position; null if there is none.',
      resolve: (p, _, { load }) => (p.shiftedToId === null ? null : load.statement.load(p.shiftedToId)),
    }),
  }),
});
