import { TokenForm } from './access/TokenForm.tsx';
import { keptToken, readWith, useRefusal } from './access/token.ts';
import { ActorView } from './actor/ActorView.tsx';
import { ActorsView } from './browse/ActorsView.tsx';
import { EventsView } from './browse/EventsView.tsx';
import { TopicsView } from './browse/TopicsView.tsx';
import { Legend } from './cards/Legend.tsx';
import { CollectionsView } from './collection/CollectionsView.tsx';
import { CollectionView } from './collection/CollectionView.tsx';
import { EventView } from './event/EventView.tsx';
import { FeedView } from './feed/FeedView.tsx';
import { FailureBoundary } from './frame/FailureBoundary.tsx';
import { NoSuchView } from './frame/Missing.tsx';
import { useAnnouncement } from './live/announce.ts';
import { LiveStatusSign } from './live/LiveStatusSign.tsx';
import { Link } from './router/Link.tsx';
import { usePlace } from './router/location.ts';
import { type Route, routeOf } from './router/route.ts';
import { useScroll } from './router/useScroll.ts';
import { SourcesView } from './source/SourcesView.tsx';
import { SourceView } from './source/SourceView.tsx';
import { StatementView } from './statement/StatementView.tsx';
import { TopicView } from './topic/TopicView.tsx';

/** All views are in one bundle, so that the reader can open each of them while the service does not answer. */
function View({ view, slug }: Route) {
  switch (view) {
    case 'feed':
      return <FeedView />;
    case 'statement':
      return <StatementView slug={slug} />;
    case 'event':
      return <EventView slug={slug} />;
    case 'actor':
      return <ActorView slug={slug} />;
    case 'topic':
      return <TopicView slug={slug} />;
    case 'events':
      return <EventsView />;
    case 'actors':
      return <ActorsView />;
    case 'topics':
      return <TopicsView />;
    case 'sources':
      return <SourcesView />;
    case 'source':
      return <SourceView slug={slug} />;
    case 'collections':
      return <CollectionsView />;
    case 'collection':
      return <CollectionView slug={slug} />;
    case 'nowhere':
      return <NoSuchView />;
  }
}

const SECTIONS = [
  { href: '/', name: 'Statements', views: ['feed', 'statement'] },
  { href: '/events', name: 'Events', views: ['events', 'event'] },
  { href: '/actors', name: 'Actors', views: ['actors', 'actor'] },
  { href: '/topics', name: 'Topics', views: ['topics', 'topic'] },
  { href: '/sources', name: 'Sources', views: ['sources', 'source', 'collections', 'collection'] },
];

/** The frame around every view. */
export function App() {
  const route = routeOf(usePlace().pathname);
  const refusal = useRefusal();
  useScroll();
  return (
    <>
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <header className="masthead">
        <Link className="brand" href="/">
          Readout
        </Link>
        <nav aria-label="Sections">
          {SECTIONS.map(({ href, name, views }) => (
            <Link key={href} href={href} aria-current={views.includes(route.view) ? 'true' : undefined}>
              {name}
            </Link>
          ))}
        </nav>
        <LiveStatusSign />
      </header>
      <main id="main" tabIndex={-1}>
        {refusal === null ? (
          <FailureBoundary key={`${route.view}/${route.slug}`}>
            <View {...route} />
          </FailureBoundary>
        ) : (
          <TokenForm reason={refusal} />
        )}
      </main>
      <footer className="colophon">
        <Legend />
        <p>Readout records who said what, on whose account, and where exactly it is written.</p>
        <p>
          <a href="/graphql">GraphiQL</a> <a href="/schema.graphql">Schema</a>
          {keptToken() !== null && (
            <button type="button" onClick={() => readWith(null)}>
              Forget the token
            </button>
          )}
        </p>
      </footer>
      <Announcer />
    </>
  );
}

/** Announcements of live changes, for screen readers only. */
function Announcer() {
  return (
    <p className="unseen" aria-live="polite">
      {useAnnouncement()}
    </p>
  );
}
