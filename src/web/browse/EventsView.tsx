import { useState } from 'react';
import { AskInGraphiql } from '../frame/AskInGraphiql.tsx';
import { Heading } from '../router/Heading.tsx';
import './browse.css';
import { SearchField } from '../frame/SearchField.tsx';
import { EventsPage } from './EventsPage.tsx';
import { EventsQuery } from './eventsQuery.ts';

/** The events of the record, newest first. */
export function EventsView() {
  const [text, setText] = useState('');
  /** Where each page starts. */
  const [starts, setStarts] = useState<readonly (string | null)[]>([null]);
  return (
    <div className="browse">
      <Heading title="Events">Events</Heading>
      <p className="lead">
        Calls, meetings, decisions: what the statements are about, and where accounts can be compared.
      </p>
      <SearchField label="Find an event by its name or by who took part" text={text} onText={setText} />
      {starts.map((after, i) => (
        <EventsPage
          key={after}
          after={after}
          wanted={text}
          more={i === starts.length - 1 ? (next) => setStarts([...starts, next]) : undefined}
        />
      ))}
      <p className="asks">
        <AskInGraphiql document={EventsQuery} variables={{ after: null }} />
      </p>
    </div>
  );
}
