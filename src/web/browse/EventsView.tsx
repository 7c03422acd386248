import { useState } from 'react';
import { useQuery } from 'urql';
import { eventKindName } from '../event/eventKind.ts';
import { VerdictStrip } from '../event/VerdictStrip.tsx';
import { graphql } from '../graphql/tada.ts';
import { Answer } from '../parts/Answer.tsx';
import { AskInGraphiql } from '../parts/AskInGraphiql.tsx';
import { DateText } from '../parts/DateText.tsx';
import { joinNames } from '../parts/names.ts';
import { Heading } from '../router/Heading.tsx';
import { Link } from '../router/Link.tsx';
import '../style/browse.css';
import { SearchField } from './SearchField.tsx';

const EventsQuery = graphql(`
  query Events {
    events(first: 100) {
      nodes {
        slug
        name
        kind
        date { edtf earliest latest }
        participants { name aliases { name } }
        comparison { verdict topic { slug } }
        accounts { side { slug } }
        statements { totalCount }
      }
    }
  }
`);

/** The events of the record, newest first. */
export function EventsView() {
  const [text, setText] = useState('');
  const [result, ask] = useQuery({ query: EventsQuery, requestPolicy: 'cache-and-network' });
  const wanted = text.trim().toLowerCase();
  return (
    <div className="browse">
      <Heading title="Events">Events</Heading>
      <p className="lead">Calls, meetings, decisions: what the statements are about, and where accounts can be compared.</p>
      <SearchField label="Find an event by its name or by who took part" text={text} onText={setText} />
      <Answer result={result} reload={() => ask({ requestPolicy: 'network-only' })}>
        {({ events }) => {
          const found = events.nodes.filter(({ name, participants }) =>
            [name, ...participants.flatMap((actor) => [actor.name, ...actor.aliases.map((alias) => alias.name)])]
              .join('\n')
              .toLowerCase()
              .includes(wanted),
          );
          return (
            <>
              {found.length === 0 && <p className="notice">There is no event that fits “{text}”.</p>}
              <ul className="browse-list">
                {found.map(({ slug, name, kind, date, participants, comparison, accounts, statements }) => (
                  <li key={slug}>
                    <p className="kicker">
                      {eventKindName(kind)} · <DateText date={date} />
                    </p>
                    <h2>
                      <Link href={`/events/${slug}`}>{name}</Link>
                    </h2>
                    <p className="aside">
                      {participants.length > 0 && `${joinNames(participants.map((actor) => actor.name))} · `}
                      {statements.totalCount} {statements.totalCount === 1 ? 'statement' : 'statements'}
                    </p>
                    {comparison.length > 0 && <VerdictStrip rows={comparison} sides={accounts.length} />}
                  </li>
                ))}
              </ul>
            </>
          );
        }}
      </Answer>
      <p className="asks">
        <AskInGraphiql document={EventsQuery} />
      </p>
    </div>
  );
}
