import { useCallback, useEffect, useReducer, useRef } from 'react';
import { useClient } from 'urql';
import { StatementCardFragment } from '../cards/statementFragment.ts';
import { graphql } from '../graphql/tada.ts';
import { announce } from '../live/announce.ts';
import { changeInWords } from '../live/changeInWords.ts';
import { type StatementFilter, useFollow } from '../live/useFollow.ts';
import { changesTotal, EMPTY_FEED, type FeedState, feedReducer } from './feedState.ts';

export const FeedQuery = graphql(
  `query Feed($filter: StatementFilter, $after: String) {
    record {
      cursor
    }
    statements(filter: $filter, first: 20, after: $after) {
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        id
        ...StatementCard
      }
    }
  }`,
  [StatementCardFragment],
);

const CountQuery = graphql(`
  query CountFeed($filter: StatementFilter) {
    statements(filter: $filter, first: 0) {
      totalCount
    }
  }
`);
/** Gathers a burst of changes into one count. */
const COUNT_DELAY_MS = 1_000;

/** Feeds of earlier views, by their filter. They resume from the last change that they contain. */
const keptFeeds = new Map<string, FeedState>();
const KEPT_MAX = 10;

function restore(key: string): FeedState {
  const kept = keptFeeds.get(key);
  return kept ? { ...kept, start: kept.cursor, busy: false } : EMPTY_FEED;
}

function keep(key: string, state: FeedState): void {
  if (state.cursor === null) return;
  keptFeeds.delete(key);
  keptFeeds.set(key, state);
  const [oldest] = keptFeeds.keys();
  if (keptFeeds.size > KEPT_MAX && oldest !== undefined) keptFeeds.delete(oldest);
}

/**
 * The statements of a filter: loaded page by page, then followed, so that the list stays up to date.
 * A component that uses it must have the filter as its `key`.
 */
export function useFeed(filter: StatementFilter) {
  const client = useClient();
  const key = JSON.stringify(filter);
  const [state, dispatch] = useReducer(feedReducer, key, restore);
  useEffect(() => keep(key, state), [key, state]);

  const load = useCallback(
    async (after: string | null) => {
      dispatch({ type: 'asked' });
      const { data, error } = await client.query(
        FeedQuery,
        { filter: JSON.parse(key) as StatementFilter, after },
        { requestPolicy: 'network-only' },
      );
      if (!data) return error && dispatch({ type: 'failed', error });
      const { nodes, pageInfo, totalCount } = data.statements;
      dispatch({
        type: 'answered',
        page: {
          cursor: data.record.cursor,
          total: totalCount,
          end: pageInfo.endCursor,
          hasMore: pageInfo.hasNextPage,
          statements: nodes,
        },
      });
    },
    [client, key],
  );

  const counting = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(counting.current), []);
  const countSoon = (): void => {
    clearTimeout(counting.current);
    counting.current = setTimeout(async () => {
      const variables = { filter: JSON.parse(key) as StatementFilter };
      const { data } = await client.query(CountQuery, variables, { requestPolicy: 'network-only' });
      if (data) dispatch({ type: 'counted', total: data.statements.totalCount });
    }, COUNT_DELAY_MS);
  };

  const isEmpty = state.start === null;
  useEffect(() => {
    if (isEmpty) void load(null);
  }, [isEmpty, load]);

  useFollow(filter, state.start, {
    changed(change, missedSince) {
      announce(changeInWords(change));
      dispatch({ type: 'changed', change, missedSince });
      if (changesTotal(change.kind)) countSoon();
    },
    caughtUp: (since) => dispatch({ type: 'caughtUp', since }),
    resync: () => dispatch({ type: 'restarted' }),
  });

  return {
    ...state,
    more: () => void load(state.end),
    retry: () => void load(state.end),
    dismissMissed: () => dispatch({ type: 'read' }),
  };
}
