import { useState } from 'react';
import { AskInGraphiql } from '../frame/AskInGraphiql.tsx';
import { SearchField } from '../frame/SearchField.tsx';
import { useDelayed } from '../frame/useDelayed.ts';
import { Heading } from '../router/Heading.tsx';
import './source.css';
import { SourcesPage } from './SourcesPage.tsx';
import { SourcesQuery } from './sourcesQuery.ts';

const DELAY_MS = 250;

/** The sources of the record, by title or as searched. */
export function SourcesView() {
  const [text, setText] = useState('');
  const search = useDelayed(text.trim(), DELAY_MS) || null;
  return (
    <div className="sources">
      <Heading title="Sources">Sources</Heading>
      <p className="lead">
        The documents that statements were taken from, each with its statements in order.
      </p>
      <SearchField label="Find a source by title" text={text} onText={setText} />
      <SourcesPages key={search} search={search} />
      <p className="asks">
        <AskInGraphiql document={SourcesQuery} variables={{ search, after: null }} />
      </p>
    </div>
  );
}

function SourcesPages({ search }: { readonly search: string | null }) {
  /** Where each page starts. */
  const [starts, setStarts] = useState<readonly (string | null)[]>([null]);
  return starts.map((after, i) => (
    <SourcesPage
      key={after}
      search={search}
      after={after}
      more={i === starts.length - 1 ? (next) => setStarts([...starts, next]) : undefined}
    />
  ));
}
