import { type FuzzyDate, fuzzyDateText, isExact, isFuture } from '../words/date.ts';
import { dayText } from '../words/moment.ts';

/** When something was said, with a mark where that is in the future. */
export function SaidText({ date }: { readonly date: FuzzyDate }) {
  return (
    <>
      <DateText date={date} />
      {isFuture(date, new Date()) && <span className="doubt"> (in the future)</span>}
    </>
  );
}

/** A date, as precise as it is known. Where the day is not known, the title has the possible range of days. */
export function DateText({ date }: { readonly date: FuzzyDate }) {
  if (isExact(date)) {
    // EDTF of a day, with or without its time, is also what HTML takes here.
    return <time dateTime={date.edtf}>{fuzzyDateText(date)}</time>;
  }
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
