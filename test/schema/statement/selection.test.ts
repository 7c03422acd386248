import { type GraphQLObjectType, getNamedType, isLeafType } from 'graphql';
import { describe, expect, it } from 'vitest';
import { schema } from '../../../src/schema/schema.ts';
import type { TestGraphql } from '../../support/graphql.ts';
import { makeRandomRecord } from '../../support/randomRecord.ts';
import { useGraphql } from '../../support/useGraphql.ts';

let graphql: TestGraphql;
useGraphql(
  (db) => makeRandomRecord(db, { seed: 7, length: 60 }),
  (used) => {
    graphql = used.graphql;
  },
);

/** Below fields that are things of their own, what is enough to tell one from another. */
const THINGS = ['Actor', 'Topic', 'Event', 'Source', 'Statement'];

/** Arguments that a field requires. */
const ARGUMENTS: Readonly<Record<string, string>> = { account: '(speaker: "actor-1")' };

/** Each field of a type alone, with every single field below it. */
function selections(type: GraphQLObjectType): string[] {
  return Object.values(type.getFields()).flatMap((field) => {
    const below = getNamedType(field.type);
    if (isLeafType(below)) return [`${field.name}${ARGUMENTS[field.name] ?? ''}`];
    if (THINGS.includes(below.name)) return [`${field.name} { slug }`];
    return selections(below as GraphQLObjectType).map((selection) => `${field.name} { ${selection} }`);
  });
}

const STATEMENT = schema.getType('Statement') as GraphQLObjectType;
const EACH = selections(STATEMENT);
const LISTS: [string, (selection: string) => string][] = [
  ['a list', (selection) => `{ statements(FILTER, first: 100) { nodes { ${selection} } } }`],
  [
    'a list by relevance',
    (selection) => `{ statements(SEARCH, orderBy: RELEVANCE) { edges { node { ${selection} } } } }`,
  ],
  ['a list by record', (selection) => `{ statements(orderBy: RECORDED_DESC) { nodes { ${selection} } } }`],
  [
    'the list of an actor',
    (selection) => `{ actor(slug: "actor-1") { statements(FILTER) { nodes { ${selection} } } } }`,
  ],
  ['one statement', (selection) => `{ statement(slug: "SLUG") { ${selection} } }`],
];

describe('a field of a statement', () => {
  it('is there to be asked for, and so are the fields below it', () => {
    expect(EACH.length).toBeGreaterThan(35);
    expect(EACH).toContain('topics { stance }');
  });

  it.each(LISTS)('gives alone, in %s, what it gives among all others', async (_, list) => {
    const { statements } = await graphql.data<{ statements: { nodes: { slug: string }[] } }>(
      '{ statements(first: 1, filter: { includeRetracted: true, search: "sentence" }) { nodes { slug } } }',
    );
    const query = (selection: string) =>
      list(selection)
        .replace('SEARCH', 'filter: { search: "sentence" }')
        .replace('FILTER', 'filter: { includeRetracted: true }')
        .replace('SLUG', String(statements.nodes[0]?.slug));
    const named = EACH.map((selection, i) => `f${i}: ${selection}`);
    const all = await graphql.data<object>(query(named.join('\n')));
    for (const [i, selection] of named.entries()) {
      const alone = await graphql.data<object>(query(selection));
      expect(alone, EACH[i]).toEqual(only(all, `f${i}`));
    }
  });
});

/** The same answer with one field of each statement. */
function only(value: unknown, alias: string): unknown {
  if (Array.isArray(value)) return value.map((item) => only(item, alias));
  if (typeof value !== 'object' || value === null) return value;
  if (alias in value) return { [alias]: value[alias as keyof typeof value] };
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, only(inner, alias)]));
}
