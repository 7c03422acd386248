const LINES = 7;

/** A placeholder for a view, or a part of one, that is loading. What follows it on the page is hidden until it goes. */
export function Waiting() {
  return (
    <div className="waiting" role="status">
      <span className="unseen">Loading</span>
      {Array.from({ length: LINES }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all alike
        <div key={i} className="waiting-block" aria-hidden="true" />
      ))}
    </div>
  );
}
