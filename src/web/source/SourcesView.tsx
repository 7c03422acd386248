import { useState } from 'react';
import { useQuery } from 'urql';
import { Answer } from '../frame/Answer.tsx';
import { AskInGraphiql } from '../frame/AskInGraphiql.tsx';
import { SearchField } from '../frame/SearchField.tsx';
import { useDelayed } from '../frame/useDelayed.ts';
import { HeadQuery } from '../live/useFollow.ts';
import { useRefresh } from '../live/useRefresh.ts';
import { Heading } from '../router/Heading.tsx';
import { Link } from '../router/Link.tsx';
import './source.css';
import { SourcesPage } from './SourcesPage.tsx';
import { SourcesQuery } from './sourcesQuery.ts';

const DELAY_MS = 250;

/** The sources of the record, by title or as searched, read again when statements are recorded. */
export function SourcesView() {
  const [text, setText] = useState('');
  const search = useDelayed(text.trim(), DELAY_MS) || null;
  const [head, askHead] = useQuery({ query: HeadQuery, requestPolicy: 'network-only' });
  const [version, setVersion] = useState(0);
  const reload = () => {
    askHead({ requestPolicy: 'network-only' });
    setVersion(version + 1);
  };
  useRefresh({}, head.data?.record.cursor ?? null, reload);
  return (
    <div className="sources">
      <Heading title="Sources">Sources</Heading>
      <p className="lead">
        The documents that statements were taken from, each with its statements in order. Those that came in
        together are in <Link href="/collections">collections</Link>.
      </p>
      <SearchField label="Find a source by title" text={text} onText={setText} />
      {/* After the head, so that no statement is missed between the list and what follows it. */}
      <Answer result={head} reload={reload}>
        {() => <SourcesPages key={search} search={search} version={version} />}
      </Answer>
      <p className="asks">
        <AskInGraphiql document={SourcesQuery} variables={{ search, after: null }} />
      </p>
    </div>
  );
}

interface PagesProps {
  readonly search: string | null;
  /** Each further version is read again. */
  readonly version: number;
}

function SourcesPages({ search, version }: PagesProps) {
  /** Where each page starts. */
  const [starts, setStarts] = useState<readonly (string | null)[]>([null]);
  return starts.map((after, i) => (
    <SourcesPage
      key={after}
      search={search}
      after={after}
      version={version}
      more={i === starts.length - 1 ? (next) => setStarts([...starts, next]) : undefined}
    />
  ));
}
