import { useState } from 'react';
import { useQuery } from 'urql';
import { useDelayed } from '../../frame/useDelayed.ts';
import { graphql } from '../../graphql/tada.ts';
import { type Option, Picker } from './Picker.tsx';
import { SEARCH_DELAY_MS } from './searchDelay.ts';

const ActorOptionsQuery = graphql(`
  query ActorOptions($search: String) {
    actors(search: $search, first: 8) {
      nodes { slug name kind aliases { name metonym } }
    }
  }
`);

/** The alias that the search has matched: "Moscow" for Russia. */
function foundBy(aliases: readonly { readonly name: string }[], name: string, search: string): string {
  const text = search.trim().toLowerCase();
  if (!text || name.toLowerCase().includes(text)) return '';
  return aliases.find((alias) => alias.name.toLowerCase().startsWith(text))?.name ?? '';
}

/** Finds actors by name or alias. */
export function ActorPicker({ onPick }: { readonly onPick: (option: Option) => void }) {
  const [text, setText] = useState('');
  const search = useDelayed(text, SEARCH_DELAY_MS);
  const [{ data }] = useQuery({ query: ActorOptionsQuery, variables: { search } });
  const options = (data?.actors.nodes ?? []).map(({ slug, name, aliases }) => ({
    slug,
    name,
    note: foundBy(aliases, name, search),
  }));
  return (
    <Picker
      label="Actor"
      placeholder="Said or passed on by …"
      options={options}
      text={text}
      onText={setText}
      onPick={onPick}
    />
  );
}
