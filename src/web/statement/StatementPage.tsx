import { Byline } from '../cards/StatementCard.tsx';
import { readStatement } from '../cards/statementFragment.ts';
import { TopicTag } from '../cards/TopicTag.tsx';
import { SourceFile } from '../check/SourceFile.tsx';
import { Rest } from '../frame/Rest.tsx';
import { Heading } from '../router/Heading.tsx';
import { Link } from '../router/Link.tsx';
import { momentText } from '../words/moment.ts';
import { codingText, sayingOf, spansOf } from '../words/statement.ts';
import { Anchors } from './Anchors.tsx';
import { Chain } from './Chain.tsx';
import { Cite } from './Cite.tsx';
import { Codings } from './Codings.tsx';
import { Links } from './Links.tsx';
import { Revisions } from './Revisions.tsx';
import { type StatementData, StatementQuery } from './statementQuery.ts';

const MODES = {
  DIRECT: 'In the speaker’s own words.',
  INDIRECT: 'In the words of the person who reports it.',
  MIXED: 'Reported, with some of the speaker’s own words.',
} as const;

interface Props {
  readonly statement: StatementData;
  readonly cursor: string;
}

/** Everything that is known of one statement. */
export function StatementPage({ statement, cursor }: Props) {
  const card = readStatement(statement);
  const { anchors, links, linkedFrom, linkedFromCount, revisions, givers, source } = statement;
  const { codings, codingCount, collection } = statement;
  const { slug, quote, language, retraction, topics, events, revisionCount } = card;
  const saying = sayingOf(card);
  const coding = codingText(card);
  return (
    <article className={`statement-view ${retraction ? 'is-retracted' : ''}`}>
      <p className="byline">
        <Byline statement={card} />
      </p>
      <Heading title={saying}>{saying}</Heading>
      {quote && saying !== `“${quote}”` && (
        <blockquote className="quote quote-large" lang={language ?? undefined}>
          <p>{quote}</p>
        </blockquote>
      )}
      {retraction && (
        <div className="notice notice-retracted">
          <p>
            <b>The record no longer stands by this.</b> Retracted on {momentText(retraction.at)} by{' '}
            {retraction.by}: {retraction.reason}
          </p>
        </div>
      )}
      <ul className="topic-tags" aria-label="Topics">
        {topics.map(({ topic, stance }) => (
          <li key={topic.slug}>
            <TopicTag topic={topic} stance={stance} />
          </li>
        ))}
      </ul>
      <section aria-labelledby="account">
        <h2 id="account">On whose account</h2>
        <Chain statement={card} givers={givers} publisher={source.publisher?.name ?? null} />
        <p className="aside">{MODES[card.mode]}</p>
        {coding && <p className="aside">The record has it {coding}.</p>}
      </section>
      {events.length > 0 && (
        <section aria-labelledby="occasions">
          <h2 id="occasions">On the occasion of</h2>
          <ul>
            {events.map((event) => (
              <li key={event.slug}>
                <Link href={`/events/${event.slug}`}>{event.name}</Link>
              </li>
            ))}
          </ul>
        </section>
      )}
      {links.length + linkedFrom.length > 0 && (
        <section aria-labelledby="links">
          <h2 id="links">In relation to others</h2>
          <Links links={links} linkedFrom={linkedFrom} />
          <Rest
            key={`${slug} ${linkedFromCount}`}
            query={StatementQuery}
            variables={(linkedFrom) => ({ slug, linkedFrom })}
            pick={(data) => data.statement?.linkedFrom}
            shown={linkedFrom.length}
            total={linkedFromCount}
          >
            {(more) => <Links links={[]} linkedFrom={more} />}
          </Rest>
        </section>
      )}
      <section aria-labelledby="source">
        <h2 id="source">Where it is written</h2>
        <p>
          <Link href={`/sources/${source.slug}`}>{card.source.title}</Link>
          {card.source.url && (
            <>
              {' · '}
              <a href={card.source.url}>Open the source</a>
            </>
          )}
          {source.length !== null && <span className="aside"> · {source.length} code points</span>}
        </p>
        <Anchors anchors={anchors} />
        <SourceFile key={slug} digest={source.digest} spans={spansOf(anchors)} />
      </section>
      {codings.length > 0 && (
        <section aria-labelledby="codings">
          <h2 id="codings">The same passage, coded by others</h2>
          <Codings codings={codings} />
          <Rest
            key={`${slug} ${codingCount}`}
            query={StatementQuery}
            variables={(codings) => ({ slug, codings })}
            pick={(data) => data.statement?.codings}
            shown={codings.length}
            total={codingCount}
          >
            {(more) => <Codings codings={more} />}
          </Rest>
        </section>
      )}
      {revisions.length > 0 && (
        <section aria-labelledby="revisions">
          <h2 id="revisions">What it said before</h2>
          <Revisions next={card} revisions={revisions} />
          <Rest
            key={`${slug} ${revisionCount}`}
            query={StatementQuery}
            variables={(revisions) => ({ slug, revisions })}
            pick={(data) => data.statement?.revisions}
            shown={revisions.length}
            total={revisionCount}
          >
            {(older) => <Revisions next={revisions.at(-1) ?? card} revisions={older} />}
          </Rest>
        </section>
      )}
      <section aria-labelledby="cite">
        <h2 id="cite">Cite this</h2>
        <Cite
          cited={{
            statement: card,
            publisher: source.publisher?.name ?? null,
            address: `${location.origin}/statements/${slug}`,
            cursor,
            today: new Date().toISOString().slice(0, 10),
          }}
        />
        <p className="aside">
          Recorded on {momentText(card.recordedAt)} by {statement.recordedBy}
          {collection && (
            <>
              {' '}
              with the collection <Link href={`/collections/${collection.slug}`}>{collection.title}</Link>
              {collection.licence && ` (${collection.licence})`}
            </>
          )}
          ; last changed at position {card.position}.
        </p>
      </section>
    </article>
  );
}
