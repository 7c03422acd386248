import { useMemo } from 'react';
import { useQuery } from 'urql';
import { Answer } from '../frame/Answer.tsx';
import { AskInGraphiql } from '../frame/AskInGraphiql.tsx';
import { Missing } from '../frame/Missing.tsx';
import { useRefresh } from '../live/useRefresh.ts';
import './source.css';
import { SourcePage } from './SourcePage.tsx';
import { SourceQuery } from './sourceQuery.ts';

/** A source: what is known of it, and the statements taken from it in the order of its text. */
export function SourceView({ slug }: { readonly slug: string }) {
  const variables = useMemo(() => ({ slug }), [slug]);
  const [result, ask] = useQuery({ query: SourceQuery, variables, requestPolicy: 'cache-and-network' });
  const reload = () => ask({ requestPolicy: 'network-only' });
  useRefresh({ sources: [slug] }, result.data?.record.cursor ?? null, reload);
  return (
    <Answer result={result} reload={reload}>
      {({ source }) =>
        source ? (
          <>
            <SourcePage key={slug} source={source} />
            <p className="asks">
              <AskInGraphiql document={SourceQuery} variables={variables} />
            </p>
          </>
        ) : (
          <Missing noun="source" slug={slug} list={{ href: '/sources', name: 'all sources' }} />
        )
      }
    </Answer>
  );
}
