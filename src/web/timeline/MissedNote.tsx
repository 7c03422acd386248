import { Link } from '../router/Link.tsx';
import { clockTime } from '../words/moment.ts';
import { sayersOf, sayingOf } from '../words/statement.ts';
import type { Missed } from './feedState.ts';

const LISTED_MAX = 8;

/** Says what happened while the connection was lost. */
export function MissedNote({ missed, dismiss }: { readonly missed: Missed; readonly dismiss: () => void }) {
  const { since, until, items } = missed;
  const span = until ? `from ${clockTime(since)} to ${clockTime(until)}` : `since ${clockTime(since)}`;
  const amount = items.length === 1 ? 'one change' : `${items.length} changes`;
  return (
    <section className="notice notice-missed" aria-label="While you were offline">
      <p>
        <b>You were offline {span}.</b>{' '}
        {items.length > 0
          ? `You missed ${amount}; the list below has ${items.length === 1 ? 'it' : 'them'} now.`
          : 'You missed nothing.'}
      </p>
      {items.length > 0 && (
        <ul>
          {items.slice(0, LISTED_MAX).map(({ statement, mark }) => (
            <li key={`${statement.id} ${statement.position}`}>
              <span className="mark">{mark}</span> {sayersOf(statement)}:{' '}
              <Link href={`/statements/${statement.slug}`}>{sayingOf(statement)}</Link>
            </li>
          ))}
          {items.length > LISTED_MAX && <li>and {items.length - LISTED_MAX} more</li>}
        </ul>
      )}
      <button type="button" onClick={dismiss}>
        Close
      </button>
    </section>
  );
}
