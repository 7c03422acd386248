import { Link } from '../router/Link.tsx';

/** Says that the filter of the feed matches nothing. */
export function NoStatements() {
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
