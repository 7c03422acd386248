import type { CombinedError } from 'urql';

interface Props {
  readonly error: CombinedError | Error;
  readonly retry?: (() => void) | undefined;
}

/** An error, with the message of the service if there is one, and what to do. */
export function Failed({ error, retry }: Props) {
  const isNetwork = 'networkError' in error && error.networkError !== undefined;
  const message = isNetwork
    ? 'The service does not answer. The connection may be down, or the service may be starting.'
    : error.message.replace(/^\[GraphQL\] /, '');
  return (
    <div className="notice notice-error" role="alert">
      <h2>This can’t be shown</h2>
      <p>{message}</p>
      {retry && (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}
