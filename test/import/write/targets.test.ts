import { expect, it } from 'vitest';
import { IMPORT_REMEMBERED_BYTES_MAX, Targets } from '../../../src/import/write/targets.ts';

/** Bytes of an entry in the heap of V8, at least. */
const NOUN_BYTES_MIN = 256;

it('a dry run remembers entries up to a limit of memory', () => {
  const targets = new Targets();
  const rememberAll = (): void => {
    for (let i = 0; i < IMPORT_REMEMBERED_BYTES_MAX / NOUN_BYTES_MIN; i += 1)
      targets.remember('topic', `topic-${i}`, { id: i, hasProposition: false }, { start: 0, length: 1 });
  };
  expect(rememberAll).toThrow(
    expect.objectContaining({ details: expect.objectContaining({ limit: 'IMPORT_REMEMBERED_BYTES_MAX' }) }),
  );
  expect(targets.get('topic', 'topic-0')).toBeDefined();
});
