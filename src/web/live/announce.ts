import { useSyncExternalStore } from 'react';

/** Long enough to announce a burst in one sentence. */
const GATHER_MS = 400;

let message = '';
let gathered: string[] = [];
const listeners = new Set<() => void>();

/** Makes screen readers say a sentence when they next pause. */
export function announce(text: string): void {
  gathered.push(text);
  if (gathered.length === 1) setTimeout(publish, GATHER_MS);
}

function publish(): void {
  message =
    gathered.length > 2 ? `${gathered.length} changes. The last: ${gathered.at(-1)}` : gathered.join(' ');
  gathered = [];
  for (const listener of listeners) listener();
}

/** The current announcement. */
export function useAnnouncement(): string {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => message,
  );
}
