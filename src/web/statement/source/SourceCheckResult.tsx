import type { SourceCheck } from './checkSource.ts';

function WholeResult({ name, check }: { readonly name: string; readonly check: SourceCheck }) {
  if (check.whole === null) {
    return <p>The record has no digest of the whole text; only the spans can be checked.</p>;
  }
  if (check.whole) {
    return (
      <p className="check-good">
        <b>✓ {name} is the very text</b> that this was taken from: its SHA-256 matches
        {check.undone && `, once ${check.undone} ${check.undone.endsWith('s') ? 'are' : 'is'} undone`}.
      </p>
    );
  }
  return (
    <p className="check-bad">
      <b>✗ {name} is another text</b> than this was taken from: its SHA-256 does not match. A single changed
      character, or a headline above it, is enough for that.
    </p>
  );
}

/** What came of the check: the verdicts on the whole and on each span, and the spans in their surroundings. */
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
