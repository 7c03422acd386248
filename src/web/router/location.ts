import { useSyncExternalStore } from 'react';

/** Where the reader is: the path and the search part of the address. */
interface Place {
  readonly pathname: string;
  readonly search: string;
}

/** How the reader came to where they are; a heading takes the focus only after a `step`. */
type Arrival = 'load' | 'step' | 'back' | 'refine';

const CHANGED = 'readout:place';
let arrival: Arrival = 'load';
let place = readPlace();

function readPlace(): Place {
  return { pathname: location.pathname, search: location.search };
}

function arrive(by: Arrival): void {
  arrival = by;
  place = readPlace();
  window.dispatchEvent(new Event(CHANGED));
}

history.scrollRestoration = 'manual'; // useScroll.ts does it, once the view has its height
window.addEventListener('popstate', () => arrive('back'));

/** Goes to another view. */
export function navigate(address: string): void {
  history.replaceState({ scrollY: window.scrollY }, '');
  history.pushState(null, '', address);
  arrive('step');
}

/** Changes the address of the current view, as a filter does; `replace` adds no entry to the history. */
export function refine(address: string, { replace = false } = {}): void {
  if (replace) history.replaceState(null, '', address);
  else history.pushState(null, '', address);
  arrive('refine');
}

/** The current place. The component renders again when it changes. */
export function usePlace(): Place {
  return useSyncExternalStore(
    (listener) => {
      window.addEventListener(CHANGED, listener);
      return () => window.removeEventListener(CHANGED, listener);
    },
    () => place,
  );
}

/** How the reader came here. */
export const lastArrival = (): Arrival => arrival;
