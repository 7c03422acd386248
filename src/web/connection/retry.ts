const FIRST_MS = 500;
const MAX_MS = 15_000;

/**
 * Calls back when it is time to try again: after a pause that doubles each time, or as soon as the network comes back or the reader
 * returns to the page. It does not call while the browser is offline.
 */
export function waitToRetry(attempt: number, retry: () => void): () => void {
  const pauseMs = Math.min(MAX_MS, FIRST_MS * 2 ** (attempt - 1)) * (0.75 + Math.random() / 2);
  const timer = setTimeout(() => navigator.onLine && done(), pauseMs);
  const wake = (): void => {
    if (navigator.onLine && document.visibilityState === 'visible') done();
  };
  const stop = (): void => {
    clearTimeout(timer);
    window.removeEventListener('online', wake);
    document.removeEventListener('visibilitychange', wake);
  };
  const done = (): void => {
    stop();
    retry();
  };
  window.addEventListener('online', wake);
  document.addEventListener('visibilitychange', wake);
  return stop;
}
