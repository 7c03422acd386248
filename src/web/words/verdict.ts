import type { EnumOf } from '../graphql/tada.ts';

export type Verdict = EnumOf<'ComparisonVerdict'>;

const NAMES: Readonly<Record<Verdict, string>> = {
  AGREED: 'Agreed',
  DISPUTED: 'Disputed',
  BOTH_REPORT: 'Both report',
  ONE_SIDED: 'One-sided',
};

/** In the order of what a reader looks for first. */
export const VERDICTS: readonly Verdict[] = ['DISPUTED', 'AGREED', 'BOTH_REPORT', 'ONE_SIDED'];

/** "Both report"; of more than two sides "All report". */
export function verdictName(verdict: Verdict, sides: number): string {
  return verdict === 'BOTH_REPORT' && sides > 2 ? 'All report' : NAMES[verdict];
}

/** The class that carries its colour. */
export const verdictClass = (verdict: Verdict): string =>
  `verdict-${verdict.toLowerCase().replace('_', '-')}`;
