import type { z } from 'zod';
import { fieldsOf, type InputField } from '../domain/input/jsonSchema.ts';
import type { EntryFields } from '../import/cells.ts';

const isEmpty = (value: unknown): boolean =>
  value === null || value === undefined || (Array.isArray(value) && value.length === 0);

/**
 * Makes a function that gives an entry the shape of its input: the keys in the order of the shape, without null and empty lists.
 * @throws Error for a field that the shape does not have, because an import would refuse the entry.
 */
export function entryWriter(shape: z.ZodType): (content: EntryFields) => EntryFields {
  const fields = fieldsOf(shape);
  return (content) => inOrder(content, fields);
}

function inOrder(content: EntryFields, fields: readonly InputField[]): EntryFields {
  const written: Record<string, unknown> = {};
  for (const field of fields) {
    const value = content[field.name];
    if (!isEmpty(value)) written[field.name] = valueInOrder(value, field);
  }
  for (const name in content) {
    if (!isEmpty(content[name]) && !(name in written)) throw new Error(`no input has the field ${name}`);
  }
  return written;
}

function valueInOrder(value: unknown, { fields }: InputField): unknown {
  if (fields === null) return value;
  return Array.isArray(value)
    ? value.map((item: EntryFields) => inOrder(item, fields))
    : inOrder(value as EntryFields, fields);
}
