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

/** A field of an input. */
export interface InputField {
  readonly name: string;
  /** Of its value, or of each item of a list. */
  readonly type: JsonSchema['type'];
  readonly isList: boolean;
  /** The fields of its value, or of each item; null where these are single values. */
  readonly fields: readonly InputField[] | null;
}

/** The fields of an input, in their order. */
export function fieldsOf(shape: z.ZodType): readonly InputField[] {
  const { $defs = {}, ...root } = jsonSchemaOf(shape);
  const resolve = (schema: JsonSchema): JsonSchema =>
    (schema.$ref && ($defs as Record<string, JsonSchema>)[schema.$ref.slice('#/$defs/'.length)]) || schema;
  const fieldsIn = (object: JsonSchema): readonly InputField[] =>
    Object.entries(object.properties ?? {}).map(([name, schema]) => {
      const field = resolve(schema as JsonSchema);
      const value = field.items === undefined ? field : resolve(field.items as JsonSchema);
      return {
        name,
        type: value.type,
        isList: field.items !== undefined,
        fields: value.type === 'object' ? fieldsIn(value) : null,
      };
    });
  return fieldsIn(resolve(root));
}
