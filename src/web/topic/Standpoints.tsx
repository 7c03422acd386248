import { DateText } from '../cards/DateText.tsx';
import { Reporters } from '../cards/Reporters.tsx';
import { StanceLabel } from '../cards/StanceLabel.tsx';
import { StanceShape } from '../cards/StanceShape.tsx';
import { Link } from '../router/Link.tsx';
import { STANCES, stanceClass } from '../words/stance.ts';
import { sayingOf } from '../words/statement.ts';
import type { TopicData } from './topicQuery.ts';

/** The actors by their stance on a proposition, those that support it first. */
export function Standpoints({
  positions,
}: {
  readonly positions: readonly TopicData['positions'][number][];
}) {
  const groups = STANCES.map((stance) => ({
    stance,
    held: positions.filter((position) => position.stance === stance),
  })).filter(({ stance, held }) => held.length > 0 || stance === 'SUPPORTS' || stance === 'OPPOSES');
  return (
    <div className="standpoints">
      {groups.map(({ stance, held }) => (
        <section key={stance} className={`standpoint ${stanceClass(stance)}`}>
          <h3>
            <StanceLabel stance={stance} />
          </h3>
          {held.length === 0 && <p className="silence">No actor in this record.</p>}
          <ul>
            {held.map(({ account, givers, isCurrent, actor, since, statement, shiftedFrom, shiftedTo }) => (
              <li key={`${actor.slug} ${account}`} className={isCurrent ? undefined : 'is-past'}>
                {account === 'REPORTED' && <StanceShape stance={stance} isReported />}{' '}
                <b>
                  <Link href={`/actors/${actor.slug}`}>{actor.name}</Link>
                </b>
                {account === 'REPORTED' && <Reporters givers={givers} />}{' '}
                <span className="aside">
                  {!isCurrent && 'before, '}
                  since <DateText date={since} />
                </span>
                <p>
                  <Link href={`/statements/${statement.slug}`}>{sayingOf(statement)}</Link>
                </p>
                {shiftedFrom && (
                  <p className="shift">
                    Shifted from <Link href={`/statements/${shiftedFrom.slug}`}>{sayingOf(shiftedFrom)}</Link>
                  </p>
                )}
                {shiftedTo && (
                  <p className="shift">
                    Has since shifted to{' '}
                    <Link href={`/statements/${shiftedTo.slug}`}>{sayingOf(shiftedTo)}</Link>
                  </p>
                )}
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}
