import { z } from 'zod';

export type JsonSchema = z.core.JSONSchema.BaseSchema;

/**
 * Describes a shape as JSON Schema, with each part that has an `id` under `$defs`. A field that may be null is described as one
 * that may be left out.
 */
export function jsonSchemaOf(shape: z.ZodType): JsonSchema {
  const described = JSON.stringify(z.toJSONSchema(shape, { io: 'input' }));
  return JSON.parse(described, (_, part: JsonSchema | null) => withoutNull(part));
}

/** zod writes null as the second alternative, or as the second type of a plain value. */
function withoutNull(part: JsonSchema | null): JsonSchema | null {
  const { anyOf, type, ...rest } = part ?? {};
  const [value, other] = (anyOf as JsonSchema[] | undefined) ?? [];
  if (value && other?.type === 'null') return { ...value, ...rest };
  if (Array.isArray(type) && type[1] === 'null') return { ...rest, type: type[0] };
  return part;
}
