import { examples } from './examples.ts';
import { KEYS, parseOr, type StoredTab, storage, storedTabs } from './storage.ts';
import { tokenHeaders } from './token.ts';

/** What a tab holds. */
export interface Tab {
  readonly query: string;
  readonly variables: string;
  /** JSON, or empty. */
  readonly headers: string;
}

/** Tabs of the page, where reading needs a token or not. */
export class Tabs {
  /** The examples, in order. */
  readonly examples: readonly (Tab & { readonly name: string })[];
  readonly #readHeaders: string;

  constructor(readersNeedToken: boolean) {
    this.#readHeaders = readersNeedToken ? tokenHeaders() : '';
    this.examples = examples.map(({ name, query, variables, writes }) => {
      return { name, query, variables, headers: writes ? tokenHeaders() : this.#readHeaders };
    });
  }

  /** Stores the examples as tabs: on the first visit, when they have changed, or on demand. The reader's own tabs stay. */
  layOut(onDemand: boolean): void {
    const laidOut = JSON.stringify(examples);
    const former = storage.getItem(KEYS.examples);
    if (!onDemand && former === laidOut && storage.getItem(KEYS.tabs)) return;

    const known = new Set([...examples, ...parseOr<StoredTab[]>(former, [])].map(({ query }) => query));
    const own = (storedTabs().tabs ?? []).filter(({ query }) => query?.trim() && !known.has(query));
    const tabs = [...this.examples.map(storedTab), ...own];
    storage.setItem(KEYS.tabs, JSON.stringify({ activeTabIndex: 0, tabs }));
    storage.setItem(KEYS.examples, laidOut);
  }

  /** The tab to open: the one that the address asks for, or else the one that was open last, or else the first example. */
  first(parameters: URLSearchParams): Tab | undefined {
    return this.#ofAddress(parameters) ?? lastTab() ?? this.examples[0];
  }

  /** The tab that `?query=…&variables=…&operationName=…` or `?example=…` asks for. */
  #ofAddress(parameters: URLSearchParams): Tab | undefined {
    const query = parameters.get('query');
    if (!query) return this.examples.find(({ name }) => name === parameters.get('example'));
    return {
      query: startAt(query, parameters.get('operationName')),
      variables: indented(parameters.get('variables') ?? ''),
      // A link gets the token for reading, where that needs one, and never for writing.
      headers: /\bmutation\b/.test(query) ? '' : this.#readHeaders,
    };
  }
}

function lastTab(): Tab | undefined {
  const { tabs = [], activeTabIndex = 0 } = storedTabs();
  const { query, variables, headers } = tabs[activeTabIndex] ?? {};
  return query ? { query, variables: variables ?? '', headers: headers ?? '' } : undefined;
}

/**
 * The document with this operation first, because GraphiQL selects the first one. The text before the operation and its
 * comment moves to the end; the order of definitions has no meaning in GraphQL.
 */
function startAt(query: string, operationName: string | null): string {
  if (!operationName || !/^\w+$/.test(operationName)) return query;
  const start = new RegExp(`^(?:#.*\\n)*(?:query|mutation|subscription)\\s+${operationName}\\b`, 'm');
  const index = query.search(start);
  return index > 0 ? `${query.slice(index).trimEnd()}\n\n${query.slice(0, index).trimEnd()}` : query;
}

function indented(json: string): string {
  try {
    return json && JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json; // the editor shows the text as it is and marks the fault
  }
}

/** A tab in the form in which GraphiQL stores it. */
function storedTab({ query, variables, headers }: Tab, index: number): StoredTab & object {
  const title = query.match(/^(?:query|mutation|subscription)\s+(\w+)/m)?.[1] ?? null;
  const id = `example-${index}`;
  return Object.assign(
    { query, variables, headers },
    { id, title: title ?? '<untitled>', operationName: title, response: null },
  );
}
