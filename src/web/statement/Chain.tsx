import { ActorLinks } from '../cards/ActorLinks.tsx';
import { SaidText } from '../cards/DateText.tsx';
import { Sayers } from '../cards/Sayers.tsx';
import type { StatementCardData } from '../cards/statementFragment.ts';
import { formName } from '../words/account.ts';
import { dayText } from '../words/moment.ts';
import type { Named } from '../words/names.ts';
import { sayerNames } from '../words/statement.ts';

interface Props {
  readonly statement: StatementCardData;
  readonly givers: readonly Named[];
  readonly publisher: string | null;
}

/** The attribution as a chain: the speaker, each hop, and the source. */
export function Chain({ statement, givers, publisher }: Props) {
  const { attribution, source, said } = statement;
  const isGiver = ({ slug }: Named) => givers.some((giver) => giver.slug === slug);
  const speakersGive = attribution.every(({ actor }) => !isGiver(actor));
  return (
    <ol className="chain">
      <li className={speakersGive && givers.length > 0 ? 'chain-giver' : undefined}>
        <span className="chain-role">{sayerNames(statement).length > 1 ? 'Speakers' : 'Speaker'}</span>
        <span className="chain-name">
          <Sayers statement={statement} />
        </span>
        <span className="chain-note">
          <SaidText date={said} />
        </span>
        {speakersGive && givers.length > 0 && <GiverNote />}
      </li>
      {attribution.map(({ actor, form }, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a hop is known by its place in the chain
        <li key={i} className={isGiver(actor) ? 'chain-giver' : undefined}>
          <span className="chain-role">Passed on by</span>
          <span className="chain-name">
            <ActorLinks actors={[actor]} />
          </span>
          <span className="chain-note">{formName(form)}</span>
          {isGiver(actor) && <GiverNote />}
        </li>
      ))}
      <li className="chain-source">
        <span className="chain-role">Written in</span>
        <span className="chain-name">
          {source.url ? <a href={source.url}>{source.title}</a> : <a href="#source">{source.title}</a>}
        </span>
        <span className="chain-note">
          {[publisher, source.publishedOn && dayText(source.publishedOn)].filter(Boolean).join(', ')}
        </span>
      </li>
    </ol>
  );
}

function GiverNote() {
  return <span className="chain-account">on this account</span>;
}
