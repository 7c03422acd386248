import { useQuery } from 'urql';
import { DateText } from '../cards/DateText.tsx';
import { VerdictStrip } from '../cards/VerdictStrip.tsx';
import { Waiting } from '../frame/Waiting.tsx';
import { graphql } from '../graphql/tada.ts';
import { Link } from '../router/Link.tsx';
import { firstNames } from '../words/names.ts';

const ComparedEventsQuery = graphql(`
  query ComparedEvents {
    events(first: 5) {
      nodes {
        slug
        name
        date { edtf earliest latest }
        speakingCount: accountCount(silent: false)
        accountCount
        accounts(first: 3) { side { name } }
        comparison { verdict topic { slug name } }
      }
    }
  }
`);

/** A link to the newest event with accounts of more than one side. */
export function ComparedEvents() {
  const [{ data, fetching }] = useQuery({ query: ComparedEventsQuery });
  if (!data) return fetching ? <Waiting /> : null;
  const event = data.events.nodes.find(({ speakingCount }) => speakingCount > 1);
  if (!event) return null;
  return (
    <aside className="compared" aria-label="Accounts compared">
      <p className="compared-kind">Accounts compared</p>
      <p className="compared-name">
        <Link href={`/events/${event.slug}`}>{event.name}</Link>
      </p>
      <VerdictStrip rows={event.comparison} />
      <p className="compared-sides">
        {firstNames(
          event.accounts.map(({ side }) => side.name),
          event.accountCount,
        )}
        , topic by topic · <DateText date={event.date} />
      </p>
    </aside>
  );
}
