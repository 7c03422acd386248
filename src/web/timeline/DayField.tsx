import { useEffect, useState } from 'react';

interface Props {
  readonly label: string;
  /** `YYYY-MM-DD`, or empty. */
  readonly day: string;
  readonly onDay: (day: string) => void;
}

/** A calendar day, or none. */
export function DayField({ label, day, onDay }: Props) {
  const [draft, setDraft] = useState(day);
  useEffect(() => setDraft(day), [day]);
  const change = (text: string): void => {
    setDraft(text);
    const isYearWhole = text === '' || text >= '1000'; // while it is typed, 2025 begins as 0002
    if (isYearWhole) onDay(text);
  };
  return (
    <label>
      {label}
      <input type="date" value={draft} onChange={(event) => change(event.target.value)} />
    </label>
  );
}
