import { useSyncExternalStore } from 'react';

const KEY = 'readout:token';

let refusal: string | null = null;
const listeners = new Set<() => void>();

/** The token that the reader has given; it lives as long as the tab. Null where there is none. */
export function keptToken(): string | null {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null; // a browser that keeps nothing can still read what is public
  }
}

/** What tells the service who is reading: headers of a request, or connection parameters of a socket. */
export function authorization(): Record<string, string> {
  const token = keptToken();
  return token === null ? {} : { Authorization: `Bearer ${token}` };
}

/** Keeps the token, or forgets it, and begins anew: nothing that was read before stays. */
export function readWith(token: string | null): void {
  if (token === null) sessionStorage.removeItem(KEY);
  else sessionStorage.setItem(KEY, token);
  location.reload();
}

/** The service has refused to be read, for this reason. */
export function refuse(reason: string): void {
  refusal = reason;
  for (const listener of listeners) listener();
}

/** Why the service refuses to be read; null while it does not. */
export function useRefusal(): string | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => refusal,
  );
}
