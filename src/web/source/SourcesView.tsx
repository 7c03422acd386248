import { useState } from 'react';
import { AskInGraphiql } from '../frame/AskInGraphiql.tsx';
import { Heading } from '../router/Heading.tsx';
import './source.css';
import { SourcesPage } from './SourcesPage.tsx';
import { SourcesQuery } from './sourcesQuery.ts';

/** The sources of the record, by title. */
export function SourcesView() {
  /** Where each page starts. */
  const [starts, setStarts] = useState<readonly (string | null)[]>([null]);
  return (
    <div className="sources">
      <Heading title="Sources">Sources</Heading>
      <p className="lead">
        The documents that statements were taken from, each with its statements in order.
      </p>
      {starts.map((after, i) => (
        <SourcesPage
          key={after}
          after={after}
          more={i === starts.length - 1 ? (next) => setStarts([...starts, next]) : undefined}
        />
      ))}
      <p className="asks">
        <AskInGraphiql document={SourcesQuery} variables={{ after: null }} />
      </p>
    </div>
  );
}
