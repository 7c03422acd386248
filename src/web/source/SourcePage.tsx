import { useMemo, useState } from 'react';
import { useClient } from 'urql';
import { ActorLinks } from '../cards/ActorLinks.tsx';
import { StatementCard } from '../cards/StatementCard.tsx';
import { readStatement } from '../cards/statementFragment.ts';
import { SourceFile } from '../check/SourceFile.tsx';
import { Failed } from '../frame/Failed.tsx';
import { Heading } from '../router/Heading.tsx';
import { Link } from '../router/Link.tsx';
import { dayText } from '../words/moment.ts';
import { spansOf as anchorSpans } from '../words/statement.ts';
import { placeId, SourceText, statementId } from './SourceText.tsx';
import { type SourceData, SourceQuery, type SourceStatement } from './sourceQuery.ts';

/** The spans of some statements, each once. */
function spansOf(statements: readonly SourceStatement[]) {
  const spans = statements.flatMap(({ anchors }) => anchorSpans(anchors));
  return [...new Map(spans.map((span) => [`${span.start} ${span.end}`, span])).values()];
}

/** Statements beyond those of the view's own answer, and how to load more of them. */
function useMore({ slug, statementsInTextOrder: first, statements: { totalCount } }: SourceData) {
  const client = useClient();
  const [items, setItems] = useState<readonly SourceStatement[]>([]);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const all = useMemo(() => {
    const byId = new Map([...first, ...items].map((statement) => [statement.id, statement]));
    return [...byId.values()];
  }, [first, items]);
  const more = async (): Promise<void> => {
    setBusy(true);
    const variables = { slug, offset: first.length + items.length, withText: false };
    const answer = await client.query(SourceQuery, variables, { requestPolicy: 'network-only' });
    setItems([...items, ...(answer.data?.source?.statementsInTextOrder ?? [])]);
    setError(answer.error ?? null);
    setBusy(false);
  };
  return { all, more, busy, error, isComplete: first.length + items.length >= totalCount };
}

/** Everything that is known of one source. */
export function SourcePage({ source }: { readonly source: SourceData }) {
  const { title, publisher, url, publishedOn, language, digest, length, text, licence } = source;
  const { totalCount } = source.statements;
  const { all, more, busy, error, isComplete } = useMore(source);
  const spans = useMemo(() => spansOf(all), [all]);
  return (
    <article className="source-view">
      <p className="kicker">
        <Link href="/sources">Sources</Link>
      </p>
      <Heading title={title}>{title}</Heading>
      <dl className="facts">
        <dt>Publisher</dt>
        <dd>{publisher ? <ActorLinks actors={[publisher]} /> : 'not recorded'}</dd>
        <dt>Published</dt>
        <dd>{publishedOn ? <time dateTime={publishedOn}>{dayText(publishedOn)}</time> : 'not recorded'}</dd>
        <dt>Address</dt>
        <dd>{url ? <a href={url}>{url}</a> : 'not recorded'}</dd>
        {licence && (
          <>
            <dt>Licence</dt>
            <dd>{licence}</dd>
          </>
        )}
        {language && (
          <>
            <dt>Language</dt>
            <dd>{language}</dd>
          </>
        )}
        {length !== null && (
          <>
            <dt>Length</dt>
            <dd>{length} Unicode code points</dd>
          </>
        )}
        {digest && (
          <>
            <dt>SHA-256</dt>
            <dd>
              <code>{digest}</code>
            </dd>
          </>
        )}
      </dl>
      <section aria-labelledby="text">
        <h2 id="text">Its text</h2>
        {text != null ? (
          <SourceText text={text} language={language} statements={all} />
        ) : (
          <p>The text is not public: check it with your own copy.</p>
        )}
        <SourceFile digest={digest} spans={spans} />
      </section>
      <section aria-labelledby="statements">
        <h2 id="statements">
          {totalCount === 1 ? 'One statement' : `${totalCount === 0 ? 'No' : totalCount} statements`}
          {totalCount > 1 && ', in the order of the text'}
        </h2>
        <ol className="feed">
          {all.map((statement) => {
            const starts = anchorSpans(statement.anchors).map(({ start }) => start);
            return (
              <li key={statement.id} id={statementId(statement.slug)}>
                <StatementCard statement={readStatement(statement)}>
                  {text != null && starts.length > 0 && (
                    <p className="aside">
                      <a href={`#${placeId(Math.min(...starts))}`}>Show it in the text</a>
                    </p>
                  )}
                </StatementCard>
              </li>
            );
          })}
        </ol>
        <p>
          <Link href={`/?source=${source.slug}`}>All of them, with filters</Link>
        </p>
        {error && <Failed error={error} />}
        {!isComplete && (
          <p className="more">
            Showing {all.length} of {totalCount}.{' '}
            <button type="button" onClick={() => void more()} aria-disabled={busy}>
              {busy ? 'Loading …' : 'Show more'}
            </button>
          </p>
        )}
      </section>
    </article>
  );
}
