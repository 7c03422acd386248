/** A placeholder of the same height for a view that is loading. */
export function Waiting({ lines = 7 }: { readonly lines?: number }) {
  return (
    <div className="waiting" role="status">
      <span className="unseen">Loading</span>
      {Array.from({ length: lines }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all alike
        <div key={i} className="waiting-block" aria-hidden="true" />
      ))}
    </div>
  );
}
