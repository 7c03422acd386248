import { Link } from '../router/Link.tsx';
import { type Stance, stanceClass, stanceName } from '../words/stance.ts';
import { StanceShape } from './StanceShape.tsx';

interface Props {
  readonly topic: { readonly slug: string; readonly name: string; readonly proposition: string | null };
  readonly stance: Stance | null;
}

/** A topic of a statement, with the statement's stance on its proposition. */
export function TopicTag({ topic, stance }: Props) {
  return (
    <Link
      className={`topic-tag ${stance ? stanceClass(stance) : ''}`}
      href={`/topics/${topic.slug}`}
      title={topic.proposition ?? undefined}
    >
      {stance && (
        <>
          <StanceShape stance={stance} />
          <span className="topic-stance">{stanceName(stance)}</span>
        </>
      )}
      <span>{topic.name}</span>
    </Link>
  );
}
