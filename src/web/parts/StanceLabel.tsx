import { StanceShape } from './StanceShape.tsx';
import { type Stance, stanceClass, stanceName } from './stance.ts';

/** A stance as shape, colour and word. */
export function StanceLabel({ stance }: { readonly stance: Stance }) {
  return (
    <span className={`stance ${stanceClass(stance)}`}>
      <StanceShape stance={stance} />
      {stanceName(stance)}
    </span>
  );
}
