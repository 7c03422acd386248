import { StanceShape } from '../cards/StanceShape.tsx';
import { VerdictSign } from '../cards/VerdictSign.tsx';
import { stanceName } from '../words/stance.ts';
import { verdictClass } from '../words/verdict.ts';
import { depthsOf, type EventData, type OverviewRow, rowId } from './comparison.ts';

const DEPTH_MAX = 4;

/** One side on one topic: how much it says and with which stance, or its silence. */
function SideCell({ cell }: { readonly cell: OverviewRow['cells'][number] }) {
  const count = cell.statementCount;
  if (count === 0) return <span className="voice voice-silent">silent</span>;
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
  readonly accounts: EventData['accounts'];
}

/** The whole comparison at a glance: a row for each topic, a column for each side, and the verdict. */
export function Overview({ rows, accounts }: Props) {
  const depths = depthsOf(rows);
  return (
    <table className="overview">
      <caption className="unseen">What each side says on each topic, and the verdict</caption>
      <thead>
        <tr>
          <th scope="col">Topic</th>
          {accounts.map(({ side }) => (
            <th key={side.slug} scope="col" className="overview-side">
              {side.name}
            </th>
          ))}
          <th scope="col">Verdict</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.topic.slug} className={verdictClass(row.verdict)}>
            <th scope="row" className={`depth-${Math.min(depths.get(row.topic.slug) ?? 0, DEPTH_MAX)}`}>
              <a href={`#${rowId(row)}`}>{row.topic.name}</a>
            </th>
            {row.cells.map((cell) => (
              <td key={cell.side.slug} className="overview-voice">
                <SideCell cell={cell} />
              </td>
            ))}
            <td className="overview-verdict">
              <VerdictSign verdict={row.verdict} sides={accounts.length} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
