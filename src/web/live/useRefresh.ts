import { useEffect, useRef, useState } from 'react';
import { announce } from './announce.ts';
import { changeInWords } from './changeInWords.ts';
import { type StatementFilter, useFollow } from './useFollow.ts';

/** Combines a burst of changes into one query. */
const GATHER_MS = 200;
/** The minimum time between two queries of a view. */
const INTERVAL_MS_MIN = 4_000;

/**
 * Keeps a view that is one answer up to date: asks again whenever a statement of the filter has changed.
 * `cursor` is that of the view's answer, null until there is one.
 */
export function useRefresh(filter: StatementFilter, cursor: string | null, reload: () => void): void {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const lastAt = useRef(Number.NEGATIVE_INFINITY);
  // The subscription starts at the first answer. Later answers contain nothing that it does not deliver.
  const [start, setStart] = useState(cursor);
  const [refused, setRefused] = useState<string | null>(null);
  if (start === null && cursor !== null && cursor !== refused) setStart(cursor);
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      timer.current = undefined;
    },
    [],
  );

  const refresh = (): void => {
    if (timer.current !== undefined) return; // it will be asked for anyway
    const sinceLast = performance.now() - lastAt.current;
    timer.current = setTimeout(
      () => {
        timer.current = undefined;
        lastAt.current = performance.now();
        reload();
      },
      Math.max(GATHER_MS, INTERVAL_MS_MIN - sinceLast),
    );
  };
  useFollow(filter, start, {
    changed(change) {
      announce(changeInWords(change));
      refresh();
    },
    caughtUp: () => undefined,
    resync() {
      setRefused(cursor); // the answer on the screen can't be followed from; the next one can
      setStart(null);
      reload();
    },
  });
}
