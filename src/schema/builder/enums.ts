import {
  ActorKind,
  AttributionForm,
  EventKind,
  LinkKind,
  Stance,
  StatementAct,
  StatementMode,
  StatementStatus,
} from '../../db/generated/enums.ts';
import { builder } from './builder.ts';

/** An enum whose every value says what it means. */
function describe<Name extends string>(values: Record<Name, Name>, meanings: Record<Name, string>) {
  return Object.fromEntries(
    Object.values<Name>(values).map((name) => [name, { value: name, description: meanings[name] }]),
  ) as Record<Name, { value: Name; description: string }>;
}

export const ActorKindEnum = builder.enumType('ActorKind', {
  description: 'What an actor is.',
  values: describe(ActorKind, {
    PERSON: 'A human being, such as Emmanuel Macron.',
    STATE: 'A state, such as France.',
    ORGANISATION: 'An organisation, such as the European Union.',
    BODY: 'A part of a state or an organisation that speaks for itself, such as the Kremlin.',
    OUTLET: 'A news medium, such as a broadcaster. It passes statements on and is nobody’s side.',
  }),
});

export const StanceEnum = builder.enumType('Stance', {
  description: 'The attitude of a statement to the proposition of a topic.',
  values: describe(Stance, {
    SUPPORTS: 'For the proposition.',
    OPPOSES: 'Against the proposition.',
    MIXED: 'For it in part, or under conditions that matter.',
    NEUTRAL: 'Speaks about it and takes no side.',
    UNCLEAR: 'Takes a side, but which one can’t be told from the words.',
  }),
});

export const EventKindEnum = builder.enumType('EventKind', {
  description: 'What kind of occasion an event is.',
  values: describe(EventKind, {
    CALL: 'A telephone or video call.',
    MEETING: 'A meeting of a few.',
    SUMMIT: 'A formal meeting of heads of state or government.',
    PRESS_APPEARANCE: 'Remarks to the press: a conference, an interview, a video.',
    MILITARY_ACTION: 'Use of force.',
    DECISION: 'A decision that was taken or announced.',
    OTHER: 'Any other occasion.',
  }),
});

export const StatementModeEnum = builder.enumType('StatementMode', {
  description: 'How the source gives what was said.',
  values: describe(StatementMode, {
    DIRECT: 'In the speaker’s own words; the statement has a `quote`.',
    INDIRECT: 'In the words of whoever reports it.',
    MIXED: 'Reported, with some of the speaker’s own words in it.',
  }),
});

export const StatementActEnum = builder.enumType('StatementAct', {
  description: 'What the speaker does by saying it.',
  values: describe(StatementAct, {
    STATE: 'States something as so.',
    AGREE: 'Agrees with others on something.',
    PLEDGE: 'Promises to do something.',
    SUPPORT: 'Backs something.',
    CONCEDE: 'Admits something that speaks against one’s own position.',
    REQUEST: 'Asks for something or makes it a condition.',
    PROPOSE: 'Suggests something new.',
    ACCUSE: 'Blames somebody.',
    DENY: 'Says that something is not so.',
    REJECT: 'Refuses something.',
    WARN: 'Points to harm that could come.',
    THREATEN: 'Announces harm that the speaker would do.',
  }),
});

export const AttributionFormEnum = builder.enumType('AttributionForm', {
  description: 'The form in which a hop of the attribution chain passed a statement on.',
  values: describe(AttributionForm, {
    READOUT: 'An official summary of a call or meeting.',
    REMARKS: 'Spoken remarks.',
    VIDEO: 'A video.',
    INTERVIEW: 'An interview.',
    PRESS_RELEASE: 'A press release.',
    SOCIAL_POST: 'A post on a social network.',
    REPORT: 'A news report.',
  }),
});

export const LinkKindEnum = builder.enumType('LinkKind', {
  description:
    'How a statement relates to an earlier one. A statement that was certainly said later is refused. Approximate or ' +
    'uncertain dates are not compared, and one day is allowed for time zones.',
  values: describe(LinkKind, {
    ECHOES: 'Says much the same as the earlier one.',
    AGREES_WITH: 'Expressly agrees with it.',
    DISPUTES: 'Contradicts it.',
    REPLIES_TO: 'Answers it.',
    SHIFTS_FROM: 'A speaker of both has changed position since; no two statements shift from one another.',
    CORRECTS: 'The same speaker puts it right.',
  }),
});

export const StatementStatusEnum = builder.enumType('StatementStatus', {
  description: 'Whether the record still stands by a statement.',
  values: describe(StatementStatus, {
    CURRENT: 'It does.',
    RETRACTED:
      'It was recorded in error; it stays, with the reason, and leaves lists unless they ask for it.',
  }),
});
