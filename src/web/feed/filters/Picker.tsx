import { type KeyboardEvent, useId, useState } from 'react';

export interface Option {
  readonly slug: string;
  readonly name: string;
  /** What distinguishes it from others with a similar name. */
  readonly note?: string;
}

interface Props {
  readonly label: string;
  readonly placeholder: string;
  readonly options: readonly Option[];
  readonly text: string;
  readonly onText: (text: string) => void;
  /** Called when the reader comes to the field, before its suggestions are needed. */
  readonly onOpen: () => void;
  readonly onPick: (option: Option) => void;
}

/** A field with suggestions for the typed text, by the combobox pattern of ARIA. */
export function Picker({ label, placeholder, options, text, onText, onOpen, onPick }: Props) {
  const id = useId();
  const [isOpen, setOpen] = useState(false);
  const [active, setActive] = useState(0);
  const shown = isOpen ? options : [];
  const current = Math.min(active, shown.length - 1);

  const pick = (option: Option): void => {
    onPick(option);
    onText('');
    setOpen(false);
    setActive(0);
  };
  const step = (by: number): void => {
    setOpen(true);
    if (shown.length > 0) setActive((current + by + shown.length) % shown.length);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const option = shown[current];
    if (event.key === 'ArrowDown') step(1);
    else if (event.key === 'ArrowUp') step(-1);
    else if (event.key === 'Enter' && option) pick(option);
    else if (event.key === 'Escape' && isOpen) setOpen(false);
    else return;
    event.preventDefault();
  };

  return (
    <div className="picker">
      <label htmlFor={`${id}input`}>{label}</label>
      <input
        id={`${id}input`}
        type="text"
        role="combobox"
        autoComplete="off"
        spellCheck={false}
        placeholder={placeholder}
        aria-expanded={shown.length > 0}
        aria-controls={`${id}list`}
        aria-autocomplete="list"
        aria-activedescendant={shown.length > 0 ? `${id}${current}` : undefined}
        value={text}
        onChange={(event) => {
          onText(event.target.value);
          setOpen(true);
          setActive(0);
        }}
        onFocus={() => {
          onOpen();
          setOpen(true);
        }}
        onBlur={() => setOpen(false)}
        onKeyDown={onKeyDown}
      />
      <div
        id={`${id}list`}
        role="listbox"
        aria-label={label}
        className="picker-list"
        hidden={shown.length === 0}
      >
        {shown.map((option, i) => (
          <div
            key={option.slug}
            id={`${id}${i}`}
            role="option"
            tabIndex={-1}
            aria-selected={i === current}
            onMouseDown={(event) => {
              event.preventDefault(); // or the field would lose the focus and close the list first
              pick(option);
            }}
          >
            {option.name}
            {option.note && <span className="picker-note"> {option.note}</span>}
          </div>
        ))}
      </div>
    </div>
  );
}
