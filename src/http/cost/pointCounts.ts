/** Counts the points of all clients, exempt ones included, for the metrics. */
export class PointCounts {
  /** Points of work that was done. */
  admitted = 0;
  /** Points of work that was refused because its client had not enough left. */
  refused = 0;

  count(points: number, admitted: boolean): void {
    if (admitted) this.admitted += points;
    else this.refused += points;
  }
}
