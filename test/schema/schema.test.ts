import { readFileSync } from 'node:fs';
import { isEnumType, isInputObjectType, isInterfaceType, isObjectType, isSpecifiedScalarType } from 'graphql';
import { describe, expect, it } from 'vitest';
import { printSdl } from '../../src/schema/print.ts';
import { schema } from '../../src/schema/schema.ts';

const types = Object.values(schema.getTypeMap()).filter(
  (type) => !type.name.startsWith('__') && !isSpecifiedScalarType(type),
);

/** Everything in the schema that a client reads about, by its coordinate, with its description. */
function described(): [string, string | null | undefined][] {
  return types.flatMap((type): [string, string | null | undefined][] => {
    const own: [string, string | null | undefined][] = [[type.name, type.description]];
    if (isEnumType(type))
      return own.concat(type.getValues().map((value) => [`${type.name}.${value.name}`, value.description]));
    if (isInputObjectType(type)) {
      return own.concat(
        Object.values(type.getFields()).map((field) => [`${type.name}.${field.name}`, field.description]),
      );
    }
    if (!isObjectType(type) && !isInterfaceType(type)) return own;
    return Object.values(type.getFields()).reduce(
      (all, field) =>
        all
          .concat([[`${type.name}.${field.name}`, field.description]])
          .concat(
            field.args.map((arg): [string, string | null | undefined] => [
              `${type.name}.${field.name}(${arg.name}:)`,
              arg.description,
            ]),
          ),
      own,
    );
  });
}

describe('the schema', () => {
  it('is as schema.graphql says; where it changed on purpose, run `npm run schema > test/schema/schema.graphql`', () => {
    expect(printSdl()).toBe(readFileSync(new URL('schema.graphql', import.meta.url), 'utf8'));
  });

  it('describes every type, field, argument and enum value', () => {
    expect(described().length).toBeGreaterThan(200);
    expect(described().flatMap(([name, description]) => (description?.trim() ? [] : [name]))).toEqual([]);
  });

  it('says when a nullable field is null', () => {
    const silent = types.flatMap((type) => {
      if (!isObjectType(type) || type.name === 'Mutation') return [];
      return Object.values(type.getFields()).flatMap((field) =>
        String(field.type).endsWith('!') ||
        /\bnull\b|\bNull\b|only where|only with/.test(field.description ?? '')
          ? []
          : [`${type.name}.${field.name}`],
      );
    });
    expect(silent).toEqual([]);
  });

  it('ends its descriptions as sentences', () => {
    const odd = described().flatMap(([name, description]) =>
      /[.:)`]$/.test(description?.trim() ?? '') ? [] : [`${name}: ${description}`],
    );
    expect(odd).toEqual([]);
  });

  it('has what the contract names', () => {
    const fields = (name: string): string[] => {
      const type = schema.getType(name);
      return isObjectType(type) || isInputObjectType(type) ? Object.keys(type.getFields()) : [];
    };
    const contract: Record<string, string> = {
      Query:
        'node nodes record actor actors topic topics source sources event events statement statements changes',
      Record: 'position cursor digest genesis epoch statements actors topics sources events version',
      Statement:
        'id slug text quote language mode act speakers addressees attribution said topics events source anchors links linkedFrom status retraction revisions recordedAt position',
      Actor: 'id slug name kind description aliases affiliations members statements positions',
      Topic: 'id slug name description proposition parent children statements positions',
      Event: 'id slug name kind date participants statements accounts comparison',
      Source: 'id slug title publisher url publishedOn language digest length text statements',
      StatementFilter:
        'speakers addressees attributedTo topics sources events modes acts stances saidFrom saidTo search includeSubtopics includeRetracted not any',
      Alias: 'name language metonym from to',
      Affiliation: 'actor in role from to',
      Attribution: 'actor form',
      Anchor: 'start end digest exact',
      FuzzyDate: 'edtf earliest latest',
      ComparisonRow: 'topic cells verdict',
      ComparisonCell: 'side statements stance',
      Account: 'side statements',
      StatementConnection: 'edges nodes pageInfo totalCount',
    };
    for (const [type, names] of Object.entries(contract)) {
      expect(fields(type), type).toEqual(expect.arrayContaining(names.split(' ')));
    }
    const orders = schema.getType('StatementOrder');
    expect(isEnumType(orders) && orders.getValues().map(({ name }) => name)).toEqual(
      expect.arrayContaining(['SAID_ON_DESC', 'SAID_ON_ASC', 'RECORDED_DESC', 'RELEVANCE']),
    );
  });
});
