import type { Named } from '../words/names.ts';
import { ActorLinks } from './ActorLinks.tsx';

/** "according to the Kremlin", beside a stance that others report; nothing without givers. */
export function Reporters({ givers }: { readonly givers: readonly Named[] }) {
  if (givers.length === 0) return null;
  return (
    <span className="reporters">
      {' '}
      according to <ActorLinks actors={givers} inSentence />
    </span>
  );
}
