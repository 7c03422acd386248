import { StanceShape } from '../cards/StanceShape.tsx';
import { Link } from '../router/Link.tsx';
import { stanceClass, stanceName } from '../words/stance.ts';
import type { TopicData } from './topicQuery.ts';

/** The topics right below, each with its proposition and who takes a stance on it. */
export function Subtopics({ topics }: { readonly topics: readonly TopicData['children'][number][] }) {
  return (
    <ul className="subtopics">
      {topics.map(({ slug, name, proposition, positions, positionCount }) => (
        <li key={slug}>
          <Link href={`/topics/${slug}`}>{name}</Link>
          {proposition && <p className="aside">{proposition}</p>}
          {positions.length > 0 && (
            <p className="subtopic-stances">
              {positions.map(({ account, stance, actor }) => (
                <span key={`${actor.slug} ${account}`} className={stanceClass(stance)}>
                  <StanceShape stance={stance} isReported={account === 'REPORTED'} /> {actor.name}
                  <span className="unseen">
                    {' '}
                    {stanceName(stance).toLowerCase()} it{account === 'REPORTED' && ', as others report'}
                  </span>
                </span>
              ))}
              {positionCount > positions.length && (
                <span className="aside"> and {positionCount - positions.length} more</span>
              )}
            </p>
          )}
        </li>
      ))}
    </ul>
  );
}
