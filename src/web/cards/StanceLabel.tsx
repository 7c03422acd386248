import { type Stance, stanceClass, stanceName } from '../words/stance.ts';
import { StanceShape } from './StanceShape.tsx';

/** A stance as shape, colour and word. */
export function StanceLabel({ stance }: { readonly stance: Stance }) {
  return (
    <span className={`stance ${stanceClass(stance)}`}>
      <StanceShape stance={stance} />
      {stanceName(stance)}
    </span>
  );
}
