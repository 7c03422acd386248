import { useSyncExternalStore } from 'react';

/** How what is on the screen relates to the record. */
export type LiveStatus =
  | { readonly state: 'idle' | 'connecting' | 'connected' | 'catchingUp' }
  | { readonly state: 'offline'; readonly since: Date }
  | { readonly state: 'refused'; readonly message: string };

let status: LiveStatus = { state: 'idle' };
const listeners = new Set<() => void>();

function show(next: LiveStatus): void {
  status = next;
  for (const listener of listeners) listener();
}

/** Whether a view has a stream. Its state is then the one that is shown. */
let isFollowed = false;
/** Queries that got no answer since the last answer. */
let failures = 0;

/** Sets the state of the view's stream. A new or ended stream does not hide that the service does not answer. */
export function setLiveStatus(next: LiveStatus): void {
  isFollowed = next.state !== 'idle';
  const isNews = next.state !== 'idle' && next.state !== 'connecting' && next.state !== 'offline';
  if (status.state !== 'offline' || isNews) show(next);
}

/** A query got no answer. */
export function serviceAway(): void {
  failures += 1;
  if (!isFollowed && status.state !== 'offline') show({ state: 'offline', since: new Date() });
}

/** The service answered a query. */
export function serviceAnswered(): void {
  failures = 0;
  if (!isFollowed && status.state === 'offline') show({ state: 'idle' });
}

/** How many queries got no answer since the last answer. */
export const failedQueries = (): number => failures;

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
