import { useLayoutEffect, useRef } from 'react';
import { useQuery } from 'urql';
import { Waiting } from '../frame/Waiting.tsx';
import type { StatementFilter } from '../live/useFollow.ts';
import { Link } from '../router/Link.tsx';
import { type Bin, binsOf, countOf } from './bins.ts';
import { HistogramQuery } from './histogramQuery.ts';
import { mainPoints } from './mainPoints.ts';
import type { Range } from './range.ts';
import './timeline.css';

/** Days of the longest range that is shown by days. */
const DAYS_MAX = 92;
const DAY_MS = 86_400_000;

/** Whether the range has so few days that its bars are days. */
function isShort({ from, to }: Range): boolean {
  return from !== '' && to !== '' && (Date.parse(to) - Date.parse(from)) / DAY_MS < DAYS_MAX;
}

/** The day before or after another one. */
const dayBeside = (day: string, days: -1 | 1): string =>
  new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 'YYYY-MM-DD'.length);

interface Props {
  readonly filter: StatementFilter;
  /** The days that the filter has. */
  readonly range: Range;
  /** The address of the view, narrowed to the days of a bar. */
  readonly addressOf: (bin: Range) => string;
}

/** The statements of a filter over time. A click on a bar narrows the view to its days. */
export function Histogram({ filter, range, addressOf }: Props) {
  const by = isShort(range) ? 'day' : 'month';
  const [{ data, fetching }] = useQuery({
    query: HistogramQuery,
    variables: { filter, by: by === 'day' ? 'DAY' : 'MONTH' },
    requestPolicy: 'cache-and-network',
  });
  const { groups = [], total = 0 } = data?.statementCounts ?? {};
  const counted = groups.map(({ count, day, month }) => ({ count, date: day ?? month ?? '' }));
  const uncounted = total - countOf(counted);
  const start = range.from.slice(0, by === 'day' ? undefined : 'YYYY-MM'.length);
  const vague = countOf(counted.filter(({ date }) => date < start));
  const { points, earlier, later } = mainPoints(
    counted.filter(({ date }) => date >= start),
    by,
  );
  const bins = binsOf(points, by);
  const [first, last] = [bins[0], bins.at(-1)];
  if (!data && fetching) return <Waiting />;
  if (!first || !last || (bins.length < 2 && earlier + later === 0)) return null;
  return (
    <figure className="histogram-place">
      <Bars bins={bins} addressOf={addressOf} />
      <figcaption className="histogram-axis">
        <span>{first.label}</span>
        {last !== first && <span>{last.label}</span>}
      </figcaption>
      {earlier + later > 0 && (
        <p className="aside">
          Far from the others, and not drawn:{' '}
          {earlier > 0 && (
            <Link refines href={addressOf({ from: range.from, to: dayBeside(first.from, -1) })}>
              {earlier} earlier
            </Link>
          )}
          {earlier > 0 && later > 0 && ', '}
          {later > 0 && (
            <Link refines href={addressOf({ from: dayBeside(last.to, 1), to: range.to })}>
              {later} later
            </Link>
          )}
          .
        </p>
      )}
      {vague + uncounted > 0 && (
        <p className="aside">
          {vague > 0 && `${vague} with a vague date may be older and are not drawn. `}
          {uncounted > 0 && `The oldest ${uncounted} are not counted.`}
        </p>
      )}
    </figure>
  );
}

function Bars({ bins, addressOf }: { readonly bins: readonly Bin[] } & Pick<Props, 'addressOf'>) {
  const most = Math.max(...bins.map(({ count }) => count));
  const list = useRef<HTMLOListElement>(null);
  // A narrow screen shows the newest bars, and scrolls to older ones.
  useLayoutEffect(() => {
    if (list.current && bins.length > 0) list.current.scrollLeft = list.current.scrollWidth;
  }, [bins]);
  return (
    <ol
      ref={list}
      className="histogram"
      aria-label="Statements by the earliest day they can have been said on"
    >
      {bins.map(({ from, to, label, count }) => {
        const words = `${label}: ${count} ${count === 1 ? 'statement' : 'statements'}`;
        return (
          <li key={from}>
            {count > 0 && (
              <Link refines href={addressOf({ from, to })} aria-label={words} title={words}>
                <span style={{ height: `${Math.max(4, (100 * count) / most)}%` }} />
              </Link>
            )}
          </li>
        );
      })}
    </ol>
  );
}
