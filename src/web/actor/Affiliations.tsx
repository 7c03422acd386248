import { FirstOf } from '../frame/FirstOf.tsx';
import { Rest } from '../frame/Rest.tsx';
import { Link } from '../router/Link.tsx';
import { type FuzzyDate, fuzzyDateText } from '../words/date.ts';
import { type ActorData, ActorQuery } from './actorQuery.ts';

const SHOWN = 10;

type Edtf = Pick<FuzzyDate, 'edtf'>;

function spanText(since: Edtf | null, until: Edtf | null): string {
  if (since && until) return ` (${fuzzyDateText(since)} to ${fuzzyDateText(until)})`;
  if (since) return ` (since ${fuzzyDateText(since)})`;
  return until ? ` (until ${fuzzyDateText(until)})` : '';
}

function Members({ members }: { readonly members: readonly ActorData['members'][number][] }) {
  return members.map(({ role, since, until, actor: member }) => (
    <div key={`${role} ${member.slug}`}>
      <dt>{role} here</dt>
      <dd>
        <Link href={`/actors/${member.slug}`}>{member.name}</Link>
        {spanText(since, until)}
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
      <FirstOf items={affiliations} max={SHOWN}>
        {(shown) => (
          <dl className="affiliations">
            {shown.map(({ role, since, until, in: whole }) => (
              <div key={`${role} ${whole.slug} ${since?.edtf}`}>
                <dt>{role}</dt>
                <dd>
                  <Link href={`/actors/${whole.slug}`}>{whole.name}</Link>
                  {spanText(since, until)}
                </dd>
              </div>
            ))}
          </dl>
        )}
      </FirstOf>
      {members.length > 0 && (
        <dl className="affiliations">
          <Members members={members} />
        </dl>
      )}
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
