import type { PositionAccount, PositionRow } from '../read/loading/positions.ts';
import { builder } from './builder/builder.ts';
import { FuzzyDateRef } from './builder/date.ts';
import { StanceEnum } from './builder/enums.ts';
import { StatementRef } from './statement/ref.ts';

const PositionAccountEnum = builder.enumType('PositionAccount', {
  description: 'On whose account it is known what an actor said, and where it stands.',
  values: {
    OWN: {
      value: 'OWN',
      description:
        'The actor’s own: a giver of the statement is the actor, or speaks for the side of the actor on that day.',
    },
    REPORTED: {
      value: 'REPORTED',
      description: 'The account of others: `givers` say so, and the actor may not agree.',
    },
  } as const satisfies Record<PositionAccount, object>,
});

builder.objectField(StatementRef, 'account', (t) =>
  t.field({
    type: PositionAccountEnum,
    nullable: true,
    description:
      'Whether it is this speaker’s own account, or what others report of it; null if the actor is not a speaker of it.',
    args: { speaker: t.arg.string({ required: true, description: 'Slug of a speaker.' }) },
    resolve: async (statement, { speaker }, { load }) => {
      const actor = await load.named('actor', speaker, ['speaker']);
      return actor && load.accountOfSpeaker.load(statement.id, { speakerId: actor.id });
    },
  }),
);

/** Which of the two positions that an actor can have on a topic. */
export const accountArg = builder.args((t) => ({
  account: t.field({
    type: PositionAccountEnum,
    description: 'Only positions on this account; both where left out.',
  }),
}));

export const ActorPosition = builder.objectRef<PositionRow>('ActorPosition').implement({
  description:
    'The position of an actor on the proposition of a topic, by its newest statement that takes a stance on it. An actor has at most ' +
    'two on a topic: one on its own account, and one that others report.',
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
    account: t.field({
      type: PositionAccountEnum,
      description: 'Whether it is the actor’s own account, or what others report.',
      resolve: (p) => p.account,
    }),
    givers: t.field({
      type: ['Actor'],
      description: 'The givers of `statement`: on whose account the position is known.',
      resolve: (p, _, { load }) => load.actor.all(p.giverIds),
    }),
    stance: t.field({
      type: StanceEnum,
      description:
        'The stance of its newest statement on this account. MIXED where it supports and opposes the proposition on the same date.',
      resolve: (p) => p.stance,
    }),
    isCurrent: t.boolean({
      description:
        'Whether the actor still takes this position. False if a later statement of the actor shifts away from it: see `shiftedTo`.',
      resolve: (p) => p.shiftedToId === null,
    }),
    since: t.field({
      type: FuzzyDateRef,
      description:
        'Since when it has held this stance without a break, by the statements on this account: the date of the first.',
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
        'The earlier statement that the actor has shifted from, by a SHIFTS_FROM link between statements on its own account; null if there is none, and if the position is REPORTED.',
      resolve: (p, _, { load }) => (p.shiftedFromId === null ? null : load.statement.load(p.shiftedFromId)),
    }),
    shiftedTo: t.field({
      type: StatementRef,
      nullable: true,
      description:
        'A later statement of the actor, on its own account, that shifts away from this position; null if there is none, and if the position is REPORTED.',
      resolve: (p, _, { load }) => (p.shiftedToId === null ? null : load.statement.load(p.shiftedToId)),
    }),
  }),
});
