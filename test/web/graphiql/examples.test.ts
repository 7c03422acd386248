import { Kind, parse, print, separateOperations, validate } from 'graphql';
import { describe, expect, test } from 'vitest';
import { schema } from '../../../src/schema/schema.ts';
import { examples } from '../../../src/web/graphiql/examples.ts';
import { useSeededRecord } from '../../support/seeded.ts';

/** What the examples ask, one operation each. */
const QUERIES = examples.flatMap(({ query, variables }) =>
  Object.entries(separateOperations(parse(query)))
    .filter(([, document]) => print(document).startsWith('query'))
    .map(([name, document]) => ({ name, query: print(document), variables: JSON.parse(variables || '{}') })),
);

const record = useSeededRecord();

describe('the examples', () => {
  test('parse, and begin with a comment that says what to look at', () => {
    for (const { query, name } of examples) {
      expect(parse(query).definitions.length, name).toBeGreaterThan(0);
      expect(query.startsWith('# '), name).toBe(true);
    }
  });

  test('have a named operation first, by which their tabs differ', () => {
    const names = examples.map(({ query }) => {
      const [first] = parse(query).definitions;
      return first?.kind === Kind.OPERATION_DEFINITION ? first.name?.value : undefined;
    });
    expect(names).not.toContain(undefined);
    expect(new Set(names).size).toBe(examples.length);
  });

  test('have variables that are JSON and are declared', () => {
    for (const { query, variables, name } of examples) {
      const declared = parse(query).definitions.flatMap((definition) =>
        definition.kind === Kind.OPERATION_DEFINITION ? (definition.variableDefinitions ?? []) : [],
      );
      const used = declared.map((definition) => definition.variable.name.value);
      expect(Object.keys(JSON.parse(variables || '{}')), name).toEqual([...new Set(used)]);
    }
  });

  test('are valid against the schema', () => {
    for (const { query, name } of examples) expect(validate(schema, parse(query)), name).toEqual([]);
  });

  test.each(QUERIES)('have an answer in the seed: $name', async ({ query, variables }) => {
    const answer = JSON.stringify(await record.ask(query, variables));
    expect(answer).not.toMatch(/"totalCount":0|"edges":\[\]|^\{"\w+":null/);
    expect(answer.length).toBeGreaterThan(200);
  });

  test('need a token exactly where they write', () => {
    const writing = examples.filter(({ writes }) => writes).map(({ name }) => name);
    expect(writing).toEqual(['record', 'revise', 'retract', 'mentions', 'save', 'collect', 'merge']);
  });
});
