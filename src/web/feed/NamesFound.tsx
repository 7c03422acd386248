import { useQuery } from 'urql';
import { Waiting } from '../frame/Waiting.tsx';
import { Link } from '../router/Link.tsx';
import { NamesFoundQuery } from './namesFoundQuery.ts';

interface Found {
  readonly slug: string;
  readonly statements: { readonly totalCount: number };
}

/** Actors, topics, events and sources whose names are like the words of a search, each with the number of its statements. */
export function NamesFound({ words }: { readonly words: string }) {
  const [{ data, fetching }] = useQuery({ query: NamesFoundQuery, variables: { search: words } });
  if (!data) return fetching ? <Waiting /> : null;
  const { actors, topics, events, sources } = data;
  const entry = ({ slug, statements }: Found, href: string, text: string) => ({
    key: `${href} ${slug}`,
    href,
    text: `${text} (${statements.totalCount})`,
  });
  const found = [
    ...actors.nodes.map((actor) => entry(actor, `/actors/${actor.slug}`, `Statements by ${actor.name}`)),
    ...topics.nodes.map((topic) => entry(topic, `/topics/${topic.slug}`, `Statements about ${topic.name}`)),
    ...events.nodes.map((event) => entry(event, `/events/${event.slug}`, `Statements on ${event.name}`)),
    ...sources.nodes.map((source) =>
      entry(source, `/sources/${source.slug}`, `Statements from ${source.title}`),
    ),
  ];
  if (found.length === 0) return null;
  return (
    <nav className="names-found" aria-label="Names found">
      <ul>
        {found.map(({ key, href, text }) => (
          <li key={key}>
            <Link href={href}>{text}</Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
