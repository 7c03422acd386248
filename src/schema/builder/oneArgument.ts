import { ReadoutError } from '../../base/errors.ts';

/** An argument that was given, with its name. */
type Given<Arguments> = {
  [Name in keyof Arguments]-?: [Name, NonNullable<Arguments[Name]>];
}[keyof Arguments];

/**
 * The name and the value of the one argument that a look-up was given.
 * @throws ReadoutError INVALID_INPUT for none or several.
 */
export function oneArgument<Arguments extends object>(field: string, given: Arguments): Given<Arguments> {
  const names = Object.keys(given) as (keyof Arguments)[];
  const [name, other] = names.filter((argument) => given[argument] != null);
  if (name === undefined || other !== undefined) {
    throw new ReadoutError(
      'INVALID_INPUT',
      `“${field}” needs exactly one of its arguments${name === undefined ? '' : `, and was given ${String(name)} and ${String(other)}`}.`,
      name === undefined ? [] : [String(other)],
    );
  }
  return [name, given[name]] as Given<Arguments>;
}
