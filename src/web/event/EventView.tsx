import { useMemo } from 'react';
import { useQuery } from 'urql';
import { useRefresh } from '../live/useRefresh.ts';
import { ActorLinks } from '../parts/ActorLinks.tsx';
import { Answer } from '../parts/Answer.tsx';
import { AskInGraphiql } from '../parts/AskInGraphiql.tsx';
import { DateText } from '../parts/DateText.tsx';
import { Missing } from '../parts/Missing.tsx';
import { StatementList } from '../parts/StatementList.tsx';
import { readStatement } from '../parts/statementFragment.ts';
import { Heading } from '../router/Heading.tsx';
import '../style/eventRows.css';
import '../style/event.css'; // second, since it fits the rows to the width
import { coveredBy, depthsOf, type EventData } from './comparison.ts';
import { eventKindName } from './eventKind.ts';
import { EventQuery } from './eventQuery.ts';
import { Overview } from './Overview.tsx';
import { RowDetail } from './RowDetail.tsx';
import { VerdictStrip } from './VerdictStrip.tsx';

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
  const { comparison, accounts } = event;
  const depths = depthsOf(comparison);
  const covered = coveredBy(comparison);
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
            <VerdictStrip rows={comparison} sides={accounts.length} />
            <Overview rows={comparison} accounts={accounts} />
          </section>
          <section aria-labelledby="side-by-side">
            <h2 id="side-by-side">Side by side</h2>
            {comparison.map((row) => (
              <RowDetail
                key={row.topic.slug}
                row={row}
                covered={covered.get(row.topic.slug) ?? new Set()}
                depth={depths.get(row.topic.slug) ?? 0}
              />
            ))}
          </section>
          {others.length > 0 && (
            <section aria-labelledby="others">
              <h2 id="others">Also said of it</h2>
              <p className="aside">On the account of nobody who took part, and so outside the comparison.</p>
              <StatementList statements={others} />
            </section>
          )}
        </>
      ) : (
        <section aria-labelledby="statements">
          <h2 id="statements">Statements</h2>
          <p className="notice">
            {accounts.length < 2
              ? 'There are not two sides to compare: fewer than two states or organisations took part.'
              : 'No side has given an account of it yet. One that is recorded appears here by itself.'}
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
