import { useMemo } from 'react';
import { useQuery } from 'urql';
import { Answer } from '../frame/Answer.tsx';
import { AskInGraphiql } from '../frame/AskInGraphiql.tsx';
import { Missing } from '../frame/Missing.tsx';
import { Rest } from '../frame/Rest.tsx';
import { useRefresh } from '../live/useRefresh.ts';
import { Heading } from '../router/Heading.tsx';
import { Link } from '../router/Link.tsx';
import { DatedStatements } from '../timeline/DatedStatements.tsx';
import './topic.css';
import { Standpoints } from './Standpoints.tsx';
import { Subtopics } from './Subtopics.tsx';
import { type TopicData, TopicQuery } from './topicQuery.ts';

/** A topic: its proposition, the stances on it, and the statements about it. */
export function TopicView({ slug }: { readonly slug: string }) {
  const variables = useMemo(() => ({ slug }), [slug]);
  const [result, ask] = useQuery({ query: TopicQuery, variables, requestPolicy: 'cache-and-network' });
  const reload = () => ask({ requestPolicy: 'network-only' });
  useRefresh({ topics: [slug] }, result.data?.record.cursor ?? null, reload);
  return (
    <Answer result={result} reload={reload}>
      {({ topic }) =>
        topic ? (
          <TopicPage topic={topic} />
        ) : (
          <Missing noun="topic" slug={slug} list={{ href: '/topics', name: 'all topics' }} />
        )
      }
    </Answer>
  );
}

function TopicPage({ topic }: { readonly topic: TopicData }) {
  const {
    name,
    description,
    proposition,
    parent,
    children,
    childCount,
    positions,
    positionCount,
    statements,
  } = topic;
  const { slug } = topic;
  const { totalCount } = statements;
  const onTopic = useMemo(() => ({ topics: [slug] }), [slug]);
  const above = [parent?.parent, parent].filter((one) => one != null);
  return (
    <div className="topic-view">
      <nav className="kicker" aria-label="Topics above">
        <Link href="/topics">Topics</Link>
        {above.map((one) => (
          <span key={one.slug}>
            {' / '}
            <Link href={`/topics/${one.slug}`}>{one.name}</Link>
          </span>
        ))}
      </nav>
      <Heading title={name}>{name}</Heading>
      {description && <p className="lead">{description}</p>}
      {proposition ? (
        <section aria-labelledby="standpoints">
          <h2 id="standpoints">Who stands where</h2>
          <p className="proposition-large">{proposition}</p>
          <Standpoints positions={positions} />
          <Rest
            key={`${slug} ${positionCount}`}
            query={TopicQuery}
            variables={(positions) => ({ slug, positions, size: 50 })}
            pick={(data) => data.topic?.positions}
            shown={positions.length}
            total={positionCount}
          >
            {(positions) => <Standpoints positions={positions} />}
          </Rest>
        </section>
      ) : (
        <p className="aside">This topic groups others and has no proposition of its own.</p>
      )}
      {children.length > 0 && (
        <section aria-labelledby="below">
          <h2 id="below">Topics below it</h2>
          <Subtopics topics={children} />
          <Rest
            key={`${slug} ${childCount}`}
            query={TopicQuery}
            variables={(children) => ({ slug, children, size: 50 })}
            pick={(data) => data.topic?.children}
            shown={children.length}
            total={childCount}
          >
            {(topics) => <Subtopics topics={topics} />}
          </Rest>
        </section>
      )}
      <section aria-labelledby="statements">
        <h2 id="statements">
          {totalCount === 1 ? 'One statement' : `${totalCount === 0 ? 'No' : totalCount} statements`}
          {children.length > 0 && ' on it and the topics below'}
        </h2>
        {totalCount > 0 && <DatedStatements filter={onTopic} />}
        <p>
          <Link href={`/?topic=${topic.slug}`}>All of them, with filters</Link>
        </p>
      </section>
      <p className="asks">
        <AskInGraphiql document={TopicQuery} variables={{ slug: topic.slug }} />
      </p>
    </div>
  );
}
