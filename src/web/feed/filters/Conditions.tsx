import { useQuery } from 'urql';
import { graphql } from '../../graphql/tada.ts';
import { Link } from '../../router/Link.tsx';
import { type FeedFilter, formatFeedFilter } from './feedFilter.ts';

const ActorNameQuery = graphql(`query ActorName($slug: String!) { named: actor(slug: $slug) { name } }`);
const TopicNameQuery = graphql(`query TopicName($slug: String!) { named: topic(slug: $slug) { name } }`);
const EventNameQuery = graphql(`query EventName($slug: String!) { named: event(slug: $slug) { name } }`);
const SourceNameQuery = graphql(
  `query SourceName($slug: String!) { named: source(slug: $slug) { name: title } }`,
);
const LISTS = [
  { list: 'actors', noun: 'actor', query: ActorNameQuery },
  { list: 'givers', noun: 'giver', prefix: 'on the account of ', query: ActorNameQuery },
  { list: 'sides', noun: 'side', prefix: 'said for ', query: ActorNameQuery },
  { list: 'topics', noun: 'topic', query: TopicNameQuery },
  { list: 'events', noun: 'event', query: EventNameQuery },
  { list: 'sources', noun: 'source', query: SourceNameQuery },
] as const;

interface Props {
  readonly noun: string;
  readonly slug: string;
  /** Words before the name. */
  readonly prefix?: string;
  readonly query: (typeof LISTS)[number]['query'];
  /** The feed without this condition. */
  readonly without: string;
}

function Condition({ noun, slug, prefix = '', query, without }: Props) {
  const [{ data, fetching }] = useQuery({ query, variables: { slug } });
  const name = data?.named?.name ?? (fetching ? slug : `${slug} (not in the record)`);
  return (
    <li>
      <Link className="condition" refines href={without} aria-label={`Remove the ${noun} ${name}`}>
        {prefix}
        {name} <span aria-hidden="true">×</span>
      </Link>
    </li>
  );
}

/** The selected actors, givers, sides, topics, events and sources. A click removes one. */
export function Conditions({ filter }: { readonly filter: FeedFilter }) {
  const conditions = LISTS.flatMap(({ list, query, noun, ...more }) =>
    filter[list].map((slug) => ({
      ...more,
      noun,
      slug,
      query,
      without: formatFeedFilter({ ...filter, [list]: filter[list].filter((other) => other !== slug) }),
    })),
  );
  if (conditions.length === 0) return null;
  return (
    <ul className="conditions" aria-label="Conditions">
      {conditions.map((condition) => (
        <Condition key={`${condition.noun} ${condition.slug}`} {...condition} />
      ))}
    </ul>
  );
}
