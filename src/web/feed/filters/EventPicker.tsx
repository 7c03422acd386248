import { useId } from 'react';
import { useQuery } from 'urql';
import { graphql } from '../../graphql/tada.ts';
import { fuzzyDateText } from '../../words/date.ts';

const EventOptionsQuery = graphql(`
  query EventOptions {
    events(first: 50) {
      nodes { slug name date { edtf } }
    }
  }
`);

/** Offers the newest events. */
export function EventPicker({ onPick }: { readonly onPick: (slug: string) => void }) {
  const id = useId();
  const [{ data }] = useQuery({ query: EventOptionsQuery });
  return (
    <div className="picker">
      <label htmlFor={id}>Event</label>
      <select id={id} value="" onChange={(event) => event.target.value && onPick(event.target.value)}>
        <option value="">On the occasion of …</option>
        {data?.events.nodes.map(({ slug, name, date }) => (
          <option key={slug} value={slug}>
            {name}, {fuzzyDateText(date)}
          </option>
        ))}
      </select>
    </div>
  );
}
