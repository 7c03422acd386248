import { DateText } from '../cards/DateText.tsx';
import { StanceLabel } from '../cards/StanceLabel.tsx';
import { Link } from '../router/Link.tsx';
import type { ActorData } from './actorQuery.ts';

/** Where an actor stands now, proposition by proposition. */
export function Positions({ positions }: { readonly positions: readonly ActorData['positions'][number][] }) {
  // Stances that were given up since come last.
  const ordered = [...positions].sort((a, b) => Number(a.shiftedTo !== null) - Number(b.shiftedTo !== null));
  return (
    <ul className="positions">
      {ordered.map(({ topic, stance, since, statement, shiftedFrom, shiftedTo }) => (
        <li key={topic.slug}>
          <StanceLabel stance={stance} />
          <p className="positions-what">
            <Link href={`/topics/${topic.slug}`}>{topic.proposition ?? topic.name}</Link>
          </p>
          <p className="aside">
            since <DateText date={since} />:{' '}
            <Link href={`/statements/${statement.slug}`}>{statement.text}</Link>
          </p>
          {shiftedFrom && (
            <p className="shift">
              Shifted from <Link href={`/statements/${shiftedFrom.slug}`}>{shiftedFrom.text}</Link> (
              <DateText date={shiftedFrom.said} />)
            </p>
          )}
          {shiftedTo && (
            <p className="shift">
              Has since shifted to <Link href={`/statements/${shiftedTo.slug}`}>{shiftedTo.text}</Link> (
              <DateText date={shiftedTo.said} />)
            </p>
          )}
        </li>
      ))}
    </ul>
  );
}
