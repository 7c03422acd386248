import { useMemo } from 'react';
import { Heading } from '../router/Heading.tsx';
import { Link } from '../router/Link.tsx';
import { DatedStatements } from '../timeline/DatedStatements.tsx';
import { momentText } from '../words/moment.ts';
import type { CollectionData } from './collectionsQuery.ts';

const isWebAddress = (url: string): boolean => /^https?:\/\//.test(url);
const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;

/** Everything that is known of one collection. */
export function CollectionPage({ collection }: { readonly collection: CollectionData }) {
  const { slug, title, version, licence, url, retraction, retracting, files, recordedAt, recordedBy } =
    collection;
  const { statementCount, actorCount, topicCount, sourceCount, eventCount } = collection;
  const inCollection = useMemo(() => ({ collections: [slug] }), [slug]);
  const added = [
    counted(statementCount, 'statement'),
    counted(actorCount, 'actor'),
    counted(topicCount, 'topic'),
    counted(sourceCount, 'source'),
    counted(eventCount, 'event'),
  ];
  return (
    <article className="collection-view">
      <p className="kicker">
        <Link href="/collections">Collections</Link>
      </p>
      <Heading title={title}>{title}</Heading>
      {retraction && (
        <div className="notice notice-retracted">
          <p>
            <b>The record no longer stands by this.</b> Retracted on {momentText(retraction.at)} by{' '}
            {retraction.by}: {retraction.reason}
          </p>
        </div>
      )}
      {retracting !== null && (
        <div className="notice notice-retracted">
          <p>
            <b>It is being retracted.</b> Some of its statements are retracted already. Reason: {retracting}
          </p>
        </div>
      )}
      <dl className="facts">
        <dt>Version</dt>
        <dd>{version ?? 'not recorded'}</dd>
        <dt>Licence</dt>
        <dd>{licence ?? 'not recorded'}</dd>
        <dt>Address</dt>
        <dd>{url && isWebAddress(url) ? <a href={url}>{url}</a> : (url ?? 'not recorded')}</dd>
        <dt>Added</dt>
        <dd>{added.join(', ')}</dd>
        <dt>Recorded</dt>
        <dd>
          on {momentText(recordedAt)} by {recordedBy}
        </dd>
      </dl>
      {files.length > 0 && <Files files={files} />}
      <section aria-labelledby="statements">
        <h2 id="statements">
          {statementCount === 0 ? 'No statements' : counted(statementCount, 'statement')}
        </h2>
        {statementCount > 0 && <DatedStatements filter={inCollection} />}
      </section>
    </article>
  );
}

function Files({ files }: Pick<CollectionData, 'files'>) {
  return (
    <section aria-labelledby="files">
      <h2 id="files">Its files</h2>
      <ul className="collection-files">
        {files.map(({ name, length, digest }) => (
          <li key={`${name} ${digest}`}>
            <b>{name}</b> <span className="aside">{length} bytes, SHA-256</span> <code>{digest}</code>
          </li>
        ))}
      </ul>
    </section>
  );
}
