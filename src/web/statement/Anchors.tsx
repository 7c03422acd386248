import type { EnumOf } from '../graphql/tada.ts';
import { placeText } from '../words/statement.ts';
import type { Anchor } from './statementQuery.ts';

/** What a span carries, where that is not what was said. */
const ROLES: Readonly<Record<EnumOf<'AnchorRole'>, string>> = {
  CONTENT: '',
  CUE: 'Words that show that it was said: ',
  SPEAKER: 'Who said it: ',
  ADDRESSEE: 'Whom it was said to: ',
};

/** What a reader should know of a span that was not found in the present text. */
const LOST: Readonly<Record<EnumOf<'AnchorStatus'>, string>> = {
  PLACED: '',
  AMBIGUOUS: 'The source has a new text, which has these words at another place that is not known.',
  ORPHANED: 'The source has a new text, which does not have these words any more.',
};

const keyOf = (anchor: Anchor): string => `${anchor.role} ${placeText(anchor)}`;

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
      {anchors.map((anchor) => {
        const { start, end, digest, words, prefix, suffix, status } = anchor;
        const locators = placeText({ ...anchor, start: null, end: null });
        return (
          <li key={keyOf(anchor)} id={start === null ? undefined : `anchor-${start}-${end}`}>
            <p>
              {ROLES[anchor.role]}
              {start !== null && (
                <>
                  Code points <b>{start}</b> to <b>{end}</b>
                </>
              )}
              {start !== null && locators && ', '}
              {locators}
            </p>
            {status !== 'PLACED' && <p className="doubt">{LOST[status]}</p>}
            {(words || prefix || suffix) && (
              <p>
                {prefix && <span className="aside">…{prefix}</span>}
                {words ? <q>{words}</q> : ' … '}
                {suffix && <span className="aside">{suffix}…</span>}
              </p>
            )}
            {digest && (
              <p className="digest">
                SHA-256 <code>{digest}</code>
              </p>
            )}
          </li>
        );
      })}
    </ul>
  );
}
