import { useEffect } from 'react';
import { useQuery } from 'urql';
import { Answer } from '../frame/Answer.tsx';
import { MoreButton } from '../frame/MoreButton.tsx';
import { Link } from '../router/Link.tsx';
import { dayText } from '../words/moment.ts';
import { type SourceItemData, SourcesQuery } from './sourcesQuery.ts';

interface Props {
  /** What the reader looks for; null for all. */
  readonly search: string | null;
  readonly after: string | null;
  /** Each further version is read again. */
  readonly version: number;
  /** Loads the page after this one; only the last page has it. */
  readonly more: ((after: string) => void) | undefined;
}

/** Some sources of the list. */
export function SourcesPage({ search, after, version, more }: Props) {
  const [result, ask] = useQuery({
    query: SourcesQuery,
    variables: { search, after },
    requestPolicy: 'cache-and-network',
  });
  useEffect(() => {
    if (version > 0) ask({ requestPolicy: 'network-only' });
  }, [version, ask]);
  return (
    <Answer result={result} reload={() => ask({ requestPolicy: 'network-only' })}>
      {({ sources: { nodes, pageInfo } }) => {
        const next = pageInfo.hasNextPage ? pageInfo.endCursor : null;
        return (
          <>
            {nodes.length === 0 && after === null && (
              <p className="notice">
                {search === null ? 'The record has no source yet.' : `No source matches “${search}”.`}
              </p>
            )}
            <ul className="source-list">
              {nodes.map((source) => (
                <SourceItem key={source.slug} source={source} />
              ))}
            </ul>
            {more && next && <MoreButton busy={false} more={() => more(next)} />}
          </>
        );
      }}
    </Answer>
  );
}

function SourceItem({ source }: { readonly source: SourceItemData }) {
  const { slug, title, publisher, publishedOn, statements } = source;
  const { totalCount } = statements;
  const facts = [
    publisher?.name,
    publishedOn && dayText(publishedOn),
    `${totalCount} ${totalCount === 1 ? 'statement' : 'statements'}`,
  ];
  return (
    <li>
      <h2>
        <Link href={`/sources/${slug}`}>{title}</Link>
      </h2>
      <p className="aside">{facts.filter(Boolean).join(' · ')}</p>
    </li>
  );
}
