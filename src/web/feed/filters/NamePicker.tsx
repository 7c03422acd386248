import { useState } from 'react';
import { useQuery } from 'urql';
import { useDelayed } from '../../frame/useDelayed.ts';
import { activeOptions, type Choice, foundOptions } from './options.ts';
import { MostStatementsQuery } from './optionsQueries.ts';
import { type Option, Picker } from './Picker.tsx';
import { SEARCH_DELAY_MS } from './searchDelay.ts';

interface Props {
  readonly choice: Choice;
  readonly onPick: (option: Option) => void;
}

/** Finds actors, topics, events or sources by name. Before anything is typed, it offers those with most statements. */
export function NamePicker({ choice: { label, placeholder, by, query }, onPick }: Props) {
  const [text, setText] = useState('');
  const [isUsed, setUsed] = useState(false);
  const wanted = text.trim();
  const search = useDelayed(wanted, SEARCH_DELAY_MS);
  const [{ data: most }] = useQuery({
    query: MostStatementsQuery,
    variables: { by },
    pause: !isUsed || search !== '',
  });
  const active = most ? activeOptions(most) : [];
  // A record without a statement on any of them lists them by name.
  const isSearched = search !== '' || (most !== undefined && active.length === 0);
  const [{ data: found, fetching }] = useQuery({
    query,
    variables: { search },
    pause: !isUsed || !isSearched,
  });
  const options = isSearched ? foundOptions(found?.list.nodes ?? [], search) : active;
  // Options of an earlier text are not offered: Enter would pick one of them.
  const isCurrent = wanted === search && !fetching;
  return (
    <Picker
      label={label}
      placeholder={placeholder}
      options={isCurrent ? options : []}
      text={text}
      onText={setText}
      onOpen={() => setUsed(true)}
      onPick={onPick}
    />
  );
}
