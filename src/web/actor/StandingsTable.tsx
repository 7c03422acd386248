import { DateText } from '../cards/DateText.tsx';
import { Reporters } from '../cards/Reporters.tsx';
import { StanceLabel } from '../cards/StanceLabel.tsx';
import { Link } from '../router/Link.tsx';
import type { Standings } from './standings.ts';

/** The same as the chart, as a table. */
export function StandingsTable({ standings }: { readonly standings: Standings }) {
  const { rows, points, shifts } = standings;
  return (
    <details className="as-table">
      <summary>The same as a table</summary>
      <div className="scrolls">
        <table>
          <thead>
            <tr>
              <th scope="col">Topic</th>
              <th scope="col">When</th>
              <th scope="col">Stance</th>
              <th scope="col">Statement</th>
            </tr>
          </thead>
          <tbody>
            {points.map((point) => {
              const before = shifts.find(({ to }) => to.slug === point.slug)?.from;
              return (
                <tr key={`${point.slug} ${point.row}`}>
                  <th scope="row">{rows[point.row]?.name}</th>
                  <td>
                    <DateText date={point.said} />
                  </td>
                  <td>
                    <StanceLabel stance={point.stance} isReported={point.reporters.length > 0} />
                    <Reporters givers={point.reporters} />
                  </td>
                  <td>
                    <Link href={`/statements/${point.slug}`}>{point.text}</Link>
                    {before && (
                      <>
                        {' '}
                        (shifts from <Link href={`/statements/${before.slug}`}>{before.text}</Link>)
                      </>
                    )}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </details>
  );
}
