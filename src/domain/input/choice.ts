import { z } from 'zod';
import {
  ActorKind,
  AnchorRole,
  AnchorStatus,
  AttributionForm,
  EventKind,
  LinkKind,
  Stance,
  StatementAct,
  StatementMode,
} from '../../db/generated/enums.ts';

/** A closed list of values, each with its meaning. */
export interface Choice<Value extends string = string> {
  /** Name of the enum in the GraphQL schema. */
  readonly name: string;
  readonly description: string;
  readonly meanings: Readonly<Record<Value, string>>;
}

const makeChoice = <Value extends string>(
  name: string,
  _values: Readonly<Record<Value, Value>>,
  description: string,
  meanings: Readonly<Record<NoInfer<Value>, string>>,
): Choice<Value> => ({ name, description, meanings });

export const ACTOR_KIND = makeChoice('ActorKind', ActorKind, 'What an actor is.', {
  PERSON: 'A human being, such as Emmanuel Macron.',
  STATE: 'A state, such as France.',
  ORGANISATION: 'An organisation, such as the European Union.',
  BODY: 'A part of a state or an organisation that speaks for itself, such as the Kremlin.',
  OUTLET: 'A news medium, such as a broadcaster. It passes statements on and belongs to no side.',
});

export const STANCE = makeChoice(
  'Stance',
  Stance,
  'The attitude of a statement to the proposition of a topic.',
  {
    SUPPORTS: 'For the proposition.',
    OPPOSES: 'Against the proposition.',
    MIXED: 'For it in part, or under important conditions.',
    NEUTRAL: 'Speaks about it and takes no side.',
    UNCLEAR: 'Takes a side, but the words do not show which one.',
  },
);

export const EVENT_KIND = makeChoice('EventKind', EventKind, 'What kind of occasion an event is.', {
  CALL: 'A telephone or video call.',
  MEETING: 'A meeting of a few participants.',
  SUMMIT: 'A formal meeting of heads of state or government.',
  PRESS_APPEARANCE: 'Remarks to the press: a conference, an interview, a video.',
  MILITARY_ACTION: 'Use of force.',
  DECISION: 'A decision that was taken or announced.',
  OTHER: 'Any other occasion.',
});

export const STATEMENT_MODE = makeChoice(
  'StatementMode',
  StatementMode,
  'How the source gives the statement.',
  {
    DIRECT: 'In the speaker’s own words. The statement has a `quote`.',
    INDIRECT: 'In the words of the person who reports it.',
    MIXED: 'Reported, with some of the speaker’s own words in it.',
  },
);

export const STATEMENT_ACT = makeChoice('StatementAct', StatementAct, 'What the speaker does by saying it.', {
  STATE: 'States something as a fact. Use it where no other act fits.',
  AGREE: 'Agrees with others on something.',
  PLEDGE: 'Promises to do something.',
  SUPPORT: 'Backs something.',
  CONCEDE: 'Admits something that speaks against one’s own position.',
  REQUEST: 'Asks for something, demands it or makes it a condition.',
  PROPOSE: 'Suggests something new.',
  ACCUSE: 'Blames someone.',
  DENY: 'Says that something is not so.',
  REJECT: 'Refuses something or breaks it off.',
  WARN: 'Points to harm that could come.',
  THREATEN: 'Announces harm that the speaker would do.',
});

export const ATTRIBUTION_FORM = makeChoice(
  'AttributionForm',
  AttributionForm,
  'The form in which a hop of the attribution chain passed a statement on.',
  {
    READOUT: 'An official summary of a call or meeting.',
    REMARKS: 'Spoken remarks.',
    VIDEO: 'A video.',
    INTERVIEW: 'An interview.',
    PRESS_RELEASE: 'A press release.',
    SOCIAL_POST: 'A post on a social network.',
    REPORT: 'A news report.',
  },
);

export const ANCHOR_ROLE = makeChoice('AnchorRole', AnchorRole, 'What a span of the source carries.', {
  CONTENT: 'What was said.',
  CUE: 'The words that show that something was said, such as “told reporters”.',
  SPEAKER: 'Who said it.',
  ADDRESSEE: 'Whom it was said to.',
});

export const ANCHOR_STATUS = makeChoice(
  'AnchorStatus',
  AnchorStatus,
  'Whether the words of an anchor were found when its source got a new text.',
  {
    PLACED:
      'They are at its start and end, or the source has had no other text since the anchor was recorded.',
    AMBIGUOUS:
      'The text has them, usually several times, and nothing decides which place is meant. Start and end are those of the former text.',
    ORPHANED: 'The text no longer has them. Start and end are those of the former text.',
  },
);

export const LINK_KIND = makeChoice(
  'LinkKind',
  LinkKind,
  'How a statement relates to an earlier one. A link to a statement that was certainly said later is refused. Approximate or ' +
    'uncertain dates are not compared, and one day is allowed for time zones.',
  {
    ECHOES: 'Says much the same as the earlier one, without claiming agreement.',
    AGREES_WITH: 'Expressly agrees with it.',
    DISPUTES: 'Contradicts it.',
    REPLIES_TO: 'Answers it.',
    SHIFTS_FROM: 'A speaker of both has changed position since. Two statements can’t shift from one another.',
    CORRECTS: 'The same speaker corrects it.',
  },
);

/** The run-time check of a choice. Its metadata names the enum. */
export const choice = <Value extends string>({ name, description, meanings }: Choice<Value>) => {
  const values = Object.keys(meanings) as [Value, ...Value[]];
  const listed = Object.entries(meanings).map(([value, meaning]) => `${value}: ${meaning}`);
  return z
    .enum(values, `must be one of ${values.join(', ')}`)
    .meta({ id: name, description: [description, ...listed].join('\n') });
};
