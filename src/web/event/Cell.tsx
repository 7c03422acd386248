import { DateText } from '../cards/DateText.tsx';
import { StanceLabel } from '../cards/StanceLabel.tsx';
import { Byline, SourceLine } from '../cards/StatementCard.tsx';
import { readStatement, type StatementCardData } from '../cards/statementFragment.ts';
import { Link } from '../router/Link.tsx';
import { sayingOf } from '../words/statement.ts';
import {
  type ComparisonCell,
  type ComparisonRow,
  hiddenCount,
  ownStatements,
  type Side,
} from './comparison.ts';

/** A statement inside an account. Its text comes first. */
function Said({ statement }: { readonly statement: StatementCardData }) {
  return (
    <article className="said">
      <h4>
        <Link href={`/statements/${statement.slug}`}>{sayingOf(statement)}</Link>
      </h4>
      {statement.text !== null && statement.quote && (
        <blockquote className="quote" lang={statement.language ?? undefined}>
          <p>{statement.quote}</p>
        </blockquote>
      )}
      <p className="byline">
        <Byline statement={statement} />
      </p>
      <p className="whereabouts">
        <DateText date={statement.said} />
        <span className="source-line">
          <SourceLine statement={statement} />
        </span>
      </p>
    </article>
  );
}

/** The topics of a cell's statements that are below the row's own topic. */
function below(cell: ComparisonCell, covered: ReadonlySet<string>) {
  const topics = cell.statements.map(readStatement).flatMap((statement) => statement.topics);
  const distinct = new Map(topics.map(({ topic }) => [topic.slug, topic]));
  return [...distinct.values()].filter(({ slug }) => covered.has(slug));
}

interface Props {
  readonly eventSlug: string;
  readonly row: ComparisonRow;
  readonly side: Side;
  /** What the side says; undefined if it is silent. */
  readonly cell: ComparisonCell | undefined;
  /** Slugs of the topics below the row that have a row. */
  readonly covered: ReadonlySet<string>;
}

/** What one side says on one topic. */
export function Cell({ eventSlug, row, side, cell, covered }: Props) {
  if (!cell) {
    return (
      <div className="cell cell-silent">
        <p className="cell-side">
          <b>{side.name}</b>
        </p>
        <p className="silence">{side.name} is silent on this.</p>
      </div>
    );
  }
  const own = ownStatements(cell, row);
  return (
    <div className="cell">
      <p className="cell-side">
        <b>{side.name}</b> {cell.stance && <StanceLabel stance={cell.stance} />}
      </p>
      {own.map((statement) => (
        <Said key={statement.id} statement={statement} />
      ))}
      {own.length === 0 && (
        <p className="silence">
          Speaks of the topics below:{' '}
          {below(cell, covered).map(({ slug, name }, i) => (
            <span key={slug}>
              {i > 0 && ', '}
              <a href={`#topic-${slug}`}>{name}</a>
            </span>
          ))}
          .
        </p>
      )}
      {hiddenCount(cell) > 0 && (
        <p className="silence">
          Shown are the oldest {cell.statements.length} of {cell.statementCount} statements.{' '}
          <Link href={`/?topic=${row.topic.slug}&event=${eventSlug}`}>All on this topic</Link>
        </p>
      )}
    </div>
  );
}
