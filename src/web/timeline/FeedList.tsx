import type { ReactNode } from 'react';
import { StatementCard } from '../cards/StatementCard.tsx';
import { Failed } from '../frame/Failed.tsx';
import { MoreButton } from '../frame/MoreButton.tsx';
import { Waiting } from '../frame/Waiting.tsx';
import type { StatementFilter } from '../live/useFollow.ts';
import { MissedNote } from './MissedNote.tsx';
import { useFeed } from './useFeed.ts';

interface Props {
  readonly filter: StatementFilter;
  /** Level of the headings of its statements. */
  readonly level: 2 | 3;
  /** Whether the next page loads when its place comes near the screen, or only when the button is pressed. */
  readonly loads: 'by itself' | 'on demand';
  /** What to show if no statement matches. */
  readonly children: ReactNode;
}

/** The statements of a filter, newest first and live. */
export function FeedList({ filter, level, loads, children }: Props) {
  const { items, total, hasMore, busy, error, missed, more, retry, dismissMissed } = useFeed(filter);
  return (
    <>
      <p className="feed-total" role="status">
        {total === null ? ' ' : `${total} ${total === 1 ? 'statement' : 'statements'}, newest first`}
      </p>
      {missed && <MissedNote missed={missed} dismiss={dismissMissed} />}
      {items.length === 0 && busy && <Waiting />}
      {items.length === 0 && !busy && !error && children}
      <ol className="feed">
        {items.map(({ statement, mark }) => (
          <li key={statement.id} className={mark === 'New' ? 'slides-in' : undefined}>
            <StatementCard statement={statement} mark={mark} level={level} />
          </li>
        ))}
      </ol>
      {error && <Failed error={error} retry={retry} />}
      {hasMore && !error && <MoreButton busy={busy} more={more} isAutomatic={loads === 'by itself'} />}
      {!hasMore && items.length > 0 && <p className="feed-end">That is the complete list.</p>}
    </>
  );
}
