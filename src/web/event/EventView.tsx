import { useMemo } from 'react';
import { useQuery } from 'urql';
import { ActorLinks } from '../cards/ActorLinks.tsx';
import { DateText } from '../cards/DateText.tsx';
import { StatementList } from '../cards/StatementList.tsx';
import { readStatement } from '../cards/statementFragment.ts';
import { Answer } from '../frame/Answer.tsx';
import { AskInGraphiql } from '../frame/AskInGraphiql.tsx';
import { Missing } from '../frame/Missing.tsx';
import { Rest } from '../frame/Rest.tsx';
import { useRefresh } from '../live/useRefresh.ts';
import { Heading } from '../router/Heading.tsx';
import { Link } from '../router/Link.tsx';
import './eventRows.css';
import './event.css'; // second, since it fits the rows to the width
import { VerdictStrip } from '../cards/VerdictStrip.tsx';
import { eventKindName } from '../words/eventKind.ts';
import { type ComparisonRow, coveredBy, depthsOf, type EventData } from './comparison.ts';
import { EventQuery } from './eventQuery.ts';
import { Overview } from './Overview.tsx';
import { RowDetail } from './RowDetail.tsx';

/** An event: what each side says of it, laid side by side. */
export function EventView({ slug }: { readonly slug: string }) {
  const variables = useMemo(() => ({ slug }), [slug]);
  const [result, ask] = useQuery({ query: EventQuery, variables, requestPolicy: 'cache-and-network' });
  const reload = () => ask({ requestPolicy: 'network-only' });
  useRefresh({ events: [slug] }, result.data?.record.cursor ?? null, reload);
  return (
    <Answer result={result} reload={reload}>
      {({ event }) =>
        event ? (
          <EventPage event={event} />
        ) : (
          <Missing noun="event" slug={slug} list={{ href: '/events', name: 'all events' }} />
        )
      }
    </Answer>
  );
}

function EventPage({ event }: { readonly event: EventData }) {
  const { slug, overview, comparison, comparisonRowCount, accounts } = event;
  const depths = depthsOf(overview);
  const covered = coveredBy(overview);
  const details = (rows: readonly ComparisonRow[]) =>
    rows.map((row) => (
      <RowDetail
        key={row.topic.slug}
        eventSlug={slug}
        row={row}
        covered={covered.get(row.topic.slug) ?? new Set()}
        depth={depths.get(row.topic.slug) ?? 0}
      />
    ));
  const isSorted = accounts.every(({ statements, statementCount }) => statements.length === statementCount);
  const compared = new Set(
    accounts.flatMap(({ statements }) => statements.map((statement) => statement.slug)),
  );
  const others = event.statements.nodes.filter((statement) => !compared.has(readStatement(statement).slug));
  return (
    <div className="event-view">
      <p className="kicker">
        {eventKindName(event.kind)} · <DateText date={event.date} />
      </p>
      <Heading title={event.name}>{event.name}</Heading>
      {event.description && <p className="lead">{event.description}</p>}
      <p>
        With <ActorLinks actors={event.participants} inSentence />.
      </p>
      {comparison.length > 0 ? (
        <>
          <section aria-labelledby="compared">
            <h2 id="compared">The accounts compared</h2>
            {!event.comparisonIsComplete && (
              <p className="notice">
                The event has {event.statements.totalCount} statements, and only the newest of them are
                compared here: a side shown as silent may have spoken before.
              </p>
            )}
            <VerdictStrip rows={overview} sides={accounts.length} />
            <Overview rows={overview} accounts={accounts} />
            {overview.length < comparisonRowCount && (
              <p className="aside">
                These are the first {overview.length} of {comparisonRowCount} topics. The others are below.
              </p>
            )}
          </section>
          <section aria-labelledby="side-by-side">
            <h2 id="side-by-side">Side by side</h2>
            {details(comparison)}
            <Rest
              key={`${slug} ${comparisonRowCount}`}
              query={EventQuery}
              variables={(rows) => ({ slug, rows })}
              pick={(data) => data.event?.comparison}
              shown={comparison.length}
              total={comparisonRowCount}
            >
              {details}
            </Rest>
          </section>
          {isSorted && others.length > 0 && (
            <section aria-labelledby="others">
              <h2 id="others">Also said of it</h2>
              <p className="aside">
                On the account of others who did not take part. The comparison leaves them out.
              </p>
              <StatementList statements={others} />
            </section>
          )}
          <p>
            <Link href={`/?event=${slug}`}>All {event.statements.totalCount} statements, with filters</Link>
          </p>
        </>
      ) : (
        <section aria-labelledby="statements">
          <h2 id="statements">Statements</h2>
          <p className="notice">
            {accounts.length < 2
              ? 'There are not two sides to compare: fewer than two states or organisations took part.'
              : 'No side has given an account of it yet. A new one will appear here.'}
          </p>
          <StatementList statements={event.statements.nodes} />
        </section>
      )}
      <p className="asks">
        <AskInGraphiql document={EventQuery} variables={{ slug: event.slug }} />
      </p>
    </div>
  );
}
