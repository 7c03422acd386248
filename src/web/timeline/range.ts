import type { StatementFilter } from '../live/useFollow.ts';

/** The days that statements can have been said on. */
export interface Range {
  /** `YYYY-MM-DD`, or empty. */
  readonly from: string;
  readonly to: string;
}

const DAY = /^\d{4}-\d\d-\d\d$/;
const dayOf = (text: string | null): string => (text && DAY.test(text) ? text : '');

/** Reads the range from the search part of an address. Invalid days are ignored. */
export function parseRange(search: string): Range {
  const parameters = new URLSearchParams(search);
  return { from: dayOf(parameters.get('from')), to: dayOf(parameters.get('to')) };
}

/** The address of a view with this range. */
export function rangeAddress(pathname: string, { from, to }: Range): string {
  const parameters = new URLSearchParams({ ...(from && { from }), ...(to && { to }) });
  return parameters.size > 0 ? `${pathname}?${parameters}` : pathname;
}

/** The filter, narrowed to the range. */
export function withinRange(filter: StatementFilter, { from, to }: Range): StatementFilter {
  return { ...filter, ...(from && { saidFrom: from }), ...(to && { saidTo: to }) };
}
