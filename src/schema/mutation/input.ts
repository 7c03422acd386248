import assert from 'node:assert/strict';
import type { z } from 'zod';
import {
  collectionRetractionInput,
  mentionResolutionInput,
  mergeInput,
  newLinkInput,
  reanchorInput,
  retractionInput,
  revisionInput,
  splitInput,
  withdrawalInput,
} from '../../domain/input/correction.ts';
import { type JsonSchema, jsonSchemaOf } from '../../domain/input/jsonSchema.ts';
import {
  identifierInput,
  saveActorInput,
  saveCollectionInput,
  saveEventInput,
  saveSourceInput,
  saveTopicInput,
} from '../../domain/input/noun.ts';
import { statementInput } from '../../domain/input/statement.ts';
import { builder } from '../builder/builder.ts';
import {
  ActorKindEnum,
  AnchorRoleEnum,
  AnchorStatusEnum,
  AttributionFormEnum,
  EventKindEnum,
  LinkKindEnum,
  StanceEnum,
  StatementActEnum,
  StatementModeEnum,
} from '../builder/enums.ts';

/** The GraphQL types that parts of a shape have by their `id`. */
const TYPES_BY_ID = {
  ID: 'ID',
  Date: 'Date',
  Position: 'Position',
  ActorKind: ActorKindEnum,
  AnchorRole: AnchorRoleEnum,
  AnchorStatus: AnchorStatusEnum,
  AttributionForm: AttributionFormEnum,
  EventKind: EventKindEnum,
  LinkKind: LinkKindEnum,
  Stance: StanceEnum,
  StatementAct: StatementActEnum,
  StatementMode: StatementModeEnum,
} as const;
const TYPES_BY_JSON_TYPE = { string: 'String', integer: 'Int', number: 'Float', boolean: 'Boolean' } as const;

type InputRef<Value extends object> = ReturnType<ReturnType<typeof builder.inputRef<Value>>['implement']>;
type FieldType =
  | (typeof TYPES_BY_ID)[keyof typeof TYPES_BY_ID]
  | (typeof TYPES_BY_JSON_TYPE)[keyof typeof TYPES_BY_JSON_TYPE]
  | InputRef<object>;
type Definitions = Readonly<Record<string, JsonSchema>>;

const inputObjects = new Map<string, InputRef<object>>();

/** The GraphQL type of one value; not of a list. */
function typeOf(field: JsonSchema, definitions: Definitions): FieldType {
  const id = field.$ref?.slice('#/$defs/'.length) ?? '';
  if (id in TYPES_BY_ID) return TYPES_BY_ID[id as keyof typeof TYPES_BY_ID];
  const target = definitions[id] ?? field;
  if (target.type === 'object') return objectOf(id, target, definitions);
  const type = TYPES_BY_JSON_TYPE[target.type as keyof typeof TYPES_BY_JSON_TYPE];
  assert(type, `no GraphQL type is known for ${JSON.stringify(field)}`);
  return type;
}

/** The description of a field, with its limits. */
function describe({ description = '', type, maxLength, minItems, maxItems }: JsonSchema): string {
  if (type === 'array') return `${description} ${minItems ? 'At least one, at' : 'At'} most ${maxItems}.`;
  return maxLength === undefined ? description : `${description} At most ${maxLength} characters.`;
}

function objectOf(name: string, object: JsonSchema, definitions: Definitions): InputRef<object> {
  const known = inputObjects.get(name);
  if (known) return known;
  const ref = builder.inputRef<object>(name).implement({
    description: object.description,
    fields: (t) =>
      Object.fromEntries(
        Object.entries(object.properties ?? {}).map(([field, schema]) => {
          const { items, ...rest } = schema as JsonSchema;
          const type = typeOf((items as JsonSchema | undefined) ?? rest, definitions);
          const required = object.required?.includes(field) ?? false;
          const options = { required, description: describe(rest) };
          return [field, items ? t.field({ ...options, type: [type] }) : t.field({ ...options, type })];
        }),
      ),
  });
  inputObjects.set(name, ref);
  return ref;
}

/** The GraphQL input type that a shape describes. Its name, and the names of the types in it, are the `id` of each shape. */
function inputType<Shape extends z.ZodObject>(shape: Shape) {
  const { $defs = {}, ...root } = jsonSchemaOf(shape);
  return typeOf(root, $defs) as InputRef<z.input<Shape>>;
}

export const SaveActorInput = inputType(saveActorInput);
export const SaveTopicInput = inputType(saveTopicInput);
export const SaveSourceInput = inputType(saveSourceInput);
export const SaveEventInput = inputType(saveEventInput);
export const SaveCollectionInput = inputType(saveCollectionInput);
export const RetractCollectionInput = inputType(collectionRetractionInput);
export const ReanchorSourceInput = inputType(reanchorInput);
export const WithdrawInput = inputType(withdrawalInput);
export const MergeActorsInput = inputType(mergeInput);
export const SplitActorInput = inputType(splitInput);
export const ResolveMentionInput = inputType(mentionResolutionInput);
export const IdentifierInput = inputType(identifierInput);
export const RecordStatementInput = inputType(statementInput);
export const ReviseStatementInput = inputType(revisionInput);
export const RetractStatementInput = inputType(retractionInput);
export const LinkStatementsInput = inputType(newLinkInput);
