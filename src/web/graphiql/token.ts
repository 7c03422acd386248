import { KEYS, parseOr, storage, storedTabs } from './storage.ts';

const PLACEHOLDER = "a recorder's token";

/** The token in an address such as `/graphql#token=…`; null where there is none. */
export function tokenOfAddress(): string | null {
  return new URLSearchParams(location.hash.slice(1)).get('token');
}

/** Removes the token from the address and returns it; null where there is none. */
export function takeToken(): string | null {
  const token = tokenOfAddress();
  if (token) history.replaceState(null, '', location.pathname + location.search);
  return token;
}

/** Stores a token in this browser, and sets it in the tabs that have the former one or the placeholder. */
export function storeToken(token: string): void {
  const former: unknown[] = [authorizationOf(storage.getItem(KEYS.token)), authorizationOf(null)];
  storage.setItem(KEYS.token, token);
  const state = storedTabs();
  for (const tab of state.tabs ?? []) {
    const headers = parseOr<Record<string, unknown>>(tab.headers, {});
    if (!former.includes(headers.Authorization)) continue;
    tab.headers = formatted({ ...headers, Authorization: authorizationOf(token) });
  }
  if (state.tabs) storage.setItem(KEYS.tabs, JSON.stringify(state));
}

/** The headers of a tab that needs a token: with this browser's token, or with a placeholder. */
export function tokenHeaders(): string {
  return formatted({ Authorization: authorizationOf(storage.getItem(KEYS.token)) });
}

function authorizationOf(token: string | null): string {
  return `Bearer ${token ?? PLACEHOLDER}`;
}

function formatted(headers: object): string {
  return JSON.stringify(headers, null, 2);
}
