import { momentText } from '../words/moment.ts';
import { sayingOf } from '../words/statement.ts';
import type { StatementData } from './statementQuery.ts';
import { wordDifference } from './wordDifference.ts';

interface Props {
  /** The version that replaced the first of them. */
  readonly next: Version;
  /** Newest first. */
  readonly revisions: readonly StatementData['revisions'][number][];
}

interface Version {
  readonly text: string | null;
  readonly quote: string | null;
}

/** Earlier versions, each compared with the one that replaced it. */
export function Revisions({ next: last, revisions }: Props) {
  return (
    <ol className="revisions" reversed start={revisions[0]?.number}>
      {revisions.map((revision, i) => {
        const [before, next] = [revision, revisions[i - 1] ?? last].map((version) => sayingOf(version)) as [
          string,
          string,
        ];
        return (
          <li key={revision.number}>
            <p className="aside">
              Replaced on {momentText(revision.at)} by {revision.by}
            </p>
            {next === before ? (
              <p>The text did not change; other fields did.</p>
            ) : (
              <p>
                {wordDifference(before, next).map((part, at) => {
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
