import { StatementCard } from '../cards/StatementCard.tsx';
import { Failed } from '../frame/Failed.tsx';
import { MoreButton } from '../frame/MoreButton.tsx';
import { Waiting } from '../frame/Waiting.tsx';
import type { StatementFilter } from '../live/useFollow.ts';
import { Link } from '../router/Link.tsx';
import { MissedNote } from './MissedNote.tsx';
import { useFeed } from './useFeed.ts';

/** The statements of a filter, newest first and live. */
export function FeedList({ filter }: { readonly filter: StatementFilter }) {
  const { items, total, hasMore, busy, error, missed, more, retry, dismissMissed } = useFeed(filter);
  return (
    <>
      <p className="feed-total" role="status">
        {total === null ? ' ' : `${total} ${total === 1 ? 'statement' : 'statements'}, newest first`}
      </p>
      {missed && <MissedNote missed={missed} dismiss={dismissMissed} />}
      {items.length === 0 && busy && <Waiting />}
      {items.length === 0 && !busy && !error && <NoStatements />}
      <ol className="feed">
        {items.map(({ statement, mark }) => (
          <li key={statement.id} className={mark === 'New' ? 'slides-in' : undefined}>
            <StatementCard statement={statement} mark={mark} level={2} />
          </li>
        ))}
      </ol>
      {error && <Failed error={error} retry={retry} />}
      {hasMore && !error && <MoreButton busy={busy} more={more} />}
      {!hasMore && items.length > 0 && <p className="feed-end">That is the complete list.</p>}
    </>
  );
}

function NoStatements() {
  return (
    <div className="notice">
      <h2>No statement matches</h2>
      <p>
        The record has no statement that meets all of these conditions. Remove one, or{' '}
        <Link href="/">see all statements</Link>. A new statement that matches will appear here.
      </p>
    </div>
  );
}
