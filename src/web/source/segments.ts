/** A span of a text from which a statement was taken, in Unicode code points. */
interface StatementSpan {
  readonly start: number;
  readonly end: number;
  /** Slug of the statement. */
  readonly slug: string;
}

/** A part of a text, with the slugs of the statements that were taken from it; none for text between spans. */
interface Segment {
  readonly start: number;
  readonly text: string;
  readonly slugs: readonly string[];
}

/** Divides a text where a span begins or ends. Spans may overlap; one beyond the text is cut. */
export function segmentsOf(text: string, spans: readonly StatementSpan[]): Segment[] {
  const points = Array.from(text);
  const within = (place: number): number => Math.min(Math.max(place, 0), points.length);
  const places = new Set([0, points.length]);
  for (const { start, end } of spans) places.add(within(start)).add(within(end));
  const sorted = [...places].sort((a, b) => a - b);
  const waiting = [...spans].sort((a, b) => b.start - a.start);
  const open = new Set<StatementSpan>();
  return sorted.slice(0, -1).map((start, i) => {
    for (let next = waiting.at(-1); next && next.start <= start; next = waiting.at(-1)) {
      open.add(next);
      waiting.pop();
    }
    for (const span of open) if (span.end <= start) open.delete(span);
    const slugs = [...new Set([...open].map(({ slug }) => slug))];
    return { start, text: points.slice(start, sorted[i + 1]).join(''), slugs };
  });
}
