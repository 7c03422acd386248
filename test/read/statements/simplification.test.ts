import { describe, expect, it } from 'vitest';
import { Catalog } from '../../../src/read/memory/catalog.ts';
import { ALWAYS, countConditions, NEVER } from '../../../src/read/statements/condition.ts';
import { parseFilter, type StatementFilterInput } from '../../../src/read/statements/filter.ts';
import { requiredMarks } from '../../../src/read/statements/marks.ts';
import { MatchLoaders } from '../../../src/read/statements/matchLoaders.ts';
import { simplify } from '../../../src/read/statements/simplification.ts';
import type { TestDatabase } from '../../support/database.ts';
import { recordSql, type TestGraphql } from '../../support/graphql.ts';
import { useGraphql } from '../../support/useGraphql.ts';

/** With retracted statements, so that nothing is added to what is asked for. */
const simplified = (filter: StatementFilterInput) => parseFilter({ ...filter, includeRetracted: true });
const speakers = (...slugs: string[]) => ({ type: 'actors', role: 'speaker', slugs });

describe('a filter is simplified', () => {
  it.each<[string, StatementFilterInput, unknown]>([
    ['nothing asked for', {}, ALWAYS],
    ['an empty list', { speakers: [] }, NEVER],
    ['an empty list beside others', { speakers: [], topics: ['a'] }, NEVER],
    ['a list of what no slug can be', { topics: ['No slug', '', 'x'.repeat(81)] }, NEVER],
    ['no alternatives', { any: [] }, NEVER],
    ['no positions', { positions: [] }, NEVER],
    ['alternatives that are never met', { any: [{ acts: [] }, { not: {} }] }, NEVER],
    ['an alternative that is always met', { any: [{ speakers: ['a'] }, {}] }, ALWAYS],
    ['the negation of what is never met', { not: { events: [] } }, ALWAYS],
    ['the negation of a negation', { not: { not: { speakers: ['a'] } } }, speakers('a')],
    ['one alternative', { any: [{ speakers: ['a'] }] }, speakers('a')],
    ['an alternative that is never met', { any: [{ speakers: ['a'] }, { modes: [] }] }, speakers('a')],
    ['slugs in any order, repeated', { speakers: ['b', 'a', 'b'] }, speakers('a', 'b')],
    [
      'alternatives of one kind, in one another',
      { any: [{ speakers: ['b'] }, { any: [{ speakers: ['c'] }, { any: [{ speakers: ['a'] }] }] }] },
      speakers('a', 'b', 'c'),
    ],
    [
      'alternatives of several kinds',
      { any: [{ acts: ['STATE'] }, { speakers: ['b'] }, { speakers: ['a'] }, { acts: ['ACCUSE', 'STATE'] }] },
      { type: 'any', conditions: [speakers('a', 'b'), { type: 'acts', values: ['ACCUSE', 'STATE'] }] },
    ],
    [
      'conditions that stand twice',
      { search: 'x', any: [{ search: 'x', any: [{ search: 'x' }] }] },
      { type: 'search', text: 'x' },
    ],
    [
      'topics with and without those below them',
      { any: [{ topics: ['a'] }, { topics: ['a'], includeSubtopics: false }] },
      {
        type: 'any',
        conditions: [
          { type: 'topics', slugs: ['a'], subtopics: false },
          { type: 'topics', slugs: ['a'], subtopics: true },
        ],
      },
    ],
  ])('that has %s', (_, filter, condition) => {
    expect(simplified(filter)).toEqual(condition);
  });

  it('to a result that simplifying again does not change', () => {
    const condition = simplified({
      any: [{ speakers: ['b', 'a'], not: { acts: ['STATE'] } }, { search: 'x' }],
    });
    expect(simplify(condition)).toEqual(condition);
  });

  it('and its size is that of the result', () => {
    const empty = { speakers: [], addressees: [], attributedTo: [], events: [], sources: [], topics: [] };
    const filter = { speakers: ['anna'], any: [...Array.from({ length: 65 }, () => empty), {}] };
    expect(countConditions(simplified(filter))).toBe(countConditions(simplified({ speakers: ['anna'] })));
    expect(countConditions(simplified({ not: { speakers: ['anna'] } }))).toBe(2);
  });
});

describe('a filter that no statement can meet', () => {
  let test: TestDatabase;
  let graphql: TestGraphql;
  useGraphql('seed', (used) => {
    ({ test, graphql } = used);
  });

  it('is answered without SQL', async () => {
    const query = `query ($filter: StatementFilter) {
      statements(filter: $filter) { totalCount nodes { text } pageInfo { hasNextPage } } }`;
    const sql = recordSql(test.db);
    const data = await graphql.data(query, { filter: { any: [{ speakers: [] }, { topics: [] }] } });
    expect(data).toEqual({ statements: { totalCount: 0, nodes: [], pageInfo: { hasNextPage: false } } });
    expect(sql).toEqual([]);
  });

  it('concerns no change', async () => {
    const names = await new MatchLoaders(test.db, new Catalog()).prepare(NEVER);
    expect(requiredMarks(NEVER, names)).toEqual([]);
  });
});
