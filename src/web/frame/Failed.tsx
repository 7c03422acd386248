import { useEffect, useEffectEvent } from 'react';
import type { CombinedError } from 'urql';
import { waitToRetry } from '../connection/retry.ts';
import { failedQueries } from '../connection/status.ts';

interface Props {
  readonly error: CombinedError | Error;
  readonly retry?: (() => void) | undefined;
}

/** An error, with the message of the service if there is one, and what to do. Without an answer, it tries again by itself. */
export function Failed({ error, retry }: Props) {
  const isNetwork = 'networkError' in error && error.networkError !== undefined;
  const triesAgain = isNetwork && retry !== undefined;
  const tryAgain = useEffectEvent(() => retry?.());
  // biome-ignore lint/correctness/useExhaustiveDependencies: each further failure is another error, and waits longer
  useEffect(
    () => (triesAgain ? waitToRetry(Math.max(1, failedQueries()), () => tryAgain()) : undefined),
    [triesAgain, error],
  );
  const message = isNetwork
    ? 'The service does not answer. The connection may be down, or the service may be starting.'
    : error.message.replace(/^\[GraphQL\] /, '');
  return (
    <div className="notice notice-error" role="alert">
      <h2>This can’t be shown</h2>
      <p>
        {message}
        {triesAgain && ' This page tries again by itself.'}
      </p>
      {retry && (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}
