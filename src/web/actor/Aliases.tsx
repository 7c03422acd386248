import { FirstOf } from '../frame/FirstOf.tsx';
import type { ActorData } from './actorQuery.ts';

const SHOWN = 10;

/** Other names of an actor. */
export function Aliases({ aliases }: Pick<ActorData, 'aliases'>) {
  return (
    <FirstOf items={aliases} max={SHOWN}>
      {(shown) => (
        <p className="aliases">
          Also{' '}
          {shown.map(({ name, language, metonym }, i) => (
            <span key={`${name} ${language}`}>
              {i > 0 && ', '}
              <bdi lang={language ?? undefined} className={metonym ? 'metonym' : undefined}>
                {name}
              </bdi>
            </span>
          ))}
        </p>
      )}
    </FirstOf>
  );
}
