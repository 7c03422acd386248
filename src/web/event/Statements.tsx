import { useQuery } from 'urql';
import { StatementList } from '../cards/StatementList.tsx';
import type { StatementCardRef } from '../cards/statementFragment.ts';
import { Answer } from '../frame/Answer.tsx';
import { Rest } from '../frame/Rest.tsx';
import { OtherStatementsQuery, StatementsQuery } from './eventQuery.ts';

/** The statements of an event without a comparison, and why there is none. */
export function Uncompared({ slug, sideCount }: { readonly slug: string; readonly sideCount: number }) {
  const [result, ask] = useQuery({ query: StatementsQuery, variables: { slug } });
  return (
    <section aria-labelledby="statements">
      <h2 id="statements">Statements</h2>
      <p className="notice">
        {sideCount < 2
          ? 'There are not two sides to compare: fewer than two states or organisations took part.'
          : 'No side has given an account of a topic yet. One that is recorded appears here by itself.'}
      </p>
      <Answer result={result} reload={() => ask({ requestPolicy: 'network-only' })}>
        {({ event }) => <StatementList statements={event?.statements.nodes ?? []} />}
      </Answer>
    </section>
  );
}

interface OthersProps {
  readonly slug: string;
  readonly count: number;
}

/** The statements that are in no account, so that they are not lost beside the comparison. */
export function Others({ slug, count }: OthersProps) {
  const [result, ask] = useQuery({ query: OtherStatementsQuery, variables: { slug, offset: 0 } });
  const show = (statements: readonly (StatementCardRef & { readonly id: string })[]) => (
    <StatementList statements={statements} />
  );
  return (
    <section aria-labelledby="others">
      <h2 id="others">Also said of it</h2>
      <p className="aside">Not on the account of a side that took part, and so not compared.</p>
      <Answer result={result} reload={() => ask({ requestPolicy: 'network-only' })}>
        {({ event }) => (
          <>
            {show(event?.otherStatements ?? [])}
            <Rest
              query={OtherStatementsQuery}
              variables={(offset) => ({ slug, offset })}
              pick={(data) => data.event?.otherStatements}
              shown={event?.otherStatements.length ?? 0}
              total={count}
            >
              {show}
            </Rest>
          </>
        )}
      </Answer>
    </section>
  );
}
