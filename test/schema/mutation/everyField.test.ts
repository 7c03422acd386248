import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { type GraphQLObjectType, getNamedType, isObjectType } from 'graphql';
import pg from 'pg';
import { expect, it } from 'vitest';
import type { z } from 'zod';
import { sha256 } from '../../../src/domain/anchor.ts';
import { type JsonSchema, jsonSchemaOf } from '../../../src/domain/input/jsonSchema.ts';
import {
  saveActorInput,
  saveCollectionInput,
  saveEventInput,
  saveSourceInput,
  saveTopicInput,
} from '../../../src/domain/input/noun.ts';
import { statementInput as statementShape } from '../../../src/domain/input/statement.ts';
import { rowOf, STATEMENT_COLUMNS, statementOf } from '../../../src/import/cells.ts';
import { schema } from '../../../src/schema/schema.ts';
import { verifyDatabase } from '../../../src/verify/history.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { exportedContent, exportedHistory, linesOf, loadContent, restored } from '../../support/exported.ts';
import { type TestRecorder, useService } from '../../support/useService.ts';
import { makeWorld, record, statementInput } from '../../support/world.ts';

/*
 * Saves each noun with every field of its shape set, and reads every field back. The values and the selections come from the
 * shapes, so that a field that is added to a shape is covered at once.
 */

type Input = Record<string, unknown>;

const TEXT = 'The text of a source.';
const SPAN = TEXT.slice(0, 8);

/** What a slug in a field refers to, in the record of the test. */
const REFERENCES: Readonly<Record<string, string>> = {
  in: 'boris',
  actor: 'clara',
  participants: 'anna',
  publisher: 'daily-news',
  speakers: 'anna',
  addressees: 'boris',
  onBehalfOf: 'boris',
  topic: 'truce',
  parent: 'peace',
  events: 'talks',
  source: 'second-source',
  to: 'earlier',
};

/** Values of fields that depend on one another. */
const DEPENDENT: Readonly<Record<string, Input>> = {
  AliasInput: { from: '2020-01-01', to: '2021' },
  AffiliationInput: { from: '2020-03~', to: '2021-12-31' },
  SaveSourceInput: { text: TEXT, length: TEXT.length, digest: sha256(TEXT) },
  // An actor of a mention is a speaker, too.
  MentionInput: { actor: REFERENCES.speakers },
  AnchorInput: { start: 0, end: SPAN.length, exact: SPAN, digest: sha256(SPAN) },
};

/** Fields of the output that have another name than in the input. */
const OUTPUT_NAMES: Readonly<Record<string, string>> = {
  'LinkInput.to': 'statement',
  'AliasInput.from': 'since',
  'AliasInput.to': 'until',
  'AffiliationInput.from': 'since',
  'AffiliationInput.to': 'until',
};
/** A field of inputs that is no content. */
const GUARD = 'ifPosition';

let serial = 0;

/** A value for a field, another one at each call where the field has more than one. */
function exampleOf(path: string, field: JsonSchema, definitions: Record<string, JsonSchema>): unknown {
  serial += 1;
  const name = path.split('.').at(-1) as string;
  if (field.items) return [exampleOf(path, field.items as JsonSchema, definitions)];
  const id = field.$ref?.slice('#/$defs/'.length);
  const target = (id && definitions[id]) || field;
  if (target.type === 'object') return everyField(id as string, target, definitions);
  if (target.enum) return target.enum.at(-1);
  if (id === 'Slug') {
    const slug = name === 'slug' ? `noun-${serial}` : REFERENCES[name];
    assert(slug, `the test has nothing that ${path} can refer to: add it to REFERENCES`);
    return slug;
  }
  if (id === 'Scheme') return `scheme-${serial}`;
  if (id === 'Date') return `2024-01-${String(10 + (serial % 19))}`;
  if (id === 'Edtf') {
    const year = 2020 + (serial % 10);
    return serial % 2 === 0 ? `${year}-05~/${year + 10}-06` : `${year}-05-06T14:30:00+02:00`;
  }
  if (id === 'Language') return serial % 2 === 0 ? 'fr' : 'pt-BR';
  if (id === 'Sha256') return sha256(path);
  if (id === 'TimeCode') return '01:02:03.500';
  if (target.type === 'number') return target.maximum === 1 ? 0.85 : serial;
  if (target.type === 'integer') return serial;
  if (target.type === 'boolean') return true;
  assert.equal(target.type, 'string', `the test has no value for ${path}`);
  return target.pattern === '^https?://' ? `https://example.org/${serial}` : `${path} ${serial}`;
}

function everyField(type: string, object: JsonSchema, definitions: Record<string, JsonSchema>): Input {
  const properties = Object.entries(object.properties ?? {}).filter(([name]) => name !== GUARD);
  const fields = properties.map(([name, field]) => [
    name,
    DEPENDENT[type]?.[name] ?? exampleOf(`${type}.${name}`, field as JsonSchema, definitions),
  ]);
  return Object.fromEntries(fields);
}

/** The selection that reads every field of an input back, and what turns its answer into the shape of the input. */
function readBack(
  type: string,
  definitions: Record<string, JsonSchema>,
  output: GraphQLObjectType,
): { selection: string; inputOf: (answer: Input) => Input } {
  const fields = Object.entries((definitions[type] as JsonSchema).properties ?? {})
    .filter(([name]) => name !== GUARD)
    .map(([name, field]) => {
      const shown = OUTPUT_NAMES[`${type}.${name}`] ?? name;
      const definition = output.getFields()[shown];
      assert(definition, `${type}.${name} can't be read: ${output.name} has no field ${shown}`);
      const inner = getNamedType(definition.type);
      if (!isObjectType(inner))
        return { name, selection: `${name}: ${shown}`, inputOf: (value: unknown) => value };
      const part = ((field as JsonSchema).items ?? field) as JsonSchema;
      const id = part.$ref?.slice('#/$defs/'.length) as string;
      const key = id === 'Edtf' ? 'edtf' : 'slug';
      const below =
        definitions[id]?.type === 'object'
          ? readBack(id, definitions, inner)
          : { selection: key, inputOf: (value: Input) => value[key] };
      const one = (value: unknown) => value && below.inputOf(value as Input);
      const inputOf = (value: unknown) => (Array.isArray(value) ? value.map(one) : one(value));
      return { name, selection: `${name}: ${shown} { ${below.selection} }`, inputOf };
    });
  return {
    selection: fields.map(({ selection }) => selection).join(' '),
    inputOf: (answer) => Object.fromEntries(fields.map(({ name, inputOf }) => [name, inputOf(answer[name])])),
  };
}

/** Names of the fields that were not read as they were saved. */
function forgotten(type: string, saved: Input, read: Input): string[] {
  const fields = Object.keys(saved);
  return fields
    .filter((name) => !isDeepStrictEqual(saved[name], read[name]))
    .map(
      (name) => `${type}.${name}: saved ${JSON.stringify(saved[name])}, read ${JSON.stringify(read[name])}`,
    );
}

interface Noun {
  readonly mutation: string;
  readonly type: string;
  readonly input: Input;
  readonly selection: string;
  readonly inputOf: (answer: Input) => Input;
}

function nounOf(mutation: string, output: string, shape: z.ZodObject): Noun {
  const { $ref = '', $defs = {} } = jsonSchemaOf(shape);
  const definitions = $defs as Record<string, JsonSchema>;
  const type = $ref.slice('#/$defs/'.length);
  const definition = definitions[type] as JsonSchema;
  const input = everyField(type, definition, definitions);
  return {
    mutation,
    type,
    input,
    ...readBack(type, definitions, schema.getType(output) as GraphQLObjectType),
  };
}

const NOUNS = [
  nounOf('saveActor', 'Actor', saveActorInput),
  nounOf('saveTopic', 'Topic', saveTopicInput),
  nounOf('saveSource', 'Source', saveSourceInput),
  nounOf('saveEvent', 'Event', saveEventInput),
  nounOf('saveCollection', 'Collection', saveCollectionInput),
  nounOf('recordStatement', 'Statement', statementShape),
];

let test: TestDatabase;
let recorder: TestRecorder;

useService(
  async (db) => {
    await makeWorld(db.prisma);
    await record(db, { slug: 'earlier', said: '2019' });
  },
  (used) => {
    ({ test, recorder } = used);
  },
);

async function ask(query: string, variables: Input): Promise<{ position: string } & Input> {
  const data = await recorder.data<Record<string, { position: string } & Input>>(query, variables);
  return Object.values(data)[0] as { position: string } & Input;
}

/** Saves a noun and reads it by its slug. */
async function save({
  mutation,
  type,
  input,
  selection,
  inputOf,
}: Noun): Promise<{ position: string; read: Input }> {
  const noun = mutation.replace(/^(save|record)/, '').toLowerCase();
  const { position } = await ask(`mutation ($input: ${type}!) { ${mutation}(input: $input) { position } }`, {
    input,
  });
  const answer = await ask(`query ($slug: String!) { ${noun}(slug: $slug) { ${selection} } }`, {
    slug: input.slug,
  });
  return { position, read: inputOf(answer) };
}

it.each(NOUNS)('$mutation keeps every field of its input', async (noun) => {
  const { position, read } = await save(noun);
  expect(forgotten(noun.type, noun.input, read)).toEqual([]);
  const again = await save(noun);
  expect(again, 'the same input differs from what it wrote').toEqual({ position, read });
});

/** Fields that every entry has. */
const REQUIRED = new Set(['slug', 'name', 'title', 'kind', 'date']);
const SAVES = NOUNS.filter(({ mutation }) => mutation.startsWith('save'));

it.each(SAVES)('$mutation keeps what it is not given, and clears what is null', async (noun) => {
  const { read } = await save(noun);
  const { slug } = noun.input;
  expect((await save({ ...noun, input: { slug } })).read).toEqual(read);
  for (const [name, value] of Object.entries(noun.input).filter(([field]) => !REQUIRED.has(field))) {
    // Digest and length of a text can't be cleared alone.
    const cleared = name === 'digest' || name === 'length' ? { [name]: null, text: null } : { [name]: null };
    const { read: rest } = await save({ ...noun, input: { slug, ...cleared } });
    const empty = Array.isArray(value) ? [] : null;
    const expected = Object.fromEntries(Object.keys(cleared).map((field) => [field, empty]));
    expect(rest, `${noun.mutation} with ${name}: null`).toEqual({ ...read, ...expected });
    expect((await save(noun)).read, `${noun.mutation} again with ${name}`).toEqual(read);
  }
});

it.each(SAVES)('$mutation keeps every field of the former content in the revision', async (noun) => {
  const { position } = await save(noun);
  const { slug } = noun.input;
  const of = noun.mutation.replace('save', '').toLowerCase();
  const name = 'title' in noun.input ? 'title' : 'name';
  await save({ ...noun, input: { slug, [name]: 'Another name' } });
  const answer = await ask(
    `query ($slug: String!) { ${of}(slug: $slug) { position revisionCount revisions(first: 1) { number content position by } } }`,
    { slug },
  );
  const [revision] = answer.revisions as { content: string; position: string; number: number }[];
  expect(forgotten(noun.type, noun.input, JSON.parse(revision?.content ?? '{}'))).toEqual([]);
  expect(revision?.number).toBe(answer.revisionCount);
  expect(revision?.position).toBe(answer.position);
  expect(Number(answer.position)).toBeGreaterThan(Number(position));
});

it('reviseStatement keeps every field of its input, and the revision every field of the former content', async () => {
  const { type, input, selection, inputOf } = NOUNS.at(-1) as Noun;
  const { slug: _slug, key: _key, ...changes } = input;
  const slug = 'revised-in-every-field';
  await record(test.db, { slug, said: '2018', mode: 'INDIRECT', act: 'STATE' });
  const REVISE = `mutation ($input: ReviseStatementInput!) { reviseStatement(input: $input) {
    position statement { ${selection} revisions(first: 1) { content } } } }`;
  const { statement } = await ask(REVISE, { input: { id: slug, ...changes } });
  expect(forgotten(type, { ...changes, slug }, inputOf(statement as Input))).toEqual([]);

  const bare = statementInput({ id: slug, text: 'Anna says less.' });
  const { statement: next } = await ask(REVISE, { input: bare });
  const [former] = (next as { revisions: { content: string }[] }).revisions;
  expect(forgotten(type, { ...changes, slug }, JSON.parse(former?.content ?? '{}'))).toEqual([]);
});

it('the tables hold what the log says of every field', async () => {
  for (const noun of NOUNS) await save(noun);
  const client = new pg.Client({ connectionString: test.url });
  await client.connect();
  try {
    const { mismatches } = await verifyDatabase(client, null, () => undefined);
    expect(mismatches).toEqual([]);
  } finally {
    await client.end();
  }
});

it('an export has every field, and an import of it, or a restore of its history, gives the same record', async () => {
  for (const noun of NOUNS) await save(noun);
  const { body } = await exportedContent(test.db);
  const lines = linesOf(body).flatMap((line) => Object.entries(line));
  for (const { mutation, type, input } of NOUNS) {
    const kind = mutation.replace(/^(save|record)/, '').toLowerCase();
    const [, entry] = lines.find(([of, { slug }]) => of === kind && slug === input.slug) ?? [];
    expect(forgotten(type, input, entry ?? {}), `the line of the ${kind}`).toEqual([]);
  }
  const { input } = NOUNS.find(({ type }) => type === 'RecordStatementInput') as Noun;
  const cells = rowOf(input, {}, null);
  const row = Object.fromEntries(STATEMENT_COLUMNS.map((column, i) => [column, cells[i]]));
  expect(statementOf(row).statement, 'the row of the statement').toEqual(input);

  const copy = await createTestDatabase({ seeded: false });
  const restoredCopy = await createTestDatabase({ seeded: false });
  try {
    expect(await loadContent(copy.db, body)).toEqual([]);
    expect((await exportedContent(copy.db)).body).toBe(body);
    const history = await exportedHistory(test.db);
    await restored(restoredCopy.db, history);
    expect(await exportedHistory(restoredCopy.db)).toBe(history);
  } finally {
    await copy.drop();
    await restoredCopy.drop();
  }
});
