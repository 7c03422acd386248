import { useQuery } from 'urql';
import { DateText } from '../cards/DateText.tsx';
import { VerdictStrip } from '../cards/VerdictStrip.tsx';
import { Answer } from '../frame/Answer.tsx';
import { MoreButton } from '../frame/MoreButton.tsx';
import type { ResultOf } from '../graphql/tada.ts';
import { Link } from '../router/Link.tsx';
import { eventKindName } from '../words/eventKind.ts';
import { firstNames } from '../words/names.ts';
import { EventsQuery } from './eventsQuery.ts';

/** Participants of an event that are named; the others are counted. */
const NAMES_SHOWN = 12;

type EventNode = ResultOf<typeof EventsQuery>['events']['nodes'][number];

function matches({ name, participants }: EventNode, wanted: string): boolean {
  const names = [
    name,
    ...participants.flatMap((actor) => [actor.name, ...actor.aliases.map((alias) => alias.name)]),
  ];
  return names.join('\n').toLowerCase().includes(wanted.trim().toLowerCase());
}

interface Props {
  readonly after: string | null;
  /** What the reader looks for; empty for all. */
  readonly wanted: string;
  /** Loads the page after this one; only the last page has it. */
  readonly more: ((after: string) => void) | undefined;
}

/** Some events of the list. */
export function EventsPage({ after, wanted, more }: Props) {
  const [result, ask] = useQuery({
    query: EventsQuery,
    variables: { after },
    requestPolicy: 'cache-and-network',
  });
  return (
    <Answer result={result} reload={() => ask({ requestPolicy: 'network-only' })}>
      {({ events: { nodes, pageInfo } }) => {
        const found = nodes.filter((event) => matches(event, wanted));
        const next = pageInfo.hasNextPage ? pageInfo.endCursor : null;
        return (
          <>
            {found.length === 0 && after === null && next === null && (
              <p className="notice">
                {wanted.trim() ? `No event matches “${wanted.trim()}”.` : 'The record has no event yet.'}
              </p>
            )}
            <ul className="browse-list">
              {found.map((event) => (
                <EventItem key={event.slug} event={event} />
              ))}
            </ul>
            {more && next && <MoreButton busy={false} more={() => more(next)} />}
          </>
        );
      }}
    </Answer>
  );
}

function EventItem({ event }: { readonly event: EventNode }) {
  const { slug, name, kind, date, participants, participantCount, comparison, comparisonRowCount } = event;
  return (
    <li>
      <p className="kicker">
        {eventKindName(kind)} · <DateText date={date} />
      </p>
      <h2>
        <Link href={`/events/${slug}`}>{name}</Link>
      </h2>
      {participants.length > 0 && (
        <p className="aside">
          {firstNames(
            participants.slice(0, NAMES_SHOWN).map((actor) => actor.name),
            participantCount,
          )}
        </p>
      )}
      {comparison.length > 0 && <VerdictStrip rows={comparison} sides={event.accountCount} />}
      {comparison.length < comparisonRowCount && (
        <p className="aside">
          Of the first {comparison.length} of {comparisonRowCount} topics.
        </p>
      )}
    </li>
  );
}
