import type { ReactNode } from 'react';
import { type Verdict, verdictClass, verdictName } from '../words/verdict.ts';

/** Two accounts as two discs: one over the other, broken apart, side by side, or one of them missing. */
const PICTURES: Readonly<Record<Verdict, ReactNode>> = {
  AGREED: (
    <>
      <circle className="sign-fill" cx="10" cy="8" r="5.5" />
      <circle className="sign-fill" cx="16" cy="8" r="5.5" />
    </>
  ),
  DISPUTED: (
    <>
      <circle className="sign-fill" cx="6" cy="8" r="5.5" />
      <circle className="sign-fill" cx="20" cy="8" r="5.5" />
      <path className="sign-line" d="M14.5 1 11.5 7h3l-3 8" />
    </>
  ),
  BOTH_REPORT: (
    <>
      <circle className="sign-fill" cx="7" cy="8" r="5.5" />
      <circle className="sign-fill" cx="19" cy="8" r="5.5" />
    </>
  ),
  ONE_SIDED: (
    <>
      <circle className="sign-fill" cx="7" cy="8" r="5.5" />
      <circle className="sign-gap" cx="19" cy="8" r="5" />
    </>
  ),
};

interface Props {
  readonly verdict: Verdict;
  readonly sides: number;
}

/** A verdict as picture, colour and word. */
export function VerdictSign({ verdict, sides }: Props) {
  return (
    <span className={`verdict ${verdictClass(verdict)}`}>
      <svg viewBox="0 0 26 16" width="26" height="16" aria-hidden="true">
        {PICTURES[verdict]}
      </svg>
      {verdictName(verdict, sides)}
    </span>
  );
}
