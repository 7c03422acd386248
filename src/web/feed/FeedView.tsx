import { useMemo } from 'react';
import { AskInGraphiql } from '../frame/AskInGraphiql.tsx';
import { FollowSubscription } from '../live/useFollow.ts';
import { Heading } from '../router/Heading.tsx';
import { usePlace } from '../router/location.ts';
import { FeedList } from '../timeline/FeedList.tsx';
import { Histogram } from '../timeline/Histogram.tsx';
import { FeedQuery } from '../timeline/useFeed.ts';
import { ComparedEvents } from './ComparedEvents.tsx';
import { Facets } from './Facets.tsx';
import { Filters } from './filters/Filters.tsx';
import {
  countConditions,
  formatFeedFilter,
  parseFeedFilter,
  toStatementFilter,
} from './filters/feedFilter.ts';
import { NamesFound } from './NamesFound.tsx';
import { NoStatements } from './NoStatements.tsx';

/** The statements that match the filter in the address. */
export function FeedView() {
  const { search } = usePlace();
  const feedFilter = useMemo(() => parseFeedFilter(search), [search]);
  const filter = useMemo(() => toStatementFilter(feedFilter), [feedFilter]);
  const isFiltered = countConditions(feedFilter) > 0;
  return (
    <div className="feed-view">
      <div className="feed-intro">
        <Heading title={isFiltered ? 'Statements found' : 'Readout'}>Who said what</Heading>
        <p className="lead">
          Every public statement in the record: who said it, on whose account, about what, and where exactly
          it is written.
        </p>
      </div>
      <Filters filter={feedFilter}>
        <Facets feedFilter={feedFilter} filter={filter} isOpen={isFiltered} />
      </Filters>
      <div className="feed-column">
        {!isFiltered && <ComparedEvents />}
        {feedFilter.words.trim() && <NamesFound words={feedFilter.words.trim()} />}
        <Histogram
          filter={filter}
          range={feedFilter}
          addressOf={(bin) => formatFeedFilter({ ...feedFilter, ...bin })}
        />
        <FeedList key={JSON.stringify(filter)} filter={filter} level={2} loads="by itself">
          <NoStatements />
        </FeedList>
        <p className="asks">
          <AskInGraphiql document={FeedQuery} variables={{ filter }} />
          <AskInGraphiql document={FollowSubscription} variables={{ filter }}>
            Follow this in GraphiQL
          </AskInGraphiql>
        </p>
      </div>
    </div>
  );
}
