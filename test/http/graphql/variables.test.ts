import { type GraphQLError, getVariableValues, type OperationDefinitionNode, parse } from 'graphql';
import { expect, it } from 'vitest';
import { type CheckedVariables, checkVariables, hasLongList } from '../../../src/http/graphql/variables.ts';
import { schema } from '../../../src/schema/schema.ts';

const LIST_LENGTH = 30;

const definitionsOf = (variables: string) => {
  const [operation] = parse(`mutation (${variables}) { __typename }`).definitions;
  return (operation as OperationDefinitionNode).variableDefinitions ?? [];
};

/** The result of the check, and the number of its steps. */
function check(variables: string, values: Record<string, unknown>): CheckedVariables & { steps: number } {
  const work = checkVariables(schema, definitionsOf(variables), values);
  for (let steps = 0; ; steps += 1) {
    const { done, value } = work.next();
    if (done) return { ...(value as CheckedVariables), steps };
  }
}

const topics = (make: (i: number) => object) =>
  Array.from({ length: LIST_LENGTH }, (_, i) => ({ slug: `topic-${i}`, ...make(i) }));
const LIST = '$input: [SaveTopicInput!]!';

it('checks each item of a long list in a step, and gives what graphql-js gives', () => {
  const variables = `${LIST} $first: Int = 3 $none: String`;
  const values = { input: topics(() => ({ identifiers: { scheme: 'x', value: 'y' } })) };
  const { steps, ...checked } = check(variables, values);
  expect(steps).toBe(LIST_LENGTH);
  expect(checked).toEqual(getVariableValues(schema, definitionsOf(variables), values));
});

it('names the place of each wrong value, with the words of graphql-js for it', () => {
  const values = {
    input: topics((i) => (i === 7 ? { name: 1, colour: 'red' } : i === 9 ? { slug: [] } : {})),
  };
  const { errors = [] } = check(LIST, values);
  const { errors: known = [] } = getVariableValues(schema, definitionsOf(LIST), values);
  const after = ({ message }: GraphQLError) => message.slice(message.lastIndexOf('; ') + 2);
  expect(errors.map(after)).toEqual(known.map(after));
  expect(errors.map(({ message }) => message)).toEqual([
    expect.stringContaining('"input[7].name"'),
    expect.stringContaining('"input[7]"'),
    expect.stringContaining('"input[9].slug"'),
  ]);
  expect(errors[0]?.locations).toEqual(known[0]?.locations);
});

it('stops after as many errors as graphql-js', () => {
  const values = { input: topics(() => ({ identifiers: [1, 2, 3] })) };
  const { errors = [], steps } = check(LIST, values);
  const { errors: known } = getVariableValues(schema, definitionsOf(LIST), values, { maxErrors: 50 });
  expect(errors).toHaveLength(known?.length ?? 0);
  expect(errors.at(-1)?.message).toBe(known?.at(-1)?.message);
  expect(steps).toBeLessThan(LIST_LENGTH);
});

it('reports what graphql-js reports for a list in place of an object, and for a missing or null variable', () => {
  for (const values of [{ input: topics(() => ({})) }, {}, { input: null }]) {
    const { errors } = check('$input: SaveTopicInput!', values);
    expect(errors?.map(({ message }) => message)).toEqual(
      getVariableValues(schema, definitionsOf('$input: SaveTopicInput!'), values).errors?.map(
        (e) => e.message,
      ),
    );
  }
});

it('takes steps for long lists only', () => {
  expect(hasLongList({ input: topics(() => ({})) })).toBe(true);
  expect(hasLongList({ input: [{}], text: 'x'.repeat(100) })).toBe(false);
});
