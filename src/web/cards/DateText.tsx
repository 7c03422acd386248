import { type FuzzyDate, fuzzyDateText, isExact } from '../words/date.ts';
import { dayText } from '../words/moment.ts';

/** A date, as precise as it is known. Where the day is not known, the title has the possible range of days. */
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
