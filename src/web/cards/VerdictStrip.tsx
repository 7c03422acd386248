import { VERDICTS, type Verdict, verdictClass } from '../words/verdict.ts';
import { VerdictSign } from './VerdictSign.tsx';

interface Props {
  readonly rows: readonly { readonly verdict: Verdict; readonly topic: { readonly slug: string } }[];
  readonly sides?: number;
}

/** How much of an event is agreed, disputed, reported by all or by one side only: a cell for each topic, and counts. */
export function VerdictStrip({ rows, sides = 2 }: Props) {
  const counts = VERDICTS.map((verdict) => ({
    verdict,
    count: rows.filter((row) => row.verdict === verdict).length,
  })).filter(({ count }) => count > 0);
  return (
    <div className="verdict-strip">
      <div className="verdict-cells" aria-hidden="true">
        {counts.flatMap(({ verdict, count }) =>
          Array.from({ length: count }, (_, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: cells of one verdict are all alike
            <i key={`${verdict}${i}`} className={verdictClass(verdict)} />
          )),
        )}
      </div>
      <ul>
        {counts.map(({ verdict, count }) => (
          <li key={verdict}>
            <b>{count}</b> <VerdictSign verdict={verdict} sides={sides} />
          </li>
        ))}
      </ul>
    </div>
  );
}
