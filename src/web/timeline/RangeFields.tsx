import { DayField } from './DayField.tsx';
import type { Range } from './range.ts';

interface Props {
  readonly range: Range;
  readonly onRange: (part: Partial<Range>) => void;
}

/** The first and the last day of a range. */
export function RangeFields({ range, onRange }: Props) {
  return (
    <div className="day-choice">
      <DayField label="Said from" day={range.from} onDay={(from) => onRange({ from })} />
      <DayField label="to" day={range.to} onDay={(to) => onRange({ to })} />
    </div>
  );
}
