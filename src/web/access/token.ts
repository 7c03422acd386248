import { useSyncExternalStore } from 'react';

const KEY = 'readout:token';

let refusal: string | null = null;
const listeners = new Set<() => void>();

/** The token that the reader has entered, for as long as the tab is open; null without one. */
export function keptToken(): string | null {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null; // a browser that keeps nothing can still read what is public
  }
}

/** The authorization, for the headers of a request or the connection parameters of a socket. */
export function authorization(): Record<string, string> {
  const token = keptToken();
  return token === null ? {} : { Authorization: `Bearer ${token}` };
}

/** Stores or removes the token, and reloads the page, so that no earlier answer remains. */
export function readWith(token: string | null): void {
  if (token === null) sessionStorage.removeItem(KEY);
  else sessionStorage.setItem(KEY, token);
  location.reload();
}

/** Stores why the service refuses to answer this reader. */
export function refuse(reason: string): void {
  refusal = reason;
  for (const listener of listeners) listener();
}

/** Why the service refuses to answer this reader; null if it does not. */
export function useRefusal(): string | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => refusal,
  );
}
