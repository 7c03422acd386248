import { SaidText } from '../cards/DateText.tsx';
import { StanceLabel } from '../cards/StanceLabel.tsx';
import { Byline, Quote, SourceLine } from '../cards/StatementCard.tsx';
import { readStatement, type StatementCardData } from '../cards/statementFragment.ts';
import { VerdictSign } from '../cards/VerdictSign.tsx';
import { Link } from '../router/Link.tsx';
import { type Verdict, verdictClass } from '../words/verdict.ts';
import {
  type ComparisonCell,
  type ComparisonRow,
  type CrossLink,
  crossLinksOf,
  hiddenCount,
  isSummary,
  ownStatements,
  rowId,
} from './comparison.ts';

/** A statement inside an account. Its text comes first. */
function AccountStatement({ statement }: { readonly statement: StatementCardData }) {
  return (
    <article className="said">
      <h4>
        <Link href={`/statements/${statement.slug}`}>{statement.text}</Link>
      </h4>
      <Quote statement={statement} />
      <p className="byline">
        <Byline statement={statement} />
      </p>
      <p className="whereabouts">
        <SaidText date={statement.said} />
        <span className="source-line">
          <SourceLine statement={statement} />
        </span>
      </p>
    </article>
  );
}

/** A link between sides that a verdict is based on. */
function CrossLinkLine({
  link: { side, from, to, otherSide },
  verdict,
}: {
  link: CrossLink;
  verdict: Verdict;
}) {
  return (
    <p className="row-why">
      {side}: <Link href={`/statements/${from.slug}`}>“{from.text}”</Link>{' '}
      <b>{verdict === 'DISPUTED' ? 'disputes' : 'agrees with'}</b> {otherSide}:{' '}
      <Link href={`/statements/${to.slug}`}>“{to.text}”</Link>
    </p>
  );
}

/** The topics of a cell's statements that are below the row's own topic. */
function topicsBelow(cell: ComparisonCell, covered: ReadonlySet<string>) {
  const topics = cell.statements.map(readStatement).flatMap((statement) => statement.topics);
  const distinct = new Map(topics.map(({ topic }) => [topic.slug, topic]));
  return [...distinct.values()].filter(({ slug }) => covered.has(slug));
}

interface Props {
  readonly eventSlug: string;
  readonly row: ComparisonRow;
  /** Slugs of the topics below it that have a row. */
  readonly covered: ReadonlySet<string>;
  readonly depth: number;
}

/** One topic: the accounts side by side. A topic that only groups others is a heading over them. */
export function RowDetail({ eventSlug, row, covered, depth }: Props) {
  const { topic, verdict, cells } = row;
  const summary = isSummary(row);
  return (
    <section className={`row ${verdictClass(verdict)} ${summary ? 'row-summary' : ''}`} id={rowId(row)}>
      <header className="row-head">
        <h3 className={depth === 0 ? 'row-top' : undefined}>
          <Link href={`/topics/${topic.slug}`}>{topic.name}</Link>
        </h3>
        <VerdictSign verdict={verdict} sides={cells.length} />
        {topic.proposition && !summary && <p className="proposition">{topic.proposition}</p>}
        {summary && <p className="row-sum">Includes the topics below it.</p>}
        {crossLinksOf(row).map((link) => (
          <CrossLinkLine key={`${link.from.id} ${link.to.id}`} link={link} verdict={verdict} />
        ))}
      </header>
      {!summary && (
        <div className={`cells sides-${Math.min(cells.length, 4)}`}>
          {cells.map((cell) => {
            const own = ownStatements(cell, row);
            return (
              <div key={cell.side.slug} className={`cell ${cell.statementCount === 0 ? 'cell-silent' : ''}`}>
                <p className="cell-side">
                  <b>{cell.side.name}</b> {cell.stance && <StanceLabel stance={cell.stance} />}
                </p>
                {own.map((statement) => (
                  <AccountStatement key={statement.id} statement={statement} />
                ))}
                {cell.statementCount === 0 && <p className="silence">{cell.side.name} is silent on this.</p>}
                {cell.statementCount > 0 && own.length === 0 && (
                  <p className="silence">
                    Statements on the topics below:{' '}
                    {topicsBelow(cell, covered).map(({ slug, name }, i) => (
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
                    These are the oldest {cell.statements.length} of {cell.statementCount} statements.{' '}
                    <Link href={`/?topic=${topic.slug}&event=${eventSlug}`}>All on this topic</Link>
                  </p>
                )}
              </div>
            );
          })}
        </div>
      )}
    </section>
  );
}
