import { useEffect, useId, useRef, useState } from 'react';
import { SEARCH_DELAY_MS } from './searchDelay.ts';

interface Props {
  readonly words: string;
  readonly onWords: (words: string) => void;
}

/** Full-text search in statements. It sends the query when the typing pauses. */
export function WordsField({ words, onWords }: Props) {
  const id = useId();
  const [draft, setDraft] = useState(words);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const sent = useRef(words);
  useEffect(() => {
    if (words !== sent.current) setDraft(words); // the address has changed, and not by typing
    sent.current = words;
  }, [words]);
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <div className="picker">
      <label htmlFor={id}>Words</label>
      <input
        id={id}
        type="search"
        maxLength={200}
        placeholder="In what was said …"
        value={draft}
        onChange={(event) => {
          const text = event.target.value;
          setDraft(text);
          clearTimeout(timer.current);
          timer.current = setTimeout(() => {
            sent.current = text.trim();
            onWords(text.trim());
          }, SEARCH_DELAY_MS);
        }}
      />
    </div>
  );
}
