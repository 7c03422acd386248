import { useId } from 'react';

interface Props {
  readonly label: string;
  readonly text: string;
  readonly onText: (text: string) => void;
}

/** Narrows a list as it is typed into. */
export function SearchField({ label, text, onText }: Props) {
  const id = useId();
  return (
    <search className="search-field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type="search"
        maxLength={200}
        value={text}
        onChange={(event) => onText(event.target.value)}
      />
    </search>
  );
}
