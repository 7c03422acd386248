import { StatementCard } from './StatementCard.tsx';
import { readStatement, type StatementCardRef } from './statementFragment.ts';

interface Props {
  readonly statements: readonly (StatementCardRef & { readonly id: string })[];
}

/** A list of statements that came with a view's own answer. */
export function StatementList({ statements }: Props) {
  return (
    <ol className="feed">
      {statements.map((statement) => (
        <li key={statement.id}>
          <StatementCard statement={readStatement(statement)} />
        </li>
      ))}
    </ol>
  );
}
