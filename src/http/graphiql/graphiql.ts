import type { GraphQLSchema } from 'graphql';
import { type Asset, type AssetStore, loadAssets } from './assets.ts';
import type { Example } from './examples/examples.ts';
import { exampleName, renderPage, type Tab } from './page.ts';

export interface GraphiqlOptions {
  /** Path of the GraphQL endpoint, which is the page's own path: `/graphql`. */
  readonly endpoint: string;
  /** False leaves out the examples that only follow. */
  readonly subscriptions: boolean;
  /** Whether reading needs a token too, so that every tab has a place for it. */
  readonly readersNeedToken?: boolean;
  /** What stands in the tabs, in this order. */
  readonly examples: readonly Example[];
  /**
   * Where given, the page has the schema from a file that the browser keeps, and does not introspect at each load.
   * Whoever can load the page can then read it.
   */
  readonly schema?: GraphQLSchema;
  /** Default: `Readout`. */
  readonly title?: string;
}

export interface Graphiql {
  /** The page, which is the same for all clients. It holds no token. */
  render(): Promise<string>;
  /** The file at this path (`/graphql/assets/…`), or null. `acceptEncoding` is the request's header, or empty. */
  asset(path: string, acceptEncoding: string): Promise<Asset | null>;
  /** The `Content-Security-Policy` header that the page is to be sent with. */
  readonly contentSecurityPolicy: string;
}

/**
 * GraphiQL for this endpoint, from this service alone: nothing on the page comes from another host. Creating it
 * costs nothing; the first request loads what it consists of.
 *
 * `?example=search` opens one example, `?examples` puts all of them back, and `?query=…&variables=…&operationName=…`
 * opens that operation in a tab of its own. `#token=…` provides a token for the tabs that need one. Browsers do not send the fragment to servers. Subscriptions run over server-sent events, since a request of their own
 * carries the headers of their tab; a WebSocket would share one set between all tabs.
 */
export function createGraphiql(options: GraphiqlOptions): Graphiql {
  const { endpoint, title = 'Readout', readersNeedToken = false } = options;
  const examples = options.examples
    .filter((example) => options.subscriptions || !onlyFollows(example))
    .map((example) => ({ ...example, needsToken: example.needsToken || readersNeedToken }));
  const prefix = `${endpoint}/assets/`;
  let assets: Promise<AssetStore> | undefined;

  function load(): Promise<AssetStore> {
    assets ??= loadAssets(prefix, options.schema);
    return assets;
  }

  return {
    async render() {
      const { paths } = await load();
      const tabs = examples.map(toTab);
      const config = { endpoint, workers: paths.workers, schema: paths.schema, tabs };
      return renderPage({ title, paths, examples, config });
    },
    async asset(path, acceptEncoding) {
      if (!path.startsWith(prefix)) return null;
      return (await load()).read(path, acceptEncoding);
    },
    contentSecurityPolicy,
  };
}

/**
 * Scripts, workers and connections of this origin only; no script in the page. The editor (Monaco) writes its theme
 * and its measured sizes into style elements and attributes, hence 'unsafe-inline' for styles, and has icons as
 * `data:` in its style sheet.
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "connect-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

function onlyFollows(example: Example): boolean {
  return /^subscription\b/m.test(example.query) && !/^(query|mutation)\b/m.test(example.query);
}

function toTab(example: Example): Tab {
  return {
    name: exampleName(example),
    query: example.query,
    variables: example.variables ?? '',
    needsToken: example.needsToken ?? false,
  };
}
