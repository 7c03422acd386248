import { useMemo } from 'react';
import { useQuery } from 'urql';
import { ActorLinks } from '../cards/ActorLinks.tsx';
import { DateText } from '../cards/DateText.tsx';
import { Answer } from '../frame/Answer.tsx';
import { AskInGraphiql } from '../frame/AskInGraphiql.tsx';
import { Missing } from '../frame/Missing.tsx';
import { Rest } from '../frame/Rest.tsx';
import { useRefresh } from '../live/useRefresh.ts';
import { Heading } from '../router/Heading.tsx';
import { Link } from '../router/Link.tsx';
import { usePlace } from '../router/location.ts';
import './eventRows.css';
import './event.css'; // second, since it fits the rows to the width
import { VerdictStrip } from '../cards/VerdictStrip.tsx';
import { eventKindName } from '../words/eventKind.ts';
import {
  COLUMNS_MAX,
  type ComparisonRow,
  comparedSides,
  coveredBy,
  depthsOf,
  type EventData,
} from './comparison.ts';
import { EventQuery } from './eventQuery.ts';
import { Overview } from './Overview.tsx';
import { RowDetail } from './RowDetail.tsx';
import { Sides } from './Sides.tsx';
import { Others, Uncompared } from './Statements.tsx';

/** An event: what each side says about it, side by side. */
export function EventView({ slug }: { readonly slug: string }) {
  const { search } = usePlace();
  const variables = useMemo(() => {
    const sides = new URLSearchParams(search).getAll('side');
    return { slug, sides: sides.length > 0 ? sides : null };
  }, [slug, search]);
  const [result, ask] = useQuery({ query: EventQuery, variables, requestPolicy: 'cache-and-network' });
  const reload = () => ask({ requestPolicy: 'network-only' });
  useRefresh({ events: [slug] }, result.data?.record.cursor ?? null, reload);
  return (
    <Answer result={result} reload={reload}>
      {({ event }) =>
        event ? (
          <EventPage event={event} chosen={variables.sides} />
        ) : (
          <Missing noun="event" slug={slug} list={{ href: '/events', name: 'all events' }} />
        )
      }
    </Answer>
  );
}

interface Props {
  readonly event: EventData;
  /** Slugs of the sides that the reader chose; null for all. */
  readonly chosen: string[] | null;
}

function EventPage({ event, chosen }: Props) {
  const { slug, accountCount, participants, participantCount } = event;
  const { totalCount } = event.statements;
  return (
    <div className="event-view">
      <p className="kicker">
        {eventKindName(event.kind)} · <DateText date={event.date} />
      </p>
      <Heading title={event.name}>{event.name}</Heading>
      {event.description && <p className="lead">{event.description}</p>}
      {participantCount > 0 && (
        <p>
          With <ActorLinks actors={participants} inSentence isCut={participants.length < participantCount} />
          {participants.length < participantCount && ` and ${participantCount - participants.length} others`}.
        </p>
      )}
      {accountCount > COLUMNS_MAX && (
        <Sides key={`${slug} ${chosen?.join()}`} event={event} chosen={chosen ?? []} />
      )}
      {event.comparison.length > 0 ? (
        <Compared event={event} chosen={chosen} />
      ) : (
        <Uncompared key={totalCount} slug={slug} sideCount={accountCount} />
      )}
      <p>
        {totalCount === 0 ? (
          'The record has no statement about it yet.'
        ) : (
          <Link href={`/?event=${slug}`}>
            {totalCount === 1 ? 'The statement about it' : `All ${totalCount} statements about it`}, with
            filters
          </Link>
        )}
      </p>
      <p className="asks">
        <AskInGraphiql document={EventQuery} variables={{ slug, sides: chosen }} />
      </p>
    </div>
  );
}

function Compared({ event, chosen }: Props) {
  const { slug, overview, comparison, comparisonRowCount } = event;
  const depths = depthsOf(overview);
  const covered = coveredBy(overview);
  const sideCount = overview[0]?.cellCount ?? 0;
  const sides = comparedSides(event);
  const details = (rows: readonly ComparisonRow[]) =>
    rows.map((row) => (
      <RowDetail
        key={row.topic.slug}
        eventSlug={slug}
        row={row}
        sides={sides}
        chosen={chosen}
        covered={covered.get(row.topic.slug) ?? new Set()}
        depth={depths.get(row.topic.slug) ?? 0}
      />
    ));
  return (
    <>
      <section aria-labelledby="compared">
        <h2 id="compared">The accounts compared</h2>
        <VerdictStrip rows={overview} sides={sideCount} />
        <Overview rows={overview} sides={sides} sideCount={sideCount} />
        {overview.length < comparisonRowCount && (
          <p className="aside">
            Shown are the first {overview.length} of {comparisonRowCount} topics; the others follow below.
          </p>
        )}
      </section>
      <section aria-labelledby="side-by-side">
        <h2 id="side-by-side">{sideCount > COLUMNS_MAX ? 'Topic by topic' : 'Side by side'}</h2>
        {details(comparison)}
        <Rest
          key={`${slug} ${chosen?.join()} ${comparisonRowCount}`}
          query={EventQuery}
          variables={(rows) => ({ slug, sides: chosen, rows })}
          pick={(data) => data.event?.comparison}
          shown={comparison.length}
          total={comparisonRowCount}
        >
          {details}
        </Rest>
      </section>
      {event.otherStatementCount > 0 && (
        <Others key={event.otherStatementCount} slug={slug} count={event.otherStatementCount} />
      )}
    </>
  );
}
