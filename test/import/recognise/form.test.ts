import { expect, it } from 'vitest';
import { INPUT_MAX } from '../../../src/domain/input/field.ts';
import { isReadableActor, readableMentions } from '../../../src/import/recognise/form.ts';

it('names and slugs that are too long to be saved are not compared', () => {
  const long = 'x'.repeat(10 * INPUT_MAX.name);
  expect(isReadableActor({ slug: 'a', name: 'A' })).toBe(true);
  expect(isReadableActor({ slug: 'a', name: long })).toBe(false);
  expect(isReadableActor({ slug: long, name: 'A' })).toBe(false);
  expect(isReadableActor({ slug: 'a', name: 'A', aliases: [{ name: long }] })).toBe(false);
  expect(readableMentions({ mentions: [{ as: 'A' }] })).toHaveLength(1);
  expect(readableMentions({ mentions: [{ as: 'A' }, { as: long }] })).toEqual([]);
});
