import { dateToDay } from '../../db/day.ts';
import { type FuzzyDate, momentOf, parseFuzzyDate } from '../../domain/input/date.ts';
import { builder } from './builder.ts';

export const FuzzyDateRef = builder.objectRef<FuzzyDate>('FuzzyDate').implement({
  description: 'A date that is as precise as what is known, with the span of days it can mean.',
  fields: (t) => ({
    edtf: t.exposeString('edtf', {
      description:
        'The date in EDTF (ISO 8601-2): `2025-07-01`, `2025-07`, `2025`; `~` behind it marks it as approximate, `?` as ' +
        'uncertain, `%` as both; `2025-06/2025-07-07` is some day between the two; `2025-07-01T14:30:00+02:00` is a day with its time of day.',
    }),
    earliest: t.expose('earliest', { type: 'Date', description: 'The first day it can mean.' }),
    latest: t.expose('latest', {
      type: 'Date',
      description: 'The last day it can mean; equal to `earliest` where the day is known.',
    }),
    time: t.field({
      type: 'DateTime',
      nullable: true,
      description:
        'The same moment in UTC where the time of day is known, otherwise null. `earliest` and `latest` are the day as written, at ' +
        'the place of the offset. Lists and filters go by days, not by this time.',
      resolve: ({ edtf }) => momentOf(edtf),
    }),
  }),
});

/** The beginning or end of a period, which has a text unless it is a day. */
export function periodDate(day: Date | null, edtf: string | null): FuzzyDate | null {
  if (day === null) return null;
  return parseFuzzyDate(edtf ?? dateToDay(day));
}
