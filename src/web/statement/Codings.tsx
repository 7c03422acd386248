import { StatementCard } from '../cards/StatementCard.tsx';
import { readStatement } from '../cards/statementFragment.ts';
import type { EnumOf } from '../graphql/tada.ts';
import { joinNames } from '../words/names.ts';
import type { CodingData } from './statementQuery.ts';

const PARTS: Readonly<Record<EnumOf<'CodedPart'>, string>> = {
  SPEAKERS: 'speakers',
  ADDRESSEES: 'addressees',
  ACT: 'speech act',
  MODE: 'mode',
  TOPICS: 'topics',
  STANCE: 'stance',
};

const named = (parts: readonly EnumOf<'CodedPart'>[]): string => joinNames(parts.map((part) => PARTS[part]));

/** Other codings of the passage, each with the parts in which it agrees with this one. */
export function Codings({ codings }: { readonly codings: readonly CodingData[] }) {
  return (
    <ul className="links codings">
      {codings.map(({ statement, agreement: { agrees, differs } }) => (
        <li key={statement.id}>
          <p className="link-phrase">
            {differs.length === 0
              ? 'Agrees in every part'
              : `Differs in ${named(differs)}${agrees.length > 0 ? `; agrees in ${named(agrees)}` : ''}`}
          </p>
          <StatementCard statement={readStatement(statement)} />
        </li>
      ))}
    </ul>
  );
}
