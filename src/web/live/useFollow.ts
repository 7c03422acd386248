import { useEffect, useEffectEvent } from 'react';
import { useClient } from 'urql';
import { StatementCardFragment } from '../cards/statementFragment.ts';
import { waitToRetry } from '../connection/retry.ts';
import { setLiveStatus } from '../connection/status.ts';
import { codeOf } from '../graphql/code.ts';
import { whenConnected } from '../graphql/socket.ts';
import { graphql, type ResultOf, type VariablesOf } from '../graphql/tada.ts';
import { type Follower, follow } from './follow.ts';

/** What happens to statements from a cursor on, each change with the proof that none is missing before it. */
export const FollowSubscription = graphql(
  `subscription Follow($filter: StatementFilter, $after: Position) {
    recordChanged(filter: $filter, after: $after) {
      cursor
      previous
      kind
      at
      by
      statement {
        id
        ...StatementCard
      }
    }
  }`,
  [StatementCardFragment],
);

/** Where the record is now. */
export const HeadQuery = graphql(`query Head { record { cursor } }`);

export type StatementFilter = NonNullable<VariablesOf<typeof FollowSubscription>['filter']>;
export type RecordChange = ResultOf<typeof FollowSubscription>['recordChanged'];

/**
 * Follows the statements of a filter from the cursor that came with the view's data; null until there is one.
 * The filter is compared by its content, and the newest handlers are called.
 */
export function useFollow(
  filter: StatementFilter,
  after: string | null,
  handlers: Omit<Follower<RecordChange>, 'status'>,
): void {
  const client = useClient();
  const changed = useEffectEvent(handlers.changed);
  const caughtUp = useEffectEvent(handlers.caughtUp);
  const resync = useEffectEvent(handlers.resync);
  const filterKey = JSON.stringify(filter);

  useEffect(() => {
    if (after === null) return;
    const variables = { filter: JSON.parse(filterKey) as StatementFilter };
    const stop = follow<RecordChange>(
      after,
      {
        subscribe(cursor, sink) {
          const { unsubscribe } = client
            .subscription(FollowSubscription, { ...variables, after: cursor })
            .subscribe(({ data, error }) => {
              if (error) sink.failed({ code: codeOf(error), message: error.message });
              else if (data) sink.next(data.recordChanged);
            });
          return unsubscribe;
        },
        async readHead() {
          const { data, error } = await client.query(HeadQuery, {}, { requestPolicy: 'network-only' });
          if (!data) throw error ?? new Error('The service gave no answer.');
          return data.record.cursor;
        },
        whenConnected,
        wait: waitToRetry,
      },
      {
        changed: (change, missedSince) => changed(change, missedSince),
        caughtUp: (since) => caughtUp(since),
        resync: () => resync(),
        status: setLiveStatus,
      },
    );
    return () => {
      stop();
      setLiveStatus({ state: 'idle' });
    };
  }, [client, filterKey, after]);
}
