import type { ReactNode } from 'react';
import { Link } from '../router/Link.tsx';
import { actPreposition, actVerb } from '../words/act.ts';
import { momentText } from '../words/moment.ts';
import { QUOTE_LENGTH_MAX, shortened } from '../words/shortened.ts';
import { codingText, contentPlaces, placeText, sayerNames, sayingOf } from '../words/statement.ts';
import { AccountPhrase, ActorLinks } from './ActorLinks.tsx';
import { SaidText } from './DateText.tsx';
import { Sayers } from './Sayers.tsx';
import type { StatementCardData } from './statementFragment.ts';
import { TopicTag } from './TopicTag.tsx';

interface Props {
  readonly statement: StatementCardData;
  /** What has happened to the statement while the page was open, in a word. */
  readonly mark?: string | undefined;
  /** Depth of its heading in the view. */
  readonly level?: 2 | 3 | 4;
  readonly children?: ReactNode;
}

/** Who says it, to whom and on whose account. */
export function Byline({ statement }: { readonly statement: StatementCardData }) {
  const { addressees, attribution, act } = statement;
  return (
    <>
      <b className="speakers">
        <Sayers statement={statement} />
      </b>{' '}
      <span className={`act act-${act.toLowerCase()}`}>{actVerb(act, sayerNames(statement).length)}</span>
      {addressees.length > 0 && (
        <span className="addressees">
          {actPreposition(act)}
          <ActorLinks actors={addressees} inSentence />
        </span>
      )}
      {attribution.length > 0 && (
        <span className="account">
          {', '}
          <AccountPhrase attribution={attribution} />
        </span>
      )}
    </>
  );
}

/** Where it is written, or that this is not recorded. */
export function SourceLine({ statement }: { readonly statement: StatementCardData }) {
  const { source, anchors } = statement;
  const places = contentPlaces(anchors).map(placeText).join('; ');
  return (
    <>
      <Link href={`/sources/${source.slug}`}>{source.title}</Link>
      {places ? (
        <Link
          className="anchor"
          href={`/statements/${statement.slug}#source`}
          title="Where in the source it is written; spans are in Unicode code points"
        >
          {' '}
          [{places}]
        </Link>
      ) : (
        <span className="doubt"> (no place in its source is recorded)</span>
      )}
    </>
  );
}

/** The verbatim words. A long quote is shortened, with a link to the whole. Without a text, the quote is the title already. */
function Quote({ statement: { slug, text, quote, language } }: { readonly statement: StatementCardData }) {
  if (!quote || text === null) return null;
  const shown = shortened(quote, QUOTE_LENGTH_MAX);
  return (
    <blockquote className="quote" lang={language ?? undefined}>
      <p>{shown}</p>
      {shown !== quote && (
        <Link href={`/statements/${slug}`}>The whole quote has {[...quote].length} characters</Link>
      )}
    </blockquote>
  );
}

/** A statement in a list. */
export function StatementCard({ statement, mark, level = 3, children }: Props) {
  const Title = `h${level}` as const;
  const { slug, topics, retraction, revisionCount } = statement;
  const coding = codingText(statement);
  return (
    <article className={`statement ${retraction ? 'is-retracted' : ''} ${mark ? 'is-marked' : ''}`}>
      <p className="byline">
        <Byline statement={statement} />
      </p>
      <Title className="statement-text">
        <Link href={`/statements/${slug}`}>{sayingOf(statement, QUOTE_LENGTH_MAX)}</Link>
      </Title>
      <Quote statement={statement} />
      {retraction && (
        <p className="retraction">
          <b>Retracted</b> on {momentText(retraction.at)}: {retraction.reason}
        </p>
      )}
      {topics.length > 0 && (
        <ul className="topic-tags" aria-label="Topics">
          {topics.map(({ topic, stance }) => (
            <li key={topic.slug}>
              <TopicTag topic={topic} stance={stance} />
            </li>
          ))}
        </ul>
      )}
      <p className="whereabouts">
        {mark && <span className="mark">{mark}</span>}
        <SaidText date={statement.said} />
        <span className="source-line">
          <SourceLine statement={statement} />
        </span>
        {coding && <span className="coding">{coding}</span>}
        {revisionCount > 0 && (
          <Link href={`/statements/${slug}#revisions`}>
            revised {revisionCount === 1 ? 'once' : `${revisionCount} times`}
          </Link>
        )}
      </p>
      {children}
    </article>
  );
}
