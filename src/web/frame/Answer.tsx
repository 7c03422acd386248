import type { ReactNode } from 'react';
import type { CombinedError } from 'urql';
import { Failed } from './Failed.tsx';
import { Waiting } from './Waiting.tsx';

interface Props<Data> {
  readonly result: { readonly data?: Data | undefined; readonly error?: CombinedError | undefined };
  readonly reload: () => void;
  readonly children: (data: Data) => ReactNode;
}

/** Shows the data of an answer, a placeholder while the query runs, or its error. */
export function Answer<Data>({ result: { data, error }, reload, children }: Props<Data>) {
  if (data) return children(data);
  return error ? <Failed error={error} retry={reload} /> : <Waiting />;
}
