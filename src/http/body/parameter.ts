import { ReadoutError } from '../../base/errors.ts';

/** Content types of JSON; a page of another origin can't send them unless the browser has asked first. */
export const JSON_TYPE = /^application\/([\w.+-]+\+)?json\s*(;|$)/i;

/**
 * A parameter that is an object, as such or as JSON; null where it is not given.
 * @throws ReadoutError INVALID_INPUT for anything else.
 */
export function parseObject(name: string, given: unknown): Record<string, unknown> | null {
  let value = given;
  if (typeof value === 'string') {
    try {
      value = value === '' ? null : JSON.parse(value);
    } catch {
      value = undefined; // refused below
    }
  }
  if (value === undefined && given === undefined) return null;
  if (value === null) return null;
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw new ReadoutError('INVALID_INPUT', `The parameter “${name}” must be a JSON object.`, [name]);
  }
  return value as Record<string, unknown>;
}
