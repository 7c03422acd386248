import { ReadoutError } from '../../base/errors.ts';
import { type FuzzyDate, parseFuzzyDate } from '../../domain/input/date.ts';

/** When something began and ended, in EDTF, as precisely as it is known. */
export interface Period {
  readonly from?: string;
  readonly to?: string;
}

/** A date of a file in EDTF: its day where it has a time. Undefined for an empty text; null for one that is not a date. */
export function dateOf(text: string): FuzzyDate | null | undefined {
  const [day = ''] = text.trim().split(/[T ]/, 1);
  if (day === '') return undefined;
  try {
    return parseFuzzyDate(day);
  } catch (error) {
    if (error instanceof ReadoutError) return null;
    throw error;
  }
}

/** A period, or the reason why it is not one. */
export function periodOf(from: string, to: string): Period | { readonly reason: string } {
  const [first, last] = [dateOf(from), dateOf(to)];
  if (first === null) return { reason: `begins on “${from}”, which is not a date` };
  if (last === null) return { reason: `ends on “${to}”, which is not a date` };
  if (first && last && last.latest < first.earliest)
    return { reason: `ends on ${to}, before it begins on ${from}` };
  return { ...(first && { from: first.edtf }), ...(last && { to: last.edtf }) };
}
