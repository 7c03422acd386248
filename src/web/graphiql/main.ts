import 'virtual:graphiql.css';
import { workers } from 'virtual:graphiql-workers';
import { hasOperation, operationOf } from './address.ts';
import { examples } from './examples.ts';
import './graphiql.css';
import { loadSchema } from './schema.ts';
import { copyTabOnClick } from './share.ts';
import { storage } from './storage.ts';
import { Tabs } from './tabs.ts';
import { storeToken, takeToken, tokenOfAddress } from './token.ts';

// GraphiQL for this endpoint, from this service alone: nothing on the page comes from another host.
//
// `?example=search` opens one example, `?examples` restores all of them, and `?query=…&variables=…&operationName=…` opens that
// operation in a new tab. So does `#operation=…`, the short address of the links on the reader page and of the button of the guide.
// `#token=…` provides a token for the tabs that need one; browsers do not send that part to servers.
// Subscriptions run over server-sent events, because each request has the headers of its own tab. A WebSocket would have one
// set of headers for all tabs.

/** The service writes into the page whether reading needs a token. */
const readersNeedToken = document.documentElement.dataset.readAccess === 'token';

/** Lists the examples in the guide. */
function listExamples(): void {
  for (const { name, title, writes } of examples) {
    const item = document.createElement('li');
    const link = document.createElement('a');
    link.href = `?example=${encodeURIComponent(name)}`;
    link.textContent = title;
    item.append(link);
    if (writes || readersNeedToken) {
      const note = document.createElement('small');
      note.textContent = 'needs a token';
      item.append(' ', note);
    }
    document.getElementById('examples')?.append(item);
  }
}

async function start(): Promise<void> {
  const schema = readersNeedToken ? undefined : loadSchema();
  const { renderYogaGraphiQL } = await import('virtual:graphiql.js');
  // The editor measures its letters once. With another font after that, the cursor would be in the wrong place.
  await Promise.all(['1em Roboto', '1em "Fira Code"'].map((font) => document.fonts.load(font)));

  const { pathname, searchParams } = new URL(location.href);
  const tabs = new Tabs(readersNeedToken);
  tabs.layOut(searchParams.has('examples'));
  // GraphiQL opens the tab that has exactly these contents, or else adds one.
  const tab = tabs.first(shared ?? searchParams);
  // The tab is stored from here on. With the address unchanged, each reload would add it again.
  history.replaceState(null, '', pathname);

  renderYogaGraphiQL(document.getElementById('graphiql') as HTMLElement, {
    endpoint: '/graphql',
    method: 'POST',
    title: '',
    logo: '',
    storage,
    schema: await schema,
    query: tab?.query ?? '',
    variables: tab?.variables ?? '',
    initialHeaders: tab?.headers ?? '',
    defaultTabs: tabs.examples,
    shouldPersistHeaders: true,
    showPersistHeadersSettings: false,
    // Yoga's own handler would write the whole query into the address at every key.
    onEditQuery: () => undefined,
  });
}

/** Runs the tab wherever the focus is, as the guide says. In the editors GraphiQL handles the key itself. */
function runOnKey(event: KeyboardEvent): void {
  if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.defaultPrevented) return;
  if ((event.target as Element).closest('.monaco-editor')) return;
  event.preventDefault();
  document.querySelector<HTMLElement>('.graphiql-execute-button')?.click();
}

const shared = await operationOf(location.hash);
// The token leaves the address before GraphiQL loads.
const brought = takeToken();
if (brought) storeToken(brought);
// A browser does not reload the page when only the fragment changes. The token is stored after the reload, because GraphiQL
// still stores its tabs until then, with the former token.
addEventListener('hashchange', () => {
  if (tokenOfAddress() || hasOperation(location.hash)) location.reload();
});
addEventListener('keydown', runOnKey);

const environment = { globalAPI: false, getWorkerUrl: (_: string, label: string) => workers[label] };
Object.assign(globalThis, { MonacoEnvironment: environment });
listExamples();
copyTabOnClick(
  document.getElementById('share') as HTMLButtonElement,
  document.getElementById('shared') as HTMLElement,
);
await start();
