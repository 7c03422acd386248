import { unresolved } from '../words/statement.ts';
import { ActorLinks } from './ActorLinks.tsx';
import type { StatementCardData } from './statementFragment.ts';

/** Those who said it, with the words of the source where these differ from the name. */
export function Sayers({ statement: { speakers, mentions } }: { readonly statement: StatementCardData }) {
  const unknown = unresolved(mentions);
  const named = mentions.filter(({ as, actor }) => actor !== null && actor.name !== as);
  return (
    <>
      <ActorLinks actors={speakers} isCut={unknown.length > 0} />
      {unknown.map(({ as }, i) => (
        <span key={as}>
          {i + speakers.length > 0 && (i === unknown.length - 1 ? ' and ' : ', ')}
          <span title="The record does not know who is meant" className="unidentified">
            “{as}”
          </span>
        </span>
      ))}
      {named.length > 0 && (
        <span className="mentioned"> (in the source: {named.map(({ as }) => `“${as}”`).join(', ')})</span>
      )}
    </>
  );
}
