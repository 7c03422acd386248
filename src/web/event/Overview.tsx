import { StanceShape } from '../cards/StanceShape.tsx';
import { VerdictSign } from '../cards/VerdictSign.tsx';
import { firstNames } from '../words/names.ts';
import { stanceName } from '../words/stance.ts';
import { verdictClass } from '../words/verdict.ts';
import { COLUMNS_MAX, columnsOf, depthsOf, type OverviewRow, rowId, type Side } from './comparison.ts';

const DEPTH_MAX = 4;

/** One side on one topic: how much it says and with which stance, or its silence. */
function Voice({ cell }: { readonly cell: OverviewRow['cells'][number] | undefined }) {
  if (!cell) return <span className="voice voice-silent">silent</span>;
  const count = cell.statementCount;
  return (
    <span className={`voice ${cell.stance ? `stance-${cell.stance.toLowerCase()}` : ''}`}>
      {cell.stance && <StanceShape stance={cell.stance} />}
      <span className="voice-count">{count}</span>
      <span className="unseen">
        {count === 1 ? ' statement' : ' statements'}
        {cell.stance && `, ${stanceName(cell.stance).toLowerCase()}`}
      </span>
      <span className="voice-bar" aria-hidden="true">
        {Array.from({ length: Math.min(count, 8) }, (_, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: ticks are all alike
          <i key={i} />
        ))}
      </span>
    </span>
  );
}

interface Props {
  readonly rows: readonly OverviewRow[];
  /** The sides that are compared, if they are few. */
  readonly sides: readonly Side[];
  readonly sideCount: number;
}

/** The whole comparison as a table: a row for each topic with its verdict, and a column for each side. Many sides are counted instead. */
export function Overview({ rows, sides, sideCount }: Props) {
  const depths = depthsOf(rows);
  const isWide = sideCount > COLUMNS_MAX;
  return (
    <table className="overview">
      <caption className="unseen">
        What each side says, topic by topic, and what the accounts amount to
      </caption>
      <thead>
        <tr>
          <th scope="col">Topic</th>
          {isWide ? (
            <th scope="col" className="overview-side">
              Speaking
            </th>
          ) : (
            sides.map(({ slug, name }) => (
              <th key={slug} scope="col" className="overview-side">
                {name}
              </th>
            ))
          )}
          <th scope="col">Verdict</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.topic.slug} className={verdictClass(row.verdict)}>
            <th scope="row" className={`depth-${Math.min(depths.get(row.topic.slug) ?? 0, DEPTH_MAX)}`}>
              <a href={`#${rowId(row)}`}>{row.topic.name}</a>
            </th>
            {isWide ? (
              <td className="overview-speaking">
                <b>{row.speakingCount}</b> of {row.cellCount}
                <span className="overview-names">
                  {firstNames(
                    row.cells.map(({ side }) => side.name),
                    row.speakingCount,
                  )}
                </span>
              </td>
            ) : (
              columnsOf(row.cells, sides).map(({ side, cell }) => (
                <td key={side.slug} className="overview-voice">
                  <Voice cell={cell} />
                </td>
              ))
            )}
            <td className="overview-verdict">
              <VerdictSign verdict={row.verdict} sides={sideCount} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
