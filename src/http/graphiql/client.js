// Runs in the browser. Starts GraphiQL with the examples as its tabs, or with what the address asks for.
// Plain JavaScript, since it is served as it stands. The page holds its settings as JSON (`ClientConfig`).

// Remove the token from the address bar before anything else runs.
const broughtToken = tokenOfAddress();

const config = JSON.parse(document.getElementById('readout-config').textContent);

globalThis.MonacoEnvironment = {
  globalAPI: false,
  getWorkerUrl: (_moduleId, label) => config.workers[label],
};

// Other services on the same host and port may have a GraphiQL too: keys of our own keep the tabs apart.
const namespace = 'readout:';
const storage = {
  getItem: (key) => localStorage.getItem(namespace + key),
  setItem: (key, value) => localStorage.setItem(namespace + key, value),
  removeItem: (key) => localStorage.removeItem(namespace + key),
  clear: () => {
    for (const key of ownKeys()) localStorage.removeItem(key);
  },
  get length() {
    return ownKeys().length;
  },
};

// Keys of the local storage: GraphiQL's tabs, and our token and the examples that we last added to the tabs.
const keys = { tabs: 'graphiql:tabState', examples: 'examples', token: 'token' };
const placeholder = "a recorder's token";

if (broughtToken) keepToken(broughtToken);
const examples = config.tabs.map((tab) => ({ ...tab, headers: headersOf(tab) }));

function ownKeys() {
  return Object.keys(localStorage).filter((key) => key.startsWith(namespace));
}

/** Removes the token from an address such as `/graphql#token=…` and returns it; null where there is none. */
function tokenOfAddress() {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token) history.replaceState(null, '', location.pathname + location.search);
  return token;
}

/** Stores a token in this browser, and sets it in the tabs in place of the former one or of the placeholder. */
function keepToken(token) {
  const former = [authorizationOf(storage.getItem(keys.token)), authorizationOf(null)];
  storage.setItem(keys.token, token);
  const state = parsedOr(storage.getItem(keys.tabs), {});
  for (const tab of state.tabs ?? []) {
    const headers = parsedOr(tab.headers, {});
    if (!former.includes(headers.Authorization)) continue;
    tab.headers = headersWith({ ...headers, Authorization: authorizationOf(token) });
  }
  if (state.tabs) storage.setItem(keys.tabs, JSON.stringify(state));
}

function authorizationOf(token) {
  return `Bearer ${token ?? placeholder}`;
}

function headersWith(headers) {
  return JSON.stringify(headers, null, 2);
}

/** The authorization header of a tab that needs a token, with this browser's token or a placeholder. */
function headersOf({ needsToken }) {
  return needsToken ? headersWith({ Authorization: authorizationOf(storage.getItem(keys.token)) }) : '';
}

/** The schema from its file; without one, GraphiQL asks the service for it. */
async function loadSchema() {
  const response = config.schema && (await fetch(config.schema));
  return response?.ok ? await response.json() : undefined;
}

/** The tab that the address asks for, if any: `?query=…&variables=…&operationName=…` or `?example=…`. */
function tabOfAddress(parameters) {
  const query = parameters.get('query');
  if (!query) return examples.find((tab) => tab.name === parameters.get('example'));
  return {
    query: startAt(query, parameters.get('operationName')),
    variables: indented(parameters.get('variables')),
    // Those of a tab that reads: the token, where reading needs one. A link never gets it for writing.
    headers: /\bmutation\b/.test(query) ? '' : (examples[0]?.headers ?? ''),
  };
}

/**
 * The document with this operation first, since GraphiQL selects the first one. What stood before it, apart from the
 * comment right above it, comes last; to GraphQL the order means nothing.
 */
function startAt(query, operationName) {
  if (!operationName || !/^\w+$/.test(operationName)) return query;
  const start = new RegExp(`^(?:#.*\\n)*(?:query|mutation|subscription)\\s+${operationName}\\b`, 'm');
  const index = query.search(start);
  return index > 0 ? `${query.slice(index).trimEnd()}\n\n${query.slice(0, index).trimEnd()}` : query;
}

function indented(json) {
  try {
    return json ? JSON.stringify(JSON.parse(json), null, 2) : '';
  } catch {
    // Not JSON: the editor shows it as it is and marks what is wrong.
    return json;
  }
}

function parsedOr(json, otherwise) {
  try {
    return JSON.parse(json) ?? otherwise;
  } catch {
    // What is kept in a browser may be of any age or shape.
    return otherwise;
  }
}

/** Lays the examples out as tabs: on the first visit, when they have changed, or on demand. Own tabs stay. */
function layOutTabs(onDemand) {
  const laidOut = JSON.stringify(config.tabs);
  const former = storage.getItem(keys.examples);
  if (!onDemand && former === laidOut && storage.getItem(keys.tabs)) return;

  const known = new Set([...config.tabs, ...parsedOr(former, [])].map((tab) => tab.query));
  const kept = parsedOr(storage.getItem(keys.tabs), {}).tabs ?? [];
  const own = kept.filter((tab) => tab.query?.trim() && !known.has(tab.query));
  const tabs = [...examples.map(storedTab), ...own];
  storage.setItem(keys.tabs, JSON.stringify({ activeTabIndex: 0, tabs }));
  storage.setItem(keys.examples, laidOut);
}

/** The tab that was open last. */
function lastTab() {
  const { tabs, activeTabIndex } = parsedOr(storage.getItem(keys.tabs), {});
  return tabs?.[activeTabIndex];
}

/** A tab in the form in which GraphiQL keeps it. */
function storedTab({ query, variables, headers }, index) {
  const title = query.match(/^(?:query|mutation|subscription)\s+(\w+)/m)?.[1] ?? null;
  const id = `example-${index}`;
  return {
    id,
    title: title ?? '<untitled>',
    query,
    variables,
    headers,
    operationName: title,
    response: null,
  };
}

async function start() {
  // The editor measures its letters once: with another font after that, the cursor would stand beside them.
  await Promise.all(['1em Roboto', '1em "Fira Code"'].map((font) => document.fonts.load(font)));

  const address = new URL(location.href);
  layOutTabs(address.searchParams.has('examples'));
  // GraphiQL opens the tab that has exactly these contents, or else adds one.
  const tab = tabOfAddress(address.searchParams) ?? lastTab() ?? examples[0] ?? {};
  // The tab is kept from here on: asking for it again at every reload would add it again.
  history.replaceState(null, '', address.pathname);

  globalThis.YogaGraphiQL.renderYogaGraphiQL(document.getElementById('graphiql'), {
    endpoint: config.endpoint,
    method: 'POST',
    title: '',
    logo: '',
    storage,
    schema: await schema,
    query: tab.query ?? '',
    variables: tab.variables ?? '',
    initialHeaders: tab.headers ?? '',
    defaultTabs: examples,
    shouldPersistHeaders: true,
    showPersistHeadersSettings: false,
    // Yoga's own handler would write the whole query into the address at every key.
    onEditQuery: () => {},
  });
}

/** Runs the tab wherever the focus is, as the guide says; in the editors GraphiQL has the key to itself. */
function runOnKey(event) {
  if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.defaultPrevented) return;
  if (event.target.closest('.monaco-editor')) return;
  event.preventDefault();
  document.querySelector('.graphiql-execute-button')?.click();
}

const schema = loadSchema();
// A browser does not reload the page when only the fragment changes.
addEventListener('hashchange', () => {
  const token = tokenOfAddress();
  if (!token) return;
  keepToken(token);
  location.reload();
});
addEventListener('keydown', runOnKey);
addEventListener('DOMContentLoaded', start);
