import type { AssetPaths } from './assets.ts';
import type { Example } from './examples/examples.ts';

/** A tab as the client script opens it. */
export interface Tab {
  /** Names the example in a link: `?example=search`. */
  readonly name: string;
  readonly query: string;
  /** Indented JSON, or empty. */
  readonly variables: string;
  /** Whether its headers need a token. */
  readonly needsToken: boolean;
}

/** Everything the client script is told; it stands in the page as JSON, so that no script stands in it. */
export interface ClientConfig {
  readonly endpoint: string;
  readonly workers: AssetPaths['workers'];
  readonly schema: AssetPaths['schema'];
  readonly tabs: readonly Tab[];
}

export interface PageContent {
  readonly title: string;
  readonly paths: AssetPaths;
  readonly examples: readonly Example[];
  readonly config: ClientConfig;
}

/** The HTML of the page. The guide at its top needs no script. */
export function renderPage({ title, paths, examples, config }: PageContent): string {
  const links = examples.map(
    (example) =>
      `<li><a href="?example=${encodeURIComponent(exampleName(example))}">${escapeHtml(example.title)}</a>` +
      `${example.needsToken ? ' <small>needs a token</small>' : ''}</li>`,
  );
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <meta name="referrer" content="no-referrer">
    <title>${escapeHtml(title)} · GraphiQL</title>
    <link rel="icon" href="${paths.icon}" type="image/svg+xml">
    <link rel="stylesheet" href="${paths.style}">
    <link rel="stylesheet" href="${paths.clientStyle}">
    <script type="application/json" id="readout-config">${scriptJson(config)}</script>
    <script src="${paths.client}" defer></script>
    <script src="${paths.script}" defer></script>
  </head>
  <body>
    <header class="readout-guide">
      <h1><img src="${paths.icon}" alt="" width="20" height="20"> ${escapeHtml(title)}</h1>
      <p>Each tab is a working example: choose one, read its first lines, press <kbd>Ctrl</kbd>&#8239;<kbd>Enter</kbd>.</p>
      <details>
        <summary>Examples</summary>
        <div>
          <ol>
            ${links.join('\n            ')}
          </ol>
          <p><a href="?examples">Restore all the examples</a> (your own tabs stay)</p>
        </div>
      </details>
    </header>
    <main id="graphiql"><p class="readout-loading">Loading GraphiQL …</p></main>
    <noscript>GraphiQL needs JavaScript. The service answers GraphQL at this same address.</noscript>
  </body>
</html>
`;
}

/** The name of an example in a link: its file's name without the extension. */
export function exampleName(example: Example): string {
  return example.file.replace(/\.graphql$/, '');
}

/** JSON that can stand in a script element: no `</script>`, no `<!--`. */
function scriptJson(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
