import { expect, it } from 'vitest';
import { ReadoutError } from '../../../src/base/errors.ts';
import { FAULTS_PER_ENTRY_MAX, type Fault, refuseFaults } from '../../../src/domain/input/fault.ts';

const ENTRIES = 500;

/** The error for faults in the fields of entries. */
function errorFor(faults: readonly Fault[]): ReadoutError & { named: readonly Fault[] } {
  try {
    refuseFaults(faults);
  } catch (error) {
    if (!(error instanceof ReadoutError)) throw error;
    return Object.assign(error, { named: error.details?.faults as readonly Fault[] });
  }
  throw new Error('no fault was refused');
}

const faultsOf = (
  entries: number,
  each: number,
  pathOf = (i: number): (string | number)[] => ['input', i],
): Fault[] =>
  Array.from({ length: entries * each }, (_, k) => ({
    path: [...pathOf(k % entries), 'speakers', Math.floor(k / entries)],
    message: 'must be a slug',
  }));

it('names every fault of an entry that has as many as can be named', () => {
  const faults = faultsOf(2, FAULTS_PER_ENTRY_MAX);
  expect(errorFor(faults).named).toEqual(faults);
});

it('names every faulty entry, and says how many more faults it has', () => {
  for (const pathOf of [(i: number) => ['input', i], (i: number) => [i]]) {
    const { message, named } = errorFor(faultsOf(ENTRIES, FAULTS_PER_ENTRY_MAX + 3, pathOf));
    expect(named).toHaveLength(ENTRIES * (FAULTS_PER_ENTRY_MAX + 1));
    expect(named.at(-1)).toEqual({ path: pathOf(ENTRIES - 1), message: 'has 3 more faults' });
    expect(message).toMatch(/^11500 faults: /);
    expect(message).toMatch(/the others are in “extensions.faults”\.$/);
    expect(message.length).toBeLessThan(10_000);
  }
});

it('counts the faults of a single input together', () => {
  const { named } = errorFor(faultsOf(1, 30, () => ['input']));
  expect(named).toHaveLength(FAULTS_PER_ENTRY_MAX + 1);
  expect(named.at(-1)).toEqual({ path: ['input'], message: 'has 10 more faults' });
});
