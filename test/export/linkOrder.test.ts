import { expect, it } from 'vitest';
import { LinkOrder } from '../../src/export/linkOrder.ts';

/** The order of statements 1, 2 … with these links. */
function ordered(...links: readonly (readonly number[])[]): number[] {
  const order = new LinkOrder();
  const taken = links.flatMap((to, i) =>
    order.take(
      i + 1,
      to.map((id) => ({ from: i + 1, to: id, slug: `s-${id}`, isForward: id > i + 1 })),
    ),
  );
  return [...taken, ...order.rest()].map(({ id }) => id);
}

it('statements keep their order where links lead back', () => {
  expect(ordered([], [1], [1, 2], [])).toEqual([1, 2, 3, 4]);
});

it('a statement comes after a later one that it links to, and those that link to it after both', () => {
  expect(ordered([3], [1], [], [2])).toEqual([3, 1, 2, 4]);
  expect(ordered([4], [1], [2], [])).toEqual([4, 1, 2, 3]);
});

it('statements in a circle come last, with those that link to them', () => {
  expect(ordered([2], [1], [1], [])).toEqual([4, 1, 2, 3]);
});
