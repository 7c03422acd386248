import { StatementCard } from '../cards/StatementCard.tsx';
import { readStatement } from '../cards/statementFragment.ts';
import type { EnumOf } from '../graphql/tada.ts';
import type { LinkData } from './statementQuery.ts';

/** What a link means, read from the later statement and from the earlier one. */
const PHRASES: Readonly<Record<EnumOf<'LinkKind'>, readonly [string, string]>> = {
  ECHOES: ['Echoes', 'Echoed by'],
  AGREES_WITH: ['Agrees with', 'Agreed with by'],
  DISPUTES: ['Disputes', 'Disputed by'],
  REPLIES_TO: ['Replies to', 'Replied to by'],
  SHIFTS_FROM: ['Shifts from', 'Shifted away from by'],
  CORRECTS: ['Corrects', 'Corrected by'],
};

interface Props {
  readonly links: readonly LinkData[];
  readonly linkedFrom: readonly LinkData[];
}

/** How a statement relates to earlier ones, and later ones to it. */
export function Links({ links, linkedFrom }: Props) {
  const both = [
    ...links.map((link) => ({ ...link, phrase: PHRASES[link.kind][0] })),
    ...linkedFrom.map((link) => ({ ...link, phrase: PHRASES[link.kind][1] })),
  ];
  return (
    <ul className="links">
      {both.map(({ phrase, kind, statement }) => (
        <li key={`${phrase} ${statement.id}`} className={`link-${kind.toLowerCase().replace('_', '-')}`}>
          <p className="link-phrase">{phrase}</p>
          <StatementCard statement={readStatement(statement)} />
        </li>
      ))}
    </ul>
  );
}
