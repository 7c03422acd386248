import type { ReactNode } from 'react';
import { type Stance, stanceClass } from '../words/stance.ts';

/** Each stance has a shape as well as a colour, drawn around (0, 0) in a circle of radius 7. */
const SHAPES: Readonly<Record<Stance, ReactNode>> = {
  SUPPORTS: <path className="shape-fill" d="M0-6.5 6.8 5.5H-6.8Z" />,
  OPPOSES: <path className="shape-fill" d="M0 6.5-6.8-5.5H6.8Z" />,
  MIXED: (
    <>
      <path className="shape-line" d="M0-6.5 6.5 0 0 6.5-6.5 0Z" />
      <path className="shape-fill" d="M0-6.5V6.5L-6.5 0Z" />
    </>
  ),
  NEUTRAL: <circle className="shape-fill" r="6" />,
  UNCLEAR: (
    <>
      <circle className="shape-line shape-dashed" r="5.6" />
      <circle className="shape-fill" r="2.4" />
    </>
  ),
};

interface Props {
  readonly stance: Stance;
  /** Drawn hollow: others report it. */
  readonly isReported?: boolean;
}

/** The shape inside a drawing, around (0, 0). */
export function StanceMark({ stance, isReported = false }: Props) {
  return <g className={`${stanceClass(stance)} ${isReported ? 'is-reported' : ''}`}>{SHAPES[stance]}</g>;
}

/** The shape in a line of text; the words beside it say what it means. */
export function StanceShape({ stance, isReported }: Props) {
  return (
    <svg className="stance-shape" viewBox="-8 -8 16 16" width="12" height="12" aria-hidden="true">
      <StanceMark stance={stance} isReported={isReported ?? false} />
    </svg>
  );
}
