import { useMemo } from 'react';
import { useQuery } from 'urql';
import { Answer } from '../frame/Answer.tsx';
import { AskInGraphiql } from '../frame/AskInGraphiql.tsx';
import { Missing } from '../frame/Missing.tsx';
import { useRefresh } from '../live/useRefresh.ts';
import './collection.css';
import { CollectionPage } from './CollectionPage.tsx';
import { CollectionQuery } from './collectionsQuery.ts';

/** A collection: where it is from, and what it added. */
export function CollectionView({ slug }: { readonly slug: string }) {
  const variables = useMemo(() => ({ slug }), [slug]);
  const [result, ask] = useQuery({ query: CollectionQuery, variables, requestPolicy: 'cache-and-network' });
  const reload = () => ask({ requestPolicy: 'network-only' });
  useRefresh({ collections: [slug] }, result.data?.record.cursor ?? null, reload);
  return (
    <Answer result={result} reload={reload}>
      {({ collection }) =>
        collection ? (
          <>
            <CollectionPage key={slug} collection={collection} />
            <p className="asks">
              <AskInGraphiql document={CollectionQuery} variables={variables} />
            </p>
          </>
        ) : (
          <Missing noun="collection" slug={slug} list={{ href: '/collections', name: 'all collections' }} />
        )
      }
    </Answer>
  );
}
