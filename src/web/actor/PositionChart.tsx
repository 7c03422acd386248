import { StanceMark } from '../cards/StanceShape.tsx';
import { navigate } from '../router/location.ts';
import { fuzzyDateText, isExact } from '../words/date.ts';
import { accordingTo } from '../words/names.ts';
import { stanceClass, stanceName } from '../words/stance.ts';
import type { Point, Shift, Standings } from './standings.ts';

const LABEL_HEIGHT = 26;
const LANE_HEIGHT = 24;
const ROW_GAP = 14;
const AXIS_HEIGHT = 34;
/** Keeps marks at the ends inside the drawing, in percent of its width. */
const MARGIN = 3;

const across = (at: number): string => `${MARGIN + at * (100 - 2 * MARGIN)}%`;

/** Where each row's first lane is, from the top. */
function topsOf({ rows }: Standings): { readonly tops: readonly number[]; readonly height: number } {
  let height = AXIS_HEIGHT;
  const tops = rows.map(({ lanes }) => {
    const top = height + LABEL_HEIGHT;
    height = top + lanes * LANE_HEIGHT + ROW_GAP;
    return top;
  });
  return { tops, height };
}

/**
 * An actor's stances over time: a row for each topic, with time from left to right. A date that is not known to the day is a span. A shift
 * is a step from the statement before it to the one after. Widths are percentages, so that it fits any screen without measuring.
 */
export function PositionChart({
  standings,
  label,
}: {
  readonly standings: Standings;
  readonly label: string;
}) {
  const { tops, height } = topsOf(standings);
  const downOf = ({ row, lane }: Point): number => (tops[row] ?? 0) + (lane + 0.5) * LANE_HEIGHT;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a drawing with links in it is a group
    <svg className="chart" width="100%" height={height} role="group" aria-label={label}>
      {standings.ticks.map(({ at, label: text, isMajor }) => (
        <g key={at} className={isMajor ? 'chart-tick' : 'chart-tick chart-tick-minor'}>
          <line x1={across(at)} x2={across(at)} y1={AXIS_HEIGHT - 8} y2={height} />
          <text
            x={across(at)}
            y={AXIS_HEIGHT - 14}
            textAnchor={at < 0.06 ? 'start' : at > 0.94 ? 'end' : 'middle'}
          >
            {text}
          </text>
        </g>
      ))}
      {standings.rows.map(({ slug, lanes }, row) => (
        <rect
          key={slug}
          className="chart-row"
          y={tops[row] ?? 0}
          width="100%"
          height={lanes * LANE_HEIGHT}
          rx="4"
        />
      ))}
      {standings.shifts.map((shift) => (
        <Step key={`${shift.from.slug} ${shift.to.slug}`} shift={shift} downOf={downOf} />
      ))}
      {standings.rows.map(({ slug, name }, row) => (
        <foreignObject key={slug} y={(tops[row] ?? 0) - LABEL_HEIGHT} width="100%" height={LABEL_HEIGHT}>
          <div className="chart-topic" title={name}>
            <bdi>{name}</bdi>
          </div>
        </foreignObject>
      ))}
      {standings.points.map((point) => (
        <Mark
          key={`${point.slug} ${point.row}`}
          point={point}
          down={downOf(point)}
          topic={standings.rows[point.row]?.name ?? ''}
        />
      ))}
    </svg>
  );
}

interface StepProps {
  readonly shift: Shift;
  readonly downOf: (point: Point) => number;
}

function Step({ shift: { from, to }, downOf }: StepProps) {
  const middle = across((from.at + to.at) / 2);
  const [y1, y2] = [downOf(from), downOf(to)];
  return (
    <g className="chart-step">
      <line x1={across(from.at)} x2={middle} y1={y1} y2={y1} />
      <line x1={middle} x2={middle} y1={y1} y2={y2} />
      <line x1={middle} x2={across(to.at)} y1={y2} y2={y2} />
      {/* biome-ignore lint/a11y/noSvgWithoutTitle: only carries an arrow head to a place in percent */}
      <svg x={across(to.at)} y={y2} overflow="visible">
        <path d="M-18-5-10 0-18 5" />
      </svg>
    </g>
  );
}

function Mark({
  point,
  down,
  topic,
}: {
  readonly point: Point;
  readonly down: number;
  readonly topic: string;
}) {
  const { slug, text, said, stance, reporters, from, to, at } = point;
  const words = `${stanceName(stance)}${accordingTo(reporters)}: ${topic}. ${fuzzyDateText(said)}: ${text}`;
  return (
    <a
      className={`chart-mark ${stanceClass(stance)}`}
      href={`/statements/${slug}`}
      aria-label={words}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
        event.preventDefault();
        navigate(`/statements/${slug}`);
      }}
    >
      <title>{words}</title>
      {!isExact(said) && (
        <>
          <line className="chart-span" x1={across(from)} x2={across(to)} y1={down} y2={down} />
          <line className="chart-span-end" x1={across(from)} x2={across(from)} y1={down - 5} y2={down + 5} />
          <line className="chart-span-end" x1={across(to)} x2={across(to)} y1={down - 5} y2={down + 5} />
        </>
      )}
      {/* biome-ignore lint/a11y/noSvgWithoutTitle: the link around it has one */}
      <svg x={across(at)} y={down} overflow="visible">
        <circle className="chart-target" r="12" />
        <StanceMark stance={stance} isReported={reporters.length > 0} />
      </svg>
    </a>
  );
}
