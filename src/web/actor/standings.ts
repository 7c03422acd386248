import type { FuzzyDate } from '../words/date.ts';
import type { Named } from '../words/names.ts';
import type { Account, Stance } from '../words/stance.ts';
import { sayingOf } from '../words/statement.ts';
import { makeTimeScale, type Tick, type TimeScale } from './timeScale.ts';

/** A statement as the chart needs it. */
export interface StandingStatement {
  readonly slug: string;
  readonly text: string | null;
  readonly quote: string | null;
  readonly said: FuzzyDate;
  readonly account: Account | null;
  readonly givers: readonly Named[];
  readonly topics: readonly {
    readonly stance: Stance | null;
    readonly topic: { readonly slug: string; readonly name: string; readonly proposition: string | null };
  }[];
  readonly links: readonly { readonly kind: string; readonly statement: { readonly slug: string } }[];
}

/** One stance taken in one statement; places are fractions of the chart's width. */
export interface Point {
  readonly slug: string;
  /** What the statement says, in a line. */
  readonly text: string;
  readonly said: FuzzyDate;
  readonly stance: Stance;
  /** Those who report it; empty if it is the actor's own account. */
  readonly reporters: readonly Named[];
  readonly row: number;
  readonly from: number;
  readonly to: number;
  readonly at: number;
  /** 0, 1, 2 … among points of the row that would cover one another. */
  readonly lane: number;
}

interface Row {
  readonly slug: string;
  readonly name: string;
  readonly proposition: string | null;
  readonly lanes: number;
}

/** A change of position, from one point to the next. */
export interface Shift {
  readonly from: Point;
  readonly to: Point;
}

export interface Standings {
  readonly rows: readonly Row[];
  readonly points: readonly Point[];
  readonly shifts: readonly Shift[];
  readonly ticks: readonly Tick[];
}

/** Marks nearer than this, as a fraction of the width, would cover one another on a phone. */
const COVER_DISTANCE = 0.06;

/** Places an actor's stances in a chart: a row for each topic, with time from left to right. */
export function layOutStandings(statements: readonly StandingStatement[]): Standings {
  const scale = makeTimeScale(statements.flatMap(({ said }) => [said.earliest, said.latest]));
  const order = orderTopics(statements);
  const rows = order.map((topic, row) => ({ topic, points: pointsOn(topic.slug, row, statements, scale) }));
  const points = rows.flatMap((row) => row.points);
  return {
    rows: rows.map(({ topic, points: inRow }) => ({
      ...topic,
      lanes: 1 + Math.max(0, ...inRow.map(({ lane }) => lane)),
    })),
    points,
    shifts: shiftsOf(statements, points),
    ticks: scale.ticks,
  };
}

type Topic = StandingStatement['topics'][number]['topic'];

/** Topics in the order of their first stance. If a stance shifted from one topic to another, the second comes right below the first. */
function orderTopics(statements: readonly StandingStatement[]): Topic[] {
  const order: Topic[] = [];
  for (const { topics, links } of statements) {
    const origins = links.filter(({ kind }) => kind === 'SHIFTS_FROM').map(({ statement }) => statement.slug);
    const before = statements.filter(({ slug }) => origins.includes(slug)).flatMap((one) => one.topics);
    const below = order.findLastIndex(({ slug }) => before.some(({ topic }) => topic.slug === slug));
    for (const { topic, stance } of topics) {
      if (!stance || order.some(({ slug }) => slug === topic.slug)) continue;
      order.splice(below < 0 ? order.length : below + 1, 0, topic);
    }
  }
  return order;
}

function pointsOn(
  topicSlug: string,
  row: number,
  statements: readonly StandingStatement[],
  scale: TimeScale,
): Point[] {
  const points: Point[] = [];
  for (const { slug, said, account, givers, topics, ...words } of statements) {
    const stance = topics.find(({ topic }) => topic.slug === topicSlug)?.stance;
    if (!stance) continue;
    const [from, to] = [scale.place(said.earliest), scale.place(said.latest)];
    const at = (from + to) / 2;
    const reporters = account === 'REPORTED' ? givers : [];
    points.push({
      slug,
      text: sayingOf(words),
      said,
      stance,
      reporters,
      row,
      from,
      to,
      at,
      lane: freeLane(points, at),
    });
  }
  return points;
}

function freeLane(points: readonly Point[], at: number): number {
  for (let lane = 0; ; lane += 1) {
    if (!points.some((point) => point.lane === lane && Math.abs(point.at - at) < COVER_DISTANCE)) return lane;
  }
}

function shiftsOf(statements: readonly StandingStatement[], points: readonly Point[]): Shift[] {
  return statements.flatMap(({ slug, links }) =>
    links
      .filter(({ kind }) => kind === 'SHIFTS_FROM')
      .flatMap(({ statement }) => {
        const from = points.find((point) => point.slug === statement.slug);
        const to = points.find((point) => point.slug === slug);
        return from && to ? [{ from, to }] : [];
      }),
  );
}
