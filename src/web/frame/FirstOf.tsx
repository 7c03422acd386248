import { type ReactNode, useState } from 'react';

interface Props<Item> {
  readonly items: readonly Item[];
  /** How many are shown at first. */
  readonly max: number;
  readonly children: (items: readonly Item[]) => ReactNode;
}

/**
 * The first items of a list, with a button that shows all; nothing for an empty list. The items are here already, while `Rest` loads
 * more of them.
 */
export function FirstOf<Item>({ items, max, children }: Props<Item>) {
  const [isWhole, setWhole] = useState(false);
  if (items.length === 0) return null;
  const shown = isWhole ? items : items.slice(0, max);
  return (
    <>
      {children(shown)}
      {shown.length < items.length && (
        <p className="more">
          Showing {shown.length} of {items.length}.{' '}
          <button type="button" onClick={() => setWhole(true)}>
            Show all
          </button>
        </p>
      )}
    </>
  );
}
