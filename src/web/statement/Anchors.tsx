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
        const { start, end, digest, exact, prefix, suffix } = anchor;
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
            {(exact || prefix || suffix) && (
              <p>
                {prefix && <span className="aside">…{prefix}</span>}
                {exact ? <q>{exact}</q> : ' … '}
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
