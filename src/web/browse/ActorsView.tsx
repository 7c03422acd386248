import { useState } from 'react';
import { useQuery } from 'urql';
import { Answer } from '../frame/Answer.tsx';
import { AskInGraphiql } from '../frame/AskInGraphiql.tsx';
import { useDelayed } from '../frame/useDelayed.ts';
import { Waiting } from '../frame/Waiting.tsx';
import { graphql } from '../graphql/tada.ts';
import { Heading } from '../router/Heading.tsx';
import { Link } from '../router/Link.tsx';
import { actorKindName } from '../words/actorKind.ts';
import './browse.css';
import { SearchField } from '../frame/SearchField.tsx';
import { FirstOnly } from './FirstOnly.tsx';

const ActorsQuery = graphql(`
  query Actors($search: String) {
    actors(search: $search, first: 100) {
      pageInfo { hasNextPage }
      nodes {
        slug
        name
        kind
        description
        statements {
          totalCount
        }
      }
    }
  }
`);
const MostActiveQuery = graphql(`
  query MostActive {
    statementCounts(by: [SPEAKER], first: 20) {
      groupCount
      groups {
        count
        speaker { slug name }
      }
    }
  }
`);
const DELAY_MS = 250;

const statementsText = (count: number): string => (count === 1 ? '1 statement' : `${count} statements`);

/** The actors with most statements, where the record has more actors than the list shows. */
function MostActive() {
  const [{ data, fetching }] = useQuery({ query: MostActiveQuery });
  if (!data) return fetching ? <Waiting /> : null;
  const { groups, groupCount } = data.statementCounts;
  return (
    <section aria-labelledby="most-active">
      <h2 id="most-active">Most statements</h2>
      <ol className="most-active">
        {groups.map(
          ({ speaker, count }) =>
            speaker && (
              <li key={speaker.slug}>
                <Link href={`/actors/${speaker.slug}`}>{speaker.name}</Link>: {statementsText(count)}
              </li>
            ),
        )}
      </ol>
      <p className="aside">
        {groups.length} of {groupCount} actors that speak.
      </p>
      <h2>All by name</h2>
    </section>
  );
}

/** The actors of the record, by name or as searched. */
export function ActorsView() {
  const [text, setText] = useState('');
  const search = useDelayed(text.trim(), DELAY_MS);
  const variables = { search: search || null };
  const [result, ask] = useQuery({ query: ActorsQuery, variables, requestPolicy: 'cache-and-network' });
  return (
    <div className="browse">
      <Heading title="Actors">Actors</Heading>
      <p className="lead">
        Those who speak, and those who are spoken of. Search by any name: “Moscow” finds Russia.
      </p>
      <SearchField label="Find an actor by name, alias or city" text={text} onText={setText} />
      <Answer result={result} reload={() => ask({ requestPolicy: 'network-only' })}>
        {({ actors }) => (
          <>
            {!search && actors.pageInfo.hasNextPage && <MostActive />}
            {actors.nodes.length === 0 && <p className="notice">No actor matches “{search}”.</p>}
            <ul className="browse-list browse-grid">
              {actors.nodes.map(({ slug, name, kind, description, statements }) => (
                <li key={slug}>
                  <p className="kicker">
                    {actorKindName(kind)}
                    {statements.totalCount > 0 && `, ${statementsText(statements.totalCount)}`}
                  </p>
                  <h2>
                    <Link href={`/actors/${slug}`}>{name}</Link>
                  </h2>
                  {description && <p className="aside">{description}</p>}
                </li>
              ))}
            </ul>
            {actors.pageInfo.hasNextPage && <FirstOnly count={actors.nodes.length} />}
          </>
        )}
      </Answer>
      <p className="asks">
        <AskInGraphiql document={ActorsQuery} variables={variables} />
      </p>
    </div>
  );
}
