import { ReadoutError } from '../../base/errors.ts';
import type { Fault } from '../../domain/input/fault.ts';

/** The faults that an error of the domain names; empty where it names none. */
export const faultsOf = (error: unknown): readonly Fault[] =>
  error instanceof ReadoutError ? ((error.details?.faults as readonly Fault[] | undefined) ?? []) : [];

/** The faults of a refusal by the number of their item; empty where it names none. Their paths are within the item. */
export function faultsByItem(error: unknown): Map<number, Fault[]> {
  const byItem = new Map<number, Fault[]>();
  if (!(error instanceof ReadoutError)) return byItem;
  const path = error.inputPath ?? [];
  const named = faultsOf(error);
  for (const fault of named.length > 0 ? named : [{ path, message: error.message }]) {
    const [i, ...inner] = fault.path;
    if (typeof i !== 'number') return new Map();
    byItem.set(i, [...(byItem.get(i) ?? []), { ...fault, path: inner }]);
  }
  return byItem;
}

/** Why one entry was refused by a rule of the domain, or by PostgreSQL. */
export const reasonOf = (error: unknown): string =>
  error instanceof ReadoutError
    ? error.message
    : 'conflicts with another entry, or has a value that PostgreSQL refuses';

/** Faults of an item of a list, with their paths within the item. */
export const withinItem = (faults: readonly Fault[]): Fault[] =>
  faults.map(({ path, message }) => ({ path: path.slice(1), message }));
