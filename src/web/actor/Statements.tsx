import { useMemo } from 'react';
import { StatementList } from '../cards/StatementList.tsx';
import { Link } from '../router/Link.tsx';
import { DatedStatements } from '../timeline/DatedStatements.tsx';
import type { ActorData, OtherStatements } from './actorQuery.ts';

type Page = OtherStatements['passedOn'];

interface Props {
  readonly id: string;
  /** Words after the number: "by the Kremlin". */
  readonly what: string;
  /** How these statements were chosen, in a sentence. */
  readonly note?: string;
  readonly page: Page;
  /** The feed with all of them, and what the link there says. */
  readonly feed: string;
  readonly link: string;
}

const counted = (count: number): string =>
  count === 1 ? 'One statement' : `${count === 0 ? 'No' : count} statements`;

/** The newest statements of one kind, with the number of all and a link to them. */
function Section({ id, what, note, page, feed, link }: Props) {
  const { totalCount, nodes } = page;
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>
        {counted(totalCount)} {what}
      </h2>
      {note && <p className="aside">{note}</p>}
      <StatementList statements={nodes} />
      <p>
        {totalCount > nodes.length && `These are the newest ${nodes.length} of ${totalCount}. `}
        <Link href={feed}>{link}</Link>
      </p>
    </section>
  );
}

/** What an actor said, what it passed on from others, and what others said on its behalf. */
export function Statements({
  actor: { slug, name, statements },
  others: { passedOn, saidFor },
}: {
  readonly actor: ActorData;
  readonly others: OtherStatements;
}) {
  const bySpeaker = useMemo(() => ({ speakers: [slug] }), [slug]);
  return (
    <>
      <section aria-labelledby="statements">
        <h2 id="statements">
          {counted(statements.totalCount)} by {name}
        </h2>
        {statements.totalCount > 0 && <DatedStatements filter={bySpeaker} />}
        <p>
          <Link href={`/?actor=${slug}`}>All that {name} said or passed on, with filters</Link>
        </p>
      </section>
      {passedOn.totalCount > 0 && (
        <Section
          id="passed-on"
          what={`of others that ${name} passed on`}
          note={`They are known on the account of ${name}, and count as statements of its side.`}
          page={passedOn}
          feed={`/?giver=${slug}`}
          link={`All that is known on the account of ${name}, with filters`}
        />
      )}
      {saidFor.totalCount > 0 && (
        <Section
          id="said-for"
          what={`for ${name} by others`}
          note={`Said or passed on by those who spoke on behalf of ${name}, or belonged to it on that day.`}
          page={saidFor}
          feed={`/?side=${slug}`}
          link={`All that was said for ${name}, with filters`}
        />
      )}
    </>
  );
}
