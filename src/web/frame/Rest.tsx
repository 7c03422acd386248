import type { TypedDocumentNode } from '@urql/core';
import { type ReactNode, useState } from 'react';
import { type AnyVariables, type CombinedError, useClient } from 'urql';
import { Failed } from './Failed.tsx';

interface Props<Data, Variables extends AnyVariables, Item> {
  /** The view's query. It is sent again with another offset. */
  readonly query: TypedDocumentNode<Data, Variables>;
  readonly variables: (offset: number) => Variables;
  /** The list in an answer. */
  readonly pick: (data: Data) => readonly Item[] | undefined;
  /** How many items the view's own answer has. */
  readonly shown: number;
  /** How many items there are in all. */
  readonly total: number;
  /** Shows items that come after those of the view's own answer. */
  readonly children: (items: readonly Item[]) => ReactNode;
}

/** Says that a list is incomplete, with a button that loads more of it. Shows nothing for a complete list. */
export function Rest<Data, Variables extends AnyVariables, Item>(props: Props<Data, Variables, Item>) {
  const { query, variables, pick, shown, total, children } = props;
  const client = useClient();
  const [items, setItems] = useState<readonly Item[]>([]);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<CombinedError | null>(null);
  const count = shown + items.length;
  const more = async (): Promise<void> => {
    setBusy(true);
    const { data, error } = await client.query(query, variables(count), { requestPolicy: 'network-only' });
    setItems([...items, ...((data && pick(data)) ?? [])]);
    setError(error ?? null);
    setBusy(false);
  };
  return (
    <>
      {items.length > 0 && children(items)}
      {error && <Failed error={error} />}
      {count < total && (
        <p className="more">
          Showing {count} of {total}.{' '}
          <button type="button" onClick={() => void more()} aria-disabled={busy}>
            {busy ? 'Loading …' : 'Show more'}
          </button>
        </p>
      )}
    </>
  );
}
