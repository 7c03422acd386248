import { useState } from 'react';
import { useQuery } from 'urql';
import { Answer } from '../frame/Answer.tsx';
import { AskInGraphiql } from '../frame/AskInGraphiql.tsx';
import { MoreButton } from '../frame/MoreButton.tsx';
import { Heading } from '../router/Heading.tsx';
import { Link } from '../router/Link.tsx';
import './collection.css';
import { type CollectionItemData, CollectionsQuery } from './collectionsQuery.ts';

/** The collections of the record. */
export function CollectionsView() {
  /** Where each page starts. */
  const [starts, setStarts] = useState<readonly (string | null)[]>([null]);
  return (
    <div className="collections">
      <p className="kicker">
        <Link href="/sources">Sources</Link>
      </p>
      <Heading title="Collections">Collections</Heading>
      <p className="lead">
        Documents that were imported together: where they come from, in which version, and under which
        licence.
      </p>
      {starts.map((after, i) => (
        <CollectionsPage
          key={after}
          after={after}
          more={i === starts.length - 1 ? (next) => setStarts([...starts, next]) : undefined}
        />
      ))}
      <p className="asks">
        <AskInGraphiql document={CollectionsQuery} variables={{ after: null }} />
      </p>
    </div>
  );
}

interface Props {
  readonly after: string | null;
  /** Loads the page after this one; only the last page has it. */
  readonly more: ((after: string) => void) | undefined;
}

function CollectionsPage({ after, more }: Props) {
  const [result, ask] = useQuery({
    query: CollectionsQuery,
    variables: { after },
    requestPolicy: 'cache-and-network',
  });
  return (
    <Answer result={result} reload={() => ask({ requestPolicy: 'network-only' })}>
      {({ collections: { nodes, pageInfo } }) => {
        const next = pageInfo.hasNextPage ? pageInfo.endCursor : null;
        return (
          <>
            {nodes.length === 0 && after === null && (
              <p className="notice">The record has no collections. Its entries were recorded one by one.</p>
            )}
            <ul className="collection-list">
              {nodes.map((collection) => (
                <CollectionItem key={collection.slug} collection={collection} />
              ))}
            </ul>
            {more && next && <MoreButton busy={false} more={() => more(next)} />}
          </>
        );
      }}
    </Answer>
  );
}

function CollectionItem({ collection }: { readonly collection: CollectionItemData }) {
  const { slug, title, version, licence, statementCount } = collection;
  const facts = [
    version && `Version ${version}`,
    licence,
    `${statementCount} ${statementCount === 1 ? 'statement' : 'statements'}`,
  ];
  return (
    <li>
      <h2>
        <Link href={`/collections/${slug}`}>{title}</Link>
      </h2>
      <p className="aside">{facts.filter(Boolean).join(' · ')}</p>
    </li>
  );
}
