import { type Stance, stanceClass, stanceName } from '../words/stance.ts';
import { StanceShape } from './StanceShape.tsx';

interface Props {
  readonly stance: Stance;
  readonly isReported?: boolean;
}

/** A stance as shape, colour and word. */
export function StanceLabel({ stance, isReported = false }: Props) {
  return (
    <span className={`stance ${stanceClass(stance)}`}>
      <StanceShape stance={stance} isReported={isReported} />
      {stanceName(stance)}
    </span>
  );
}
