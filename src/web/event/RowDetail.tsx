import type { StatementCardData } from '../cards/statementFragment.ts';
import { VerdictSign } from '../cards/VerdictSign.tsx';
import { Rest } from '../frame/Rest.tsx';
import { Link } from '../router/Link.tsx';
import { firstNames } from '../words/names.ts';
import { sayingOf } from '../words/statement.ts';
import { type Verdict, verdictClass } from '../words/verdict.ts';
import { Cell } from './Cell.tsx';
import {
  COLUMNS_MAX,
  type ComparisonCell,
  type ComparisonRow,
  type Contact,
  columnsOf,
  contactsOf,
  isSummary,
  rowId,
  type Side,
} from './comparison.ts';
import { RowCellsQuery } from './eventQuery.ts';

/** The links between sides that a verdict is based on. */
function VerdictReason({
  contact: { side, from, to, otherSide },
  verdict,
}: {
  contact: Contact;
  verdict: Verdict;
}) {
  return (
    <p className="row-why">
      {side}: <Quoted statement={from} /> <b>{verdict === 'DISPUTED' ? 'disputes' : 'agrees with'}</b>{' '}
      {otherSide}: <Quoted statement={to} />
    </p>
  );
}

function Quoted({ statement }: { readonly statement: StatementCardData }) {
  const { slug, text } = statement;
  return <Link href={`/statements/${slug}`}>{text === null ? sayingOf(statement) : `“${text}”`}</Link>;
}

interface Props {
  readonly eventSlug: string;
  readonly row: ComparisonRow;
  /** The sides that are compared, if they are few. */
  readonly sides: readonly Side[];
  /** Slugs of the sides that the reader chose; null for all. */
  readonly chosen: string[] | null;
  /** Slugs of the topics below it that have a row. */
  readonly covered: ReadonlySet<string>;
  readonly depth: number;
}

/** One topic: the accounts side by side. A topic that only groups others is a heading over them. */
export function RowDetail(props: Props) {
  const { row, depth } = props;
  const { topic, verdict, cellCount, speakingCount } = row;
  const summary = isSummary(row);
  return (
    <section className={`row ${verdictClass(verdict)} ${summary ? 'row-summary' : ''}`} id={rowId(row)}>
      <header className="row-head">
        <h3 className={depth === 0 ? 'row-top' : undefined}>
          <Link href={`/topics/${topic.slug}`}>{topic.name}</Link>
        </h3>
        <VerdictSign verdict={verdict} sides={cellCount} />
        {topic.proposition && !summary && <p className="proposition">{topic.proposition}</p>}
        {summary && <p className="row-sum">Taken together with the topics below it.</p>}
        {cellCount > COLUMNS_MAX && (
          <p className="row-sum">
            {speakingCount} of {cellCount} sides speak about it.
          </p>
        )}
        {contactsOf(row).map((contact) => (
          <VerdictReason key={`${contact.from.id} ${contact.to.id}`} contact={contact} verdict={verdict} />
        ))}
      </header>
      {!summary && (cellCount > COLUMNS_MAX ? <StackedCells {...props} /> : <Columns {...props} />)}
    </section>
  );
}

function Columns({ eventSlug, row, sides, covered }: Props) {
  return (
    <div className={`cells sides-${sides.length}`}>
      {columnsOf(row.cells, sides).map(({ side, cell }) => (
        <Cell key={side.slug} eventSlug={eventSlug} row={row} side={side} cell={cell} covered={covered} />
      ))}
    </div>
  );
}

/** The sides that speak, one below the other, and the names of the silent ones in a line. */
function StackedCells({ eventSlug, row, chosen, covered }: Props) {
  const { topic, cells, cellCount, speakingCount, silentCells } = row;
  const show = (some: readonly ComparisonCell[]) => (
    <div className="cells cells-stacked">
      {some.map((cell) => (
        <Cell
          key={cell.side.slug}
          eventSlug={eventSlug}
          row={row}
          side={cell.side}
          cell={cell}
          covered={covered}
        />
      ))}
    </div>
  );
  return (
    <>
      {show(cells)}
      <Rest
        query={RowCellsQuery}
        variables={(offset) => ({ slug: eventSlug, topic: topic.slug, sides: chosen, offset })}
        pick={(data) => data.event?.comparison[0]?.cells}
        shown={cells.length}
        total={speakingCount}
      >
        {show}
      </Rest>
      {speakingCount < cellCount && (
        <p className="silent-sides">
          <b>Silent on this:</b>{' '}
          {firstNames(
            silentCells.map(({ side }) => side.name),
            cellCount - speakingCount,
          )}
          .
        </p>
      )}
    </>
  );
}
