import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REQUEST_POINTS } from '../../../src/http/cost/prices.ts';
import { SUGGESTION_POINTS } from '../../../src/http/graphql/unknownSlugs.ts';
import { SUGGESTED_SLUGS_MAX, SUGGESTIONS_MAX, WARNINGS_MAX } from '../../../src/read/memory/unknownSlugs.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { recordSql } from '../../support/graphql.ts';
import { bearer, startTestService, type TestService } from '../../support/service.ts';

interface Warning {
  readonly code: string;
  readonly path: readonly (string | number)[];
  readonly value: string;
  readonly suggestions: readonly string[];
  readonly message: string;
}
interface Answer {
  readonly data: unknown;
  readonly errors?: readonly { readonly message: string; readonly extensions: Record<string, unknown> }[];
  readonly extensions?: { readonly warnings: readonly Warning[]; readonly hasMoreWarnings?: boolean };
}

let test: TestDatabase;
let service: TestService;
beforeAll(async () => {
  test = await createTestDatabase({ seeded: true });
  service = await startTestService(test.url);
});
afterAll(async () => {
  await service.stop();
  await test.drop();
});

async function ask(query: string, variables = {}, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await fetch(`${service.origin}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query, variables }),
  });
  return (await response.json()) as Answer;
}

async function warnings(query: string, variables = {}): Promise<readonly Warning[]> {
  const { errors, extensions } = await ask(query, variables);
  expect(errors).toBeUndefined();
  return extensions?.warnings ?? [];
}

describe('an answer to a query with an unknown slug', () => {
  it('costs the search for suggestions, as it is estimated beforehand', async () => {
    const query = '{ statements(filter: { speakers: ["vladimir-puttin"] }) { totalCount } }';
    const { extensions } = await ask(query, {}, { 'x-readout-cost': '1' });
    const { cost } = extensions as unknown as { cost: number };
    expect(cost).toBeGreaterThanOrEqual(REQUEST_POINTS + SUGGESTION_POINTS);
  });

  it('names the argument, the slug and what may have been meant', async () => {
    const query =
      '{ statements(filter: { speakers: ["vladimir-putin", "macron"] }, first: 1) { totalCount } }';
    expect(await warnings(query)).toEqual([
      {
        code: 'UNKNOWN_SLUG',
        path: ['filter', 'speakers', 1],
        value: 'macron',
        suggestions: ['emmanuel-macron'],
        message: 'The record has no actor “macron”. Did you mean emmanuel-macron?',
      },
    ]);
  });

  it.each([
    [
      '{ statements(filter: { not: { any: [{ topics: ["ceasefire"] }] } }) { totalCount } }',
      'filter.not.any.0.topics.0',
    ],
    [
      '{ statements(filter: { positions: [{ topic: "ceasefire", stance: SUPPORTS }] }) { totalCount } }',
      'filter.positions.0.topic',
    ],
    ['{ statementCounts(filter: { speakers: ["macron"] }, by: [ACT]) { total } }', 'filter.speakers.0'],
    ['{ statements(filter: { events: ["call-2025-07-02"] }) { totalCount } }', 'filter.events.0'],
    ['{ statements(filter: { sources: ["article"] }) { totalCount } }', 'filter.sources.0'],
    ['{ statements(filter: { addressees: ["Emmanuel Macron"] }) { totalCount } }', 'filter.addressees.0'],
    [
      '{ actors(first: 3) { nodes { statements(filter: { attributedTo: ["kremlinn"] }) { totalCount } } } }',
      'filter.attributedTo.0',
    ],
    ['{ actor(slug: "macron") { name } }', 'slug'],
    ['{ topic(slug: "ceasefire") { name } }', 'slug'],
    ['{ event(slug: "call-2025-07-02") { name } }', 'slug'],
    ['{ source(slug: "article") { title } }', 'slug'],
    ['{ events(participants: ["macron"]) { nodes { name } } }', 'participants.0'],
    ['{ actor(slug: "emmanuel-macron") { positions(topics: ["ceasefire"]) { stance } } }', 'topics.0'],
  ])('warns with a suggestion: %s', async (query, path) => {
    const [warning, ...others] = await warnings(query);
    expect(others).toEqual([]);
    expect(warning?.path.join('.')).toBe(path);
    expect(warning?.suggestions.length, JSON.stringify(warning)).toBeGreaterThan(0);
    expect(warning?.suggestions.length).toBeLessThanOrEqual(SUGGESTIONS_MAX);
  });

  it('is the same from the cache, and when a compiled query gives it', async () => {
    const query = '{ statements(filter: { speakers: ["putin"] }) { totalCount } }';
    const answers = [await ask(query), await ask(query), await ask(`${query} `), await ask(`${query} `)];
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(answers[0]?.extensions?.warnings).toHaveLength(1);
    const token = await bearer(test.db, 'reader', 'twice');
    for (let i = 0; i < 3; i += 1) expect(await ask(query, {}, { ...token })).toEqual(answers[0]);
  });

  it('has at most so many warnings and suggestions', async () => {
    const speakers = Array.from({ length: 100 }, (_, i) => `macron-${i}`);
    const query = 'query ($s: [String!]) { statements(filter: { speakers: $s }) { totalCount } }';
    const found = await warnings(query, { s: speakers });
    expect(found).toHaveLength(WARNINGS_MAX);
    expect((await ask(query, { s: speakers })).extensions?.hasMoreWarnings).toBe(true);
    const all = await ask(query, { s: speakers.slice(0, WARNINGS_MAX) });
    expect(all.extensions).not.toHaveProperty('hasMoreWarnings');
    expect(found.filter(({ suggestions }) => suggestions.length > 0).length).toBeLessThanOrEqual(
      SUGGESTED_SLUGS_MAX,
    );
  });

  it('repeats no long text, and does not fail on odd ones', async () => {
    for (const slug of ['x'.repeat(50_000), '', ' ', '\0', '%', 'É—Ö', '\ud800', 'ж'.repeat(80)]) {
      const [warning] = await warnings('query ($slug: String!) { actor(slug: $slug) { name } }', { slug });
      expect(warning?.code).toBe('UNKNOWN_SLUG');
      expect(warning?.value.length).toBeLessThanOrEqual(80);
    }
  });
});

describe('an answer to a query whose slugs are all known', () => {
  it('has no warnings, and costs no SQL for them', async () => {
    const query =
      '{ statements(filter: { speakers: ["emmanuel-macron"], topics: ["nuclear-non-proliferation"] }) { totalCount } }';
    expect((await ask(query)).extensions).toBeUndefined();
    const other = query.replace('totalCount', 'count: totalCount'); // the cache has no answer to it
    const sql = recordSql(service.db);
    expect((await ask(other)).extensions).toBeUndefined();
    expect(sql.filter((text) => text.includes('FROM statement'))).toHaveLength(1);
    expect(sql.filter((text) => text.includes('FROM actor') || text.includes('search_'))).toEqual(
      sql.filter((text) => text.includes('FROM statement')).filter((text) => text.includes('FROM actor')),
    );
  });
});

describe('a refused mutation', () => {
  it('suggests slugs for unknown references, in its faults and its message', async () => {
    const { errors } = await ask(
      `mutation { saveEvent(input: { name: "A call", kind: CALL, date: "2026-01-01", participants: ["macron", "putin", "qzxv"] }) { event { slug } } }`,
      {},
      { ...(await bearer(test.db, 'recorder', 'suggested')) },
    );
    const [error] = errors ?? [];
    expect(error?.extensions).toMatchObject({
      code: 'INVALID_INPUT',
      faults: [
        { path: ['input', 'participants', 0], missing: 'actor macron', suggestions: ['emmanuel-macron'] },
        { path: ['input', 'participants', 1], missing: 'actor putin', suggestions: ['vladimir-putin'] },
        { path: ['input', 'participants', 2], missing: 'actor qzxv', suggestions: [] },
      ],
    });
    expect(error?.message).toContain('For “macron”, did you mean emmanuel-macron?');
    expect(error?.message).toContain('For “putin”, did you mean vladimir-putin?');
  });
});
