import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { type JsonSchema, jsonSchemaOf } from '../../domain/input/jsonSchema.ts';
import { actorInput, eventInput, sourceInput, topicInput } from '../../domain/input/noun.ts';
import { statementInput } from '../../domain/input/statement.ts';

/** The form of a seed file. Each list has the shape of the input that records one of its entries. */
const seedFileShape = z
  .strictObject({
    actors: z.array(actorInput).describe('Who speaks or is spoken of, in any order.'),
    topics: z.array(topicInput).describe('What statements are about, as a tree, in any order.'),
    sources: z.array(sourceInput).describe('The documents that statements are taken from.'),
    events: z.array(eventInput).describe('Occasions that statements are about or were made at.'),
    statements: z
      .array(statementInput)
      .describe('What was said. A statement comes after the statements of the file that it links to.'),
  })
  .partial()
  .meta({
    title: 'Readout seed file',
    description:
      'Actors, topics, sources, events and statements for the record, in YAML or JSON. Everything refers by slug, to this file or to ' +
      'the record. Every list may be left out. The service checks the rest when it loads the file, and refuses a file with any fault: ' +
      'that a slug exists, that a stance is on a topic with a proposition, that an anchor ends after it starts and lies within its ' +
      'source, that a link goes to an earlier statement.',
  });

/** Fields that a seed file must have beside those that an input must have. */
const REQUIRED_IN_FILES: Readonly<Record<string, readonly string[]>> = {
  ActorInput: ['slug'],
  TopicInput: ['slug'],
  SourceInput: ['slug', 'publishedOn', 'language', 'digest', 'length'],
  EventInput: ['slug', 'participants'],
  RecordStatementInput: ['slug', 'anchors'],
};

const oneOf = (fields: readonly string[]) => ({ anyOf: fields.map((field) => ({ required: [field] })) });

/** Fields that depend on one another, as keywords of JSON Schema. */
const DEPENDENT_FIELDS: Readonly<Record<string, object>> = {
  RecordStatementInput: {
    if: { properties: { mode: { const: 'DIRECT' } }, required: ['mode'] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema.
    then: { required: ['quote'] },
    allOf: [
      oneOf(['text', 'quote']),
      {
        anyOf: ['speakers', 'mentions'].map((list) => ({
          required: [list],
          properties: { [list]: { type: 'array', minItems: 1 } },
        })),
      },
    ],
  },
  AnchorInput: {
    dependentRequired: { start: ['end', 'digest'], end: ['start'] },
    ...oneOf(['start', 'page', 'paragraph', 'timeCode']),
  },
};

/** A list of slugs names nothing twice, and a list that a file must have is not empty. */
function strictField(field: JsonSchema, isRequired: boolean): JsonSchema {
  if (field.type !== 'array') return field;
  const isSlugs = (field.items as JsonSchema).$ref === '#/$defs/Slug';
  return { ...field, ...(isSlugs && { uniqueItems: true }), ...(isRequired && !isSlugs && { minItems: 1 }) };
}

function strictDefinition(name: string, definition: JsonSchema): JsonSchema {
  if (definition.type !== 'object') return definition;
  const inFiles = REQUIRED_IN_FILES[name] ?? [];
  const properties = Object.entries(definition.properties ?? {}).map(([field, schema]) => [
    field,
    strictField(schema as JsonSchema, inFiles.includes(field)),
  ]);
  return {
    ...definition,
    properties: Object.fromEntries(properties),
    required: [...inFiles, ...(definition.required ?? [])],
    ...DEPENDENT_FIELDS[name],
  };
}

/** JSON Schema of seed files, for editors. It requires more than the service does, so that files are written with care. */
export function makeSeedSchema(): JsonSchema {
  const { $schema, $defs = {}, ...root } = jsonSchemaOf(seedFileShape);
  const definitions = Object.entries($defs).map(([name, definition]) => [
    name,
    strictDefinition(name, definition as JsonSchema),
  ]);
  return { $schema, ...root, $defs: Object.fromEntries(definitions) };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  process.stdout.write(`${JSON.stringify(makeSeedSchema(), null, 2)}\n`);
