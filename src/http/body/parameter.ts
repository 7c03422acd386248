import { ReadoutError } from '../../base/errors.ts';

/** Content types of JSON. A page of another origin can send them only after a preflight. */
export const JSON_TYPE = /^application\/([\w.+-]+\+)?json\s*(;|$)/i;

/**
 * A parameter that is an object, or the JSON of one; null where it is missing.
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
