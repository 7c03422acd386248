import { expect, it } from 'vitest';
import type { Queryable } from '../../../src/db/sql.ts';
import { ActorLookUp } from '../../../src/import/recognise/lookUp.ts';

const BYTES_MAX = 100_000;

it('takes no memory for actors before there are any, so that an import begins at once', () => {
  const bytes = process.memoryUsage().arrayBuffers;
  const lookUp = new ActorLookUp({} as Queryable);
  expect(process.memoryUsage().arrayBuffers - bytes).toBeLessThan(BYTES_MAX);
  expect(lookUp.get('no-such-actor')).toBeUndefined();
});
