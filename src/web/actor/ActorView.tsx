import { useEffect, useMemo } from 'react';
import { useQuery } from 'urql';
import { StanceLabel } from '../cards/StanceLabel.tsx';
import { Answer } from '../frame/Answer.tsx';
import { AskInGraphiql } from '../frame/AskInGraphiql.tsx';
import { Missing } from '../frame/Missing.tsx';
import { Rest } from '../frame/Rest.tsx';
import { useRefresh } from '../live/useRefresh.ts';
import { Heading } from '../router/Heading.tsx';
import { refine } from '../router/location.ts';
import { STANCES } from '../words/stance.ts';
import './actor.css';
import { actorKindName } from '../words/actorKind.ts';
import { Affiliations } from './Affiliations.tsx';
import { Aliases } from './Aliases.tsx';
import { type ActorData, ActorQuery, type OtherStatements } from './actorQuery.ts';
import { PositionChart } from './PositionChart.tsx';
import { Positions } from './Positions.tsx';
import { StandingsTable } from './StandingsTable.tsx';
import { Statements } from './Statements.tsx';
import { layOutStandings } from './standings.ts';
import { TopicCounts } from './TopicCounts.tsx';

/** An actor: who it is, its positions over time, what it said and passed on, and what others said on its behalf. */
export function ActorView({ slug }: { readonly slug: string }) {
  const variables = useMemo(() => ({ slug }), [slug]);
  const [result, ask] = useQuery({ query: ActorQuery, variables, requestPolicy: 'cache-and-network' });
  const reload = () => ask({ requestPolicy: 'network-only' });
  const ofActor = useMemo(
    () => ({ any: [{ speakers: [slug] }, { givers: [slug] }, { sides: [slug] }] }),
    [slug],
  );
  useRefresh(ofActor, result.data?.record.cursor ?? null, reload);
  const present = result.data?.actor?.slug ?? slug;
  useEffect(() => {
    // The actor was merged into another one, so its address becomes that of the other one.
    if (present !== slug) refine(`/actors/${present}`, { replace: true });
  }, [present, slug]);
  return (
    <Answer result={result} reload={reload}>
      {({ actor, ...others }) =>
        actor ? (
          <ActorPage actor={actor} others={others} />
        ) : (
          <Missing noun="actor" slug={slug} list={{ href: '/actors', name: 'all actors' }} />
        )
      }
    </Answer>
  );
}

function ActorPage({ actor, others }: { readonly actor: ActorData; readonly others: OtherStatements }) {
  const standings = useMemo(() => layOutStandings(actor.stands.nodes.toReversed()), [actor.stands.nodes]);
  return (
    <div className="actor-view">
      <p className="kicker">{actorKindName(actor.kind)}</p>
      <Heading title={actor.name}>{actor.name}</Heading>
      {actor.description && <p className="lead">{actor.description}</p>}
      <Aliases key={`aliases ${actor.slug}`} aliases={actor.aliases} />
      <Affiliations key={`affiliations ${actor.slug}`} actor={actor} />

      <section aria-labelledby="positions">
        <h2 id="positions">Positions over time</h2>
        {standings.points.length === 0 ? (
          <p className="notice">{actor.name} has taken no stance on a proposition in this record.</p>
        ) : (
          <>
            <p className="legend">
              {STANCES.map((stance) => (
                <StanceLabel key={stance} stance={stance} />
              ))}
            </p>
            <PositionChart standings={standings} label={`Positions of ${actor.name} over time`} />
            <p className="aside">
              Each mark is a statement. A bar spans the days on which it may have been made. Times without
              statements are drawn shorter. A hollow mark is what others report.{' '}
              {standings.shifts.length > 0 && 'A stepped line is a change of position.'}
              {actor.stands.totalCount > actor.stands.nodes.length &&
                ` These are the newest ${actor.stands.nodes.length} of ${actor.stands.totalCount}.`}
            </p>
            <StandingsTable standings={standings} />
          </>
        )}
      </section>
      {actor.positions.length > 0 && (
        <section aria-labelledby="stands">
          <h2 id="stands">Where {actor.name} stands</h2>
          <Positions name={actor.name} positions={actor.positions} />
          <Rest
            key={`${actor.slug} ${actor.positionCount}`}
            query={ActorQuery}
            variables={(positions) => ({ slug: actor.slug, positions, size: 50 })}
            pick={(data) => data.actor?.positions}
            shown={actor.positions.length}
            total={actor.positionCount}
          >
            {(positions) => <Positions name={actor.name} positions={positions} />}
          </Rest>
        </section>
      )}
      <TopicCounts slug={actor.slug} name={actor.name} />
      <Statements actor={actor} others={others} />
      <p className="asks">
        <AskInGraphiql document={ActorQuery} variables={{ slug: actor.slug }} />
      </p>
    </div>
  );
}
