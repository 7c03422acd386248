import { useMemo } from 'react';
import { spansOf } from '../words/statement.ts';
import { segmentsOf } from './segments.ts';
import type { SourceStatement } from './sourceQuery.ts';

/** The id of a statement in the list below the text. */
export const statementId = (slug: string): string => `statement-${slug}`;
/** The id of the place in the text where a statement begins. */
export const placeId = (start: number): string => `place-${start}`;

interface Props {
  readonly text: string;
  readonly language: string | null;
  readonly statements: readonly SourceStatement[];
}

/** The text of a source. Each span is marked, and is a link to its statement in the list below. */
export function SourceText({ text, language, statements }: Props) {
  const segments = useMemo(
    () =>
      segmentsOf(
        text,
        statements.flatMap(({ slug, anchors }) =>
          spansOf(anchors).map(({ start, end }) => ({ start, end, slug })),
        ),
      ),
    [text, statements],
  );
  return (
    <div className="source-text" lang={language ?? undefined}>
      {segments.map(({ start, text, slugs }) =>
        slugs[0] === undefined ? (
          <span key={start}>{text}</span>
        ) : (
          <a
            key={start}
            id={placeId(start)}
            href={`#${statementId(slugs[0])}`}
            title={slugs.length === 1 ? 'One statement' : `${slugs.length} statements`}
          >
            <mark>{text}</mark>
          </a>
        ),
      )}
    </div>
  );
}
