import type { InputPath } from '../base/errors.ts';
import type { Choice } from './input/choice.ts';
import { type FuzzyDate, momentOf } from './input/date.ts';
import type { EventInput, SourceInput } from './input/noun.ts';
import type { References } from './input/reference.ts';
import type { StatementInput } from './input/statement.ts';

export type WarningCode =
  | 'SAID_AFTER_PUBLICATION'
  | 'SAID_IN_FUTURE'
  | 'NO_ANCHOR'
  | 'ANCHOR_NOT_CHECKED'
  | 'UNRESOLVED_SPEAKER'
  | 'PUBLISHED_IN_FUTURE'
  | 'OUTDATED_ANCHORS'
  | 'EVENT_IN_FUTURE';

export const WARNING_CODE: Choice<WarningCode> = {
  name: 'WarningCode',
  description: 'What is odd about an input that was accepted.',
  meanings: {
    SAID_AFTER_PUBLICATION:
      'The first day on which the statement can have been said is after the day on which its source was published.',
    SAID_IN_FUTURE:
      'The statement is dated in the future: its time has not come, or its first possible day has begun in no time zone.',
    NO_ANCHOR: 'The statement has no anchor, so no reader can check where its source says it.',
    ANCHOR_NOT_CHECKED:
      'The source has no length, so the service could not check that the anchors lie within its text.',
    UNRESOLVED_SPEAKER:
      'A mention of a speaker has no actor. Lists by speaker or side do not find the statement by it; the filter `unresolved` does.',
    PUBLISHED_IN_FUTURE: 'The source is dated in the future.',
    OUTDATED_ANCHORS:
      'The source got another text, and anchors of its statements are still those of the former text. `reanchorSource` places them. Only the save that changes the text has this warning.',
    EVENT_IN_FUTURE: 'The event is dated in the future, as a planned one is.',
  },
};

/** Something odd about an input that is accepted. */
export interface Warning {
  readonly code: WarningCode;
  readonly message: string;
  /** Path within the input: `['said']`. */
  readonly path: InputPath;
}

/** Warnings of an input that is at this path in a request or file. */
export const warningsAt = (path: InputPath, warnings: readonly Warning[]): Warning[] =>
  warnings.map((warning) => ({ ...warning, path: [...path, ...warning.path] }));

/** The first time zones begin a day this long before UTC. */
const FIRST_ZONE_MS = 14 * 3_600_000;

/** Whether a day has begun in no time zone. */
const isFutureDay = (day: string, now: Date): boolean =>
  day > new Date(now.getTime() + FIRST_ZONE_MS).toISOString().slice(0, 10);

function isFuture({ edtf, earliest }: FuzzyDate, now: Date): boolean {
  const moment = momentOf(edtf);
  return moment ? moment > now : isFutureDay(earliest, now);
}

/** Warnings of a statement without faults. `references` has found its source. */
export function statementWarnings(
  { said, source: slug, anchors = [], mentions = [] }: StatementInput,
  references: Pick<References, 'get'>,
  now = new Date(),
): Warning[] {
  const warnings: Warning[] = [];
  const source = references.get('source', slug);
  const publishedOn = source?.publishedOn;
  if (publishedOn && said.earliest > publishedOn) {
    warnings.push({
      code: 'SAID_AFTER_PUBLICATION',
      message: `It was said after its source “${slug}” was published, on ${publishedOn}. Check both dates.`,
      path: ['said'],
    });
  }
  if (isFuture(said, now)) {
    const message = `${said.edtf} is in the future. Check the date.`;
    warnings.push({ code: 'SAID_IN_FUTURE', message, path: ['said'] });
  }
  if (anchors.length === 0) {
    const message = 'It has no anchor. Add the span of its source in which it is written.';
    warnings.push({ code: 'NO_ANCHOR', message, path: ['anchors'] });
  } else if (source?.length === null && anchors.some(({ start }) => start !== undefined)) {
    const message = `Its source “${slug}” has no length, so the anchors were not checked. Add length and digest to the source.`;
    warnings.push({ code: 'ANCHOR_NOT_CHECKED', message, path: ['anchors'] });
  }
  for (const [i, { as, actor }] of mentions.entries()) {
    if (actor !== undefined) continue;
    const message = `It is not known who “${as}” is. Revise the mention with the slug of the actor when it is.`;
    warnings.push({ code: 'UNRESOLVED_SPEAKER', message, path: ['mentions', i] });
  }
  return warnings;
}

export function sourceWarnings({ publishedOn }: SourceInput, now = new Date()): Warning[] {
  if (publishedOn === undefined || !isFutureDay(publishedOn, now)) return [];
  const message = `${publishedOn} is in the future. Check the date.`;
  return [{ code: 'PUBLISHED_IN_FUTURE', message, path: ['publishedOn'] }];
}

export function eventWarnings({ date }: EventInput, now = new Date()): Warning[] {
  if (!isFuture(date, now)) return [];
  const message = `${date.edtf} is in the future. Check the date, unless the event is a planned one.`;
  return [{ code: 'EVENT_IN_FUTURE', message, path: ['date'] }];
}
