import { useState } from 'react';
import { useQuery } from 'urql';
import { Failed } from '../frame/Failed.tsx';
import type { EnumOf } from '../graphql/tada.ts';
import type { StatementFilter } from '../live/useFollow.ts';
import { Link } from '../router/Link.tsx';
import { FacetQuery } from './facetQuery.ts';
import { type FeedFilter, formatFeedFilter } from './filters/feedFilter.ts';
import './facets.css';

interface Facet {
  readonly title: string;
  readonly by: EnumOf<'StatementDimension'>;
  /** The condition of the feed that a click sets. */
  readonly list: 'actors' | 'topics' | 'sides';
}
const FACETS: readonly Facet[] = [
  { title: 'Speakers', by: 'SPEAKER', list: 'actors' },
  { title: 'Topics', by: 'TOPIC', list: 'topics' },
  { title: 'Sides', by: 'SIDE', list: 'sides' },
];
const FIRST = 10;
const MORE = 100;

interface Props {
  readonly feedFilter: FeedFilter;
  readonly filter: StatementFilter;
}

/** The speakers, topics and sides in the statements of a filter, with the number of statements of each. */
export function Facets(props: Props & { readonly isOpen: boolean }) {
  return (
    <div className="facets">
      {FACETS.map((facet) => (
        <FacetList key={facet.by} {...props} facet={facet} />
      ))}
    </div>
  );
}

/** One list. It is counted when it is opened. A click narrows the filter to one item. */
function FacetList({
  facet,
  feedFilter,
  filter,
  isOpen,
}: Props & { readonly facet: Facet; readonly isOpen: boolean }) {
  const { title, by, list } = facet;
  const [chosen, setChosen] = useState<boolean | null>(null);
  const [first, setFirst] = useState(FIRST);
  const open = chosen ?? isOpen;
  const [{ data, error, fetching }, ask] = useQuery({
    query: FacetQuery,
    variables: { filter, by, first },
    pause: !open,
  });
  const counts = data?.statementCounts;
  const named = (counts?.groups ?? []).flatMap(({ count, speaker, side, topic }) => {
    const thing = speaker ?? side ?? topic;
    return thing ? { ...thing, count } : [];
  });
  const others = counts ? counts.groupCount - counts.groups.length : 0;
  const without = (counts?.groups.length ?? 0) - named.length;
  return (
    <details open={open} onToggle={(event) => setChosen(event.currentTarget.open)}>
      <summary>{title}</summary>
      {error && <Failed error={error} retry={() => ask({ requestPolicy: 'network-only' })} />}
      {counts && named.length === 0 && <p className="aside">None.</p>}
      <ul aria-busy={fetching}>
        {named.map(({ slug, name, count }) => {
          const isChosen = feedFilter[list].includes(slug);
          return (
            <li key={slug}>
              {isChosen ? (
                <span>{name}</span>
              ) : (
                <Link refines href={formatFeedFilter({ ...feedFilter, [list]: [slug] })}>
                  {name}
                </Link>
              )}
              <span className="facet-count">{count}</span>
            </li>
          );
        })}
      </ul>
      {others > 0 && counts && (
        <p className="aside">
          The first {named.length} of {counts.groupCount - without}.{' '}
          {first === FIRST && (
            <button type="button" onClick={() => setFirst(MORE)}>
              Show more
            </button>
          )}
        </p>
      )}
    </details>
  );
}
