import type { SourceCheck } from './checkSource.ts';

function WholeResult({ name, check }: { readonly name: string; readonly check: SourceCheck }) {
  if (check.whole === null) {
    return <p>The record has no digest of the whole text; only the spans can be checked.</p>;
  }
  if (check.whole) {
    return (
      <p className="check-good">
        <b>✓ {name} is the text</b> that this was taken from: its SHA-256 matches
        {check.undone && `, once ${check.undone} ${check.undone.endsWith('s') ? 'are' : 'is'} undone`}.
      </p>
    );
  }
  return (
    <p className="check-bad">
      <b>✗ {name} is not the text</b> that this was taken from: its SHA-256 does not match. One changed
      character or an added headline is enough for that.
    </p>
  );
}

/** The result of the check: of the whole text and of each span, with the words around the spans. */
export function SourceCheckResult({ name, check }: { readonly name: string; readonly check: SourceCheck }) {
  return (
    <div className="check">
      <WholeResult name={name} check={check} />
      {check.spans.map(({ start, end, matches, before, words, after }) => (
        <figure key={`${start} ${end}`} className={matches ? 'span-good' : 'span-bad'}>
          <figcaption>
            {matches ? '✓ Matches' : '✗ Does not match'}: code points {start}–{end}
            {end > check.length && `; the file has only ${check.length}`}
          </figcaption>
          <blockquote>
            {before && `… ${before}`}
            <mark>{words}</mark>
            {after && `${after} …`}
          </blockquote>
        </figure>
      ))}
    </div>
  );
}
