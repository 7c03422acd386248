import { momentText } from '../words/moment.ts';
import type { StatementData } from './statementQuery.ts';
import { wordDifference } from './wordDifference.ts';

interface Props {
  /** The text that replaced the first of them. */
  readonly text: string;
  /** Newest first. */
  readonly revisions: readonly StatementData['revisions'][number][];
}

/** Earlier versions, each compared with the one that replaced it. */
export function Revisions({ text, revisions }: Props) {
  return (
    <ol className="revisions" reversed start={revisions[0]?.number}>
      {revisions.map((revision, i) => {
        const next = revisions[i - 1]?.text ?? text;
        return (
          <li key={revision.number}>
            <p className="aside">
              Replaced on {momentText(revision.at)} by {revision.by}
            </p>
            {next === revision.text ? (
              <p>The text stayed as it is; its other facts changed.</p>
            ) : (
              <p>
                {wordDifference(revision.text, next).map((part, at) => {
                  const key = `${at} ${part.change}`;
                  if (part.change === 'removed') return <del key={key}>{part.text}</del>;
                  if (part.change === 'added') return <ins key={key}>{part.text}</ins>;
                  return <span key={key}>{part.text}</span>;
                })}
              </p>
            )}
          </li>
        );
      })}
    </ol>
  );
}
