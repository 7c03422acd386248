/** Counts the points of all clients, exempt ones included, for the metrics. */
export class PointCounts {
  /** Points of work that was begun or done. */
  admitted = 0;
  /** Of these, points that were given back because the work cost less than its estimate. */
  returned = 0;
  /** Points of work that was refused because its client had not enough left. */
  refused = 0;

  count(points: number, admitted: boolean): void {
    if (!admitted) this.refused += points;
    else if (points < 0) this.returned -= points;
    else this.admitted += points;
  }
}
