import { useLayoutEffect } from 'react';
import { lastArrival, usePlace } from './location.ts';

const RESTORE_MS_MAX = 2_000;

/** Scrolls a new view to its top, and restores the scroll position of an earlier one when it is long enough. */
export function useScroll(): void {
  const { pathname, search } = usePlace();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the address is what the scroll position belongs to
  useLayoutEffect(() => {
    const arrival = lastArrival();
    if (arrival === 'step' && !location.hash) window.scrollTo(0, 0);
    const saved = (history.state as { scrollY?: number } | null)?.scrollY;
    if (arrival !== 'back' || !saved) return;
    const until = performance.now() + RESTORE_MS_MAX;
    let frame = 0;
    const restore = (): void => {
      const reachable = document.documentElement.scrollHeight - window.innerHeight >= saved;
      if (reachable) window.scrollTo(0, saved);
      else if (performance.now() < until) frame = requestAnimationFrame(restore);
    };
    restore();
    return () => cancelAnimationFrame(frame);
  }, [pathname, search]);
}
