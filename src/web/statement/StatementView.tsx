import { useMemo } from 'react';
import { useQuery } from 'urql';
import { readStatement } from '../cards/statementFragment.ts';
import { Answer } from '../frame/Answer.tsx';
import { AskInGraphiql } from '../frame/AskInGraphiql.tsx';
import { Missing } from '../frame/Missing.tsx';
import { useRefresh } from '../live/useRefresh.ts';
import './statementPage.css';
import { StatementPage } from './StatementPage.tsx';
import { StatementQuery } from './statementQuery.ts';

/** A statement at its permanent address. */
export function StatementView({ slug }: { readonly slug: string }) {
  const variables = useMemo(() => ({ slug }), [slug]);
  const [result, ask] = useQuery({ query: StatementQuery, variables, requestPolicy: 'cache-and-network' });
  const reload = () => ask({ requestPolicy: 'network-only' });
  const { data } = result;
  const speakers = data?.statement
    ? readStatement(data.statement).speakers.map((speaker) => speaker.slug)
    : [];
  const sources = data?.statement ? [readStatement(data.statement).source.slug] : [];
  // Where it is not known who spoke, no filter by speakers finds the statement.
  const filter = speakers.length > 0 ? { speakers, sources } : { sources };
  useRefresh(filter, data?.statement ? data.record.cursor : null, reload);
  return (
    <Answer result={result} reload={reload}>
      {({ statement, record }) =>
        statement ? (
          <>
            <StatementPage statement={statement} cursor={record.cursor} />
            <p className="asks">
              <AskInGraphiql document={StatementQuery} variables={variables} />
            </p>
          </>
        ) : (
          <Missing noun="statement" slug={slug} list={{ href: '/', name: 'all statements' }} />
        )
      }
    </Answer>
  );
}
