import { useState } from 'react';
import { useQuery } from 'urql';
import { Answer } from '../frame/Answer.tsx';
import { AskInGraphiql } from '../frame/AskInGraphiql.tsx';
import { useDelayed } from '../frame/useDelayed.ts';
import { graphql, type ResultOf } from '../graphql/tada.ts';
import { Heading } from '../router/Heading.tsx';
import { Link } from '../router/Link.tsx';
import './browse.css';
import { SearchField } from '../frame/SearchField.tsx';
import { FirstOnly } from './FirstOnly.tsx';

const TopicsQuery = graphql(`
  query Topics($search: String) {
    topics(search: $search, first: 100) {
      pageInfo { hasNextPage }
      nodes {
        slug
        name
        proposition
        description
        parent { slug }
      }
    }
  }
`);
const DELAY_MS = 250;

type TopicNode = ResultOf<typeof TopicsQuery>['topics']['nodes'][number];

/** The topics of the record as the tree they form, or as searched. */
export function TopicsView() {
  const [text, setText] = useState('');
  const search = useDelayed(text.trim(), DELAY_MS);
  const variables = { search: search || null };
  const [result, ask] = useQuery({ query: TopicsQuery, variables, requestPolicy: 'cache-and-network' });
  return (
    <div className="browse">
      <Heading title="Topics">Topics</Heading>
      <p className="lead">
        What statements are about. Some have a proposition, a sentence that one can support or oppose.
      </p>
      <SearchField label="Find a topic by name" text={text} onText={setText} />
      <Answer result={result} reload={() => ask({ requestPolicy: 'network-only' })}>
        {({ topics: { nodes, pageInfo } }) => {
          const known = new Set(nodes.map(({ slug }) => slug));
          const tops = nodes.filter(({ parent }) => !parent || !known.has(parent.slug));
          return (
            <>
              {nodes.length === 0 && <p className="notice">No topic matches “{search}”.</p>}
              <ul className="browse-list">
                {tops.map((topic) => (
                  <TopicBranch key={topic.slug} topic={topic} topics={nodes} />
                ))}
              </ul>
              {pageInfo.hasNextPage && <FirstOnly count={nodes.length} />}
            </>
          );
        }}
      </Answer>
      <p className="asks">
        <AskInGraphiql document={TopicsQuery} variables={variables} />
      </p>
    </div>
  );
}

interface BranchProps {
  readonly topic: TopicNode;
  readonly topics: readonly TopicNode[];
}

function TopicBranch({ topic, topics }: BranchProps) {
  const { slug, name, proposition, description } = topic;
  const children = topics.filter(({ parent }) => parent?.slug === slug);
  return (
    <li>
      <h2>
        <Link href={`/topics/${slug}`}>{name}</Link>
      </h2>
      {(proposition ?? description) && <p className="aside">{proposition ?? description}</p>}
      {children.length > 0 && (
        <ul className="browse-branch">
          {children.map((child) => (
            <TopicBranch key={child.slug} topic={child} topics={topics} />
          ))}
        </ul>
      )}
    </li>
  );
}
