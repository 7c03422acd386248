import { useState } from 'react';
import { useQuery } from 'urql';
import { useDelayed } from '../../frame/useDelayed.ts';
import { graphql } from '../../graphql/tada.ts';
import { type Option, Picker } from './Picker.tsx';
import { SEARCH_DELAY_MS } from './searchDelay.ts';

const TopicOptionsQuery = graphql(`
  query TopicOptions($search: String) {
    topics(search: $search, first: 8) {
      nodes { slug name parent { name } }
    }
  }
`);

/** Finds topics by name. */
export function TopicPicker({ onPick }: { readonly onPick: (option: Option) => void }) {
  const [text, setText] = useState('');
  const search = useDelayed(text, SEARCH_DELAY_MS);
  const [{ data }] = useQuery({ query: TopicOptionsQuery, variables: { search } });
  const options = (data?.topics.nodes ?? []).map(({ slug, name, parent }) => ({
    slug,
    name,
    ...(parent && { note: parent.name }),
  }));
  return (
    <Picker
      label="Topic"
      placeholder="About, or below …"
      options={options}
      text={text}
      onText={setText}
      onPick={onPick}
    />
  );
}
