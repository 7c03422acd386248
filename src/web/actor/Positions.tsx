import { DateText } from '../cards/DateText.tsx';
import { Reporters } from '../cards/Reporters.tsx';
import { StanceLabel } from '../cards/StanceLabel.tsx';
import { Link } from '../router/Link.tsx';
import { sayingOf } from '../words/statement.ts';
import type { ActorData } from './actorQuery.ts';

type Position = ActorData['positions'][number];

function PositionItem({ position }: { readonly position: Position }) {
  const { account, givers, topic, stance, since, statement, shiftedFrom, shiftedTo } = position;
  const isReported = account === 'REPORTED';
  return (
    <li>
      <StanceLabel stance={stance} isReported={isReported} />
      {isReported && <Reporters givers={givers} />}
      <p className="positions-what">
        <Link href={`/topics/${topic.slug}`}>{topic.proposition ?? topic.name}</Link>
      </p>
      <p className="aside">
        since <DateText date={since} />:{' '}
        <Link href={`/statements/${statement.slug}`}>{sayingOf(statement)}</Link>
      </p>
      {shiftedFrom && (
        <p className="shift">
          Shifted from <Link href={`/statements/${shiftedFrom.slug}`}>{sayingOf(shiftedFrom)}</Link> (
          <DateText date={shiftedFrom.said} />)
        </p>
      )}
      {shiftedTo && (
        <p className="shift">
          Has since shifted to <Link href={`/statements/${shiftedTo.slug}`}>{sayingOf(shiftedTo)}</Link> (
          <DateText date={shiftedTo.said} />)
        </p>
      )}
    </li>
  );
}

interface Props {
  readonly name: string;
  readonly positions: readonly Position[];
}

/** Where an actor stands, proposition by proposition: now, as others report it, and before it shifted. */
export function Positions({ name, positions }: Props) {
  const groups = [
    {
      title: 'Now, on the actor’s own account',
      items: positions.filter(({ account, isCurrent }) => account === 'OWN' && isCurrent),
    },
    { title: 'As others report it', items: positions.filter(({ account }) => account === 'REPORTED') },
    { title: 'Before', items: positions.filter(({ isCurrent }) => !isCurrent) },
  ];
  return groups.map(
    ({ title, items }) =>
      items.length > 0 && (
        <section key={title} aria-label={`${name}: ${title}`}>
          <h3>{title}</h3>
          <ul className="positions">
            {items.map((position) => (
              <PositionItem key={`${position.topic.slug} ${position.account}`} position={position} />
            ))}
          </ul>
        </section>
      ),
  );
}
