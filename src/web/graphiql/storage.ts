/** Other services on the same host and port may have a GraphiQL too. The prefix keeps the tabs apart. */
const PREFIX = 'readout:';

/** Keys of GraphiQL's tabs, of the examples that were last added to them, and of the token. */
export const KEYS = { tabs: 'graphiql:tabState', examples: 'examples', token: 'token' } as const;

/** The local storage, as GraphiQL takes it. */
export const storage = {
  getItem: (key: string): string | null => localStorage.getItem(PREFIX + key),
  setItem: (key: string, value: string): void => localStorage.setItem(PREFIX + key, value),
  removeItem: (key: string): void => localStorage.removeItem(PREFIX + key),
  clear: (): void => {
    for (const key of ownKeys()) localStorage.removeItem(key);
  },
  get length(): number {
    return ownKeys().length;
  },
};

function ownKeys(): string[] {
  return Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
}

/** A tab in the form in which GraphiQL stores it. */
export interface StoredTab {
  readonly query?: string | null;
  readonly variables?: string | null;
  headers?: string | null;
}

interface StoredTabs {
  readonly activeTabIndex?: number;
  readonly tabs?: readonly StoredTab[];
}

export function storedTabs(): StoredTabs {
  return parseOr(storage.getItem(KEYS.tabs), {});
}

/** A stored value. A browser can have a value of an earlier version, or one that is not JSON. */
export function parseOr<T>(json: string | null | undefined, otherwise: T): T {
  try {
    return (JSON.parse(json ?? 'null') as T | null) ?? otherwise;
  } catch {
    return otherwise;
  }
}
