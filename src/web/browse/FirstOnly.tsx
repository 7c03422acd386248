/** Says that a list has more items, and how to see them. */
export function FirstOnly({ count }: { readonly count: number }) {
  return <p className="aside">These are the first {count}. The search above finds the others.</p>;
}
