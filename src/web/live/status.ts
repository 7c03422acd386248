import { useSyncExternalStore } from 'react';

/** How what is on the screen relates to the record. */
export type LiveStatus =
  | { readonly state: 'idle' | 'connecting' | 'connected' | 'catchingUp' }
  | { readonly state: 'offline'; readonly since: Date }
  | { readonly state: 'refused'; readonly message: string };

let status: LiveStatus = { state: 'idle' };
const listeners = new Set<() => void>();

/** Sets the state of the view's stream. */
export function setLiveStatus(next: LiveStatus): void {
  status = next;
  for (const listener of listeners) listener();
}

/** The state of the view's stream; `idle` without one. */
export function useLiveStatus(): LiveStatus {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => status,
  );
}
