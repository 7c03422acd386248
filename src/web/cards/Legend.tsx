import { STANCES, stanceClass, stanceName } from '../words/stance.ts';
import { VERDICTS, type Verdict } from '../words/verdict.ts';
import { StanceShape } from './StanceShape.tsx';
import { VerdictSign } from './VerdictSign.tsx';

const VERDICT_MEANINGS: Readonly<Record<Verdict, string>> = {
  DISPUTED: 'The sides contradict each other: one disputes the other, or they take opposite stances.',
  AGREED: 'One side agrees with the other, or all take the same stance.',
  BOTH_REPORT: 'Every side speaks about it, without agreement or dispute.',
  ONE_SIDED: 'At least one side says nothing about it.',
};

/** What the signs of the page mean. Closed until the reader opens it. */
export function Legend() {
  return (
    <details className="legend">
      <summary>What the signs mean</summary>
      <dl>
        {STANCES.map((stance) => (
          <div key={stance}>
            <dt>
              <span className={`stance ${stanceClass(stance)}`}>
                <StanceShape stance={stance} /> {stanceName(stance)}
              </span>
            </dt>
            <dd>The stance of a statement on the proposition of a topic.</dd>
          </div>
        ))}
        <div>
          <dt>
            <span className={`stance ${stanceClass('SUPPORTS')}`}>
              <StanceShape stance="SUPPORTS" isReported /> Hollow
            </span>
          </dt>
          <dd>Others report the stance; the actor has not taken it on its own account.</dd>
        </div>
        {VERDICTS.map((verdict) => (
          <div key={verdict}>
            <dt>
              <VerdictSign verdict={verdict} sides={2} />
            </dt>
            <dd>{VERDICT_MEANINGS[verdict]}</dd>
          </div>
        ))}
        <div>
          <dt>
            <span className="voice-bar" aria-hidden="true">
              <i />
              <i />
            </span>{' '}
            Blocks
          </dt>
          <dd>One block for each statement of a side on a topic, at most eight.</dd>
        </div>
        <div>
          <dt>[1199–1294]</dt>
          <dd>
            Where the source says it: the first and the last place, counted in Unicode code points. A code
            point is about one character.
          </dd>
        </div>
      </dl>
    </details>
  );
}
