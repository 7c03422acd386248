type ViewName =
  | 'feed'
  | 'statement'
  | 'event'
  | 'events'
  | 'source'
  | 'sources'
  | 'actor'
  | 'actors'
  | 'topic'
  | 'topics'
  | 'collection'
  | 'collections'
  | 'nowhere';

/** A view, and the slug that it is about. */
export interface Route {
  readonly view: ViewName;
  readonly slug: string;
}

const ONE: Readonly<Record<string, ViewName>> = {
  statements: 'statement',
  events: 'event',
  actors: 'actor',
  topics: 'topic',
  sources: 'source',
  collections: 'collection',
};
const MANY: Readonly<Record<string, ViewName>> = {
  statements: 'feed',
  events: 'events',
  actors: 'actors',
  topics: 'topics',
  sources: 'sources',
  collections: 'collections',
};

/** Which view an address means. */
export function routeOf(pathname: string): Route {
  const [list, slug, ...rest] = pathname.split('/').filter(Boolean);
  if (list === undefined) return { view: 'feed', slug: '' };
  if (rest.length > 0) return { view: 'nowhere', slug: '' };
  if (slug === undefined) return { view: MANY[list] ?? 'nowhere', slug: '' };
  return { view: ONE[list] ?? 'nowhere', slug: decode(slug) };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a lone % in the address: then that is the slug that is not found
  }
}
