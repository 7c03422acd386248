import { Rest } from '../frame/Rest.tsx';
import { Link } from '../router/Link.tsx';
import { dayText } from '../words/moment.ts';
import { type ActorData, ActorQuery } from './actorQuery.ts';

function spanText(from: string | null, to: string | null): string {
  if (from && to) return ` (${dayText(from)} to ${dayText(to)})`;
  if (from) return ` (since ${dayText(from)})`;
  return to ? ` (until ${dayText(to)})` : '';
}

function Members({ members }: { readonly members: readonly ActorData['members'][number][] }) {
  return members.map(({ role, from, to, actor: member }) => (
    <div key={`${role} ${member.slug}`}>
      <dt>{role} here</dt>
      <dd>
        <Link href={`/actors/${member.slug}`}>{member.name}</Link>
        {spanText(from, to)}
      </dd>
    </div>
  ));
}

/** An actor's roles in others, and those of others in it. */
export function Affiliations({ actor }: { readonly actor: ActorData }) {
  const { slug, affiliations, members, memberCount } = actor;
  if (affiliations.length + members.length === 0) return null;
  return (
    <>
      <dl className="affiliations">
        {affiliations.map(({ role, from, to, in: whole }) => (
          <div key={`${role} ${whole.slug}`}>
            <dt>{role}</dt>
            <dd>
              <Link href={`/actors/${whole.slug}`}>{whole.name}</Link>
              {spanText(from, to)}
            </dd>
          </div>
        ))}
        <Members members={members} />
      </dl>
      <Rest
        key={`${slug} ${memberCount}`}
        query={ActorQuery}
        variables={(members) => ({ slug, members, size: 50 })}
        pick={(data) => data.actor?.members}
        shown={members.length}
        total={memberCount}
      >
        {(members) => (
          <dl className="affiliations">
            <Members members={members} />
          </dl>
        )}
      </Rest>
    </>
  );
}
