/** Says that a list goes on, and how to come to the rest. */
export function FirstOnly({ count }: { readonly count: number }) {
  return <p className="aside">These are the first {count}. The search above finds the others.</p>;
}
