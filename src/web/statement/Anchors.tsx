import type { Anchor } from './statementQuery.ts';

/** Where in the source a statement is written, and what proves it. */
export function Anchors({ anchors }: { readonly anchors: readonly Anchor[] }) {
  if (anchors.length === 0) {
    return (
      <p className="doubt">
        No place in its source is recorded, so this page can’t show where the source says it.
      </p>
    );
  }
  return (
    <ul className="anchors">
      {anchors.map(({ start, end, digest, exact }) => (
        <li key={`${start} ${end}`} id={`anchor-${start}-${end}`}>
          <p>
            Code points <b>{start}</b> to <b>{end}</b>
          </p>
          {exact && <q>{exact}</q>}
          <p className="digest">
            SHA-256 <code>{digest}</code>
          </p>
        </li>
      ))}
    </ul>
  );
}
