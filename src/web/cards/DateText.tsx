import { type FuzzyDate, fuzzyDateText, isExact } from '../words/date.ts';
import { dayText } from '../words/moment.ts';

/** A date in its true precision; where the day is not known, the title says which days it can be. */
export function DateText({ date }: { readonly date: FuzzyDate }) {
  if (isExact(date)) return <time dateTime={date.earliest}>{fuzzyDateText(date)}</time>;
  const span =
    date.earliest === date.latest
      ? `about ${dayText(date.earliest)}`
      : `${dayText(date.earliest)} to ${dayText(date.latest)}`;
  return (
    <span className="date-fuzzy" title={`The day is not known: ${span}`}>
      {fuzzyDateText(date)}
    </span>
  );
}
