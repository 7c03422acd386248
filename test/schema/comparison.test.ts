import { describe, expect, it } from 'vitest';
import type { TestDatabase } from '../support/database.ts';
import { DEBATE, type DebateStatement, makeDebate, topicAbove } from '../support/debate.ts';
import { recordSql, type TestGraphql } from '../support/graphql.ts';
import { useGraphql } from '../support/useGraphql.ts';

/** More than the comparison of an event once took into account. */
const LENGTH = 2_500;

let test: TestDatabase;
let graphql: TestGraphql;
let statements: DebateStatement[];
useGraphql(
  async (db) => {
    statements = await makeDebate(db, LENGTH);
  },
  (used) => {
    ({ test, graphql } = used);
  },
);

interface Counted {
  readonly side: { readonly slug: string };
  readonly statementCount: number;
}
interface Row {
  readonly topic: { readonly slug: string };
  readonly verdict: string;
  readonly cellCount: number;
  readonly cells: readonly Counted[];
}
interface Debate {
  readonly event: {
    readonly participantCount: number;
    readonly participants: readonly { readonly slug: string }[];
    readonly accountCount: number;
    readonly accounts: readonly Counted[];
    readonly comparisonRowCount: number;
    readonly comparison: readonly Row[];
  };
}

const ask = async (fields: string): Promise<Debate['event']> =>
  (await graphql.data<Debate>(`{ event(slug: "${DEBATE.slug}") { ${fields} } }`)).event;
const states = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => `state-${from + i}`);

/** Number of statements of a state, in a row or in all, counted without SQL. */
function countOf(state: number, row: number | null = null): number {
  const isIn = (topic: number | null): boolean =>
    topic !== null && (topic === row || isIn(topicAbove(topic)));
  return statements.filter((one) => one.state === state && (row === null || one.topics.some(isIn))).length;
}
const numberOf = (slug: string): number => Number(slug.split('-').at(-1));

describe('the accounts of a debate of 193 states', () => {
  it('count every statement, and only those are silent who said nothing', async () => {
    const [first, second] = await Promise.all([
      ask('accounts(first: 100) { side { slug } statementCount }'),
      ask('accounts(first: 100, offset: 100) { side { slug } statementCount }'),
    ]);
    const accounts = [...first.accounts, ...second.accounts];
    expect(accounts.map(({ side }) => side.slug)).toEqual(states(1, 193));
    for (const { side, statementCount } of accounts)
      expect(statementCount, side.slug).toBe(countOf(numberOf(side.slug)));
    expect(accounts.reduce((sum, { statementCount }) => sum + statementCount, 0)).toBe(LENGTH);
  });

  it('can be asked for by whether they are silent, with their numbers', async () => {
    const event =
      await ask(`accountCount silent: accountCount(silent: true) speaking: accountCount(silent: false)
      accounts(silent: true) { side { slug } statementCount }`);
    expect(event).toMatchObject({ accountCount: 193, silent: 3, speaking: 190 });
    expect(event.accounts).toEqual(states(191, 193).map((slug) => ({ side: { slug }, statementCount: 0 })));
  });

  it('have their statements in pages', async () => {
    const { event } = await graphql.data<{ event: { accounts: { statements: { slug: string }[] }[] } }>(
      `{ event(slug: "${DEBATE.slug}") { accounts(first: 1, offset: 4) { statements(first: 3, offset: 2) { slug } } } }`,
    );
    const own = statements.filter(({ state }) => state === 5).map(({ slug }) => slug);
    expect(event.accounts[0]?.statements.map(({ slug }) => slug)).toEqual(own.slice(2, 5));
  });

  it('are of the participants, who come in pages with their number', async () => {
    const event = await ask('participantCount participants(first: 3, offset: 100) { slug }');
    expect(event).toEqual({
      participantCount: 193,
      participants: states(101, 103).map((slug) => ({ slug })),
    });
  });
});

describe('the comparison of a debate of 193 states', () => {
  it('has an exact count in each cell, however many statements there are', async () => {
    const { comparison } = await ask(
      `comparison(first: 3) { topic { slug } cellCount cells(first: 100) { side { slug } statementCount } }`,
    );
    expect(comparison).toHaveLength(3);
    for (const { topic, cells, cellCount } of comparison) {
      expect(cellCount).toBe(193);
      expect(cells.map(({ side }) => side.slug)).toEqual(states(1, 100));
      for (const { side, statementCount } of cells) {
        expect(statementCount, `${side.slug} on ${topic.slug}`).toBe(
          countOf(numberOf(side.slug), numberOf(topic.slug)),
        );
      }
    }
  });

  it('shows 20 cells of a row unless more are asked for, and can leave out silent sides', async () => {
    const { comparison } =
      await ask(`comparisonRowCount comparison(first: 100, offset: 60) { topic { slug } cellCount(silent: false)
      cells { side { slug } } speaking: cells(silent: false, first: 100) { side { slug } statementCount } }`);
    for (const row of comparison as unknown as (Row & { speaking: Counted[] })[]) {
      const speaking = Array.from({ length: 193 }, (_, i) => i + 1).filter(
        (state) => countOf(state, numberOf(row.topic.slug)) > 0,
      );
      expect(row.cells).toHaveLength(20);
      expect(row.cellCount).toBe(speaking.length);
      expect(row.speaking.map(({ side }) => numberOf(side.slug))).toEqual(speaking.slice(0, 100));
    }
  });

  it('of some sides has their cells and a verdict about them alone', async () => {
    const sides = '(sides: ["state-7", "state-3", "state-7"])';
    const event = await ask(
      `comparisonRowCount${sides} comparison${sides} { verdict cellCount cells { side { slug } } topic { slug } }`,
    );
    const own = statements.filter(({ state }) => state === 3 || state === 7);
    const rows = new Set<number>();
    for (const { topics } of own) {
      for (const topic of topics)
        for (let row: number | null = topic; row !== null; row = topicAbove(row)) rows.add(row);
    }
    expect(new Set(event.comparison.map(({ topic }) => numberOf(topic.slug)))).toEqual(rows);
    expect(event.comparisonRowCount).toBe(rows.size);
    for (const { cells, cellCount, topic, verdict } of event.comparison) {
      expect(cellCount).toBe(2);
      expect(cells.map(({ side }) => side.slug)).toEqual(['state-3', 'state-7']);
      const bothSpeak = [3, 7].every((state) => countOf(state, numberOf(topic.slug)) > 0);
      expect(verdict === 'ONE_SIDED', topic.slug).toBe(!bothSpeak);
    }
    expect(new Set(event.comparison.map(({ verdict }) => verdict)).size).toBeGreaterThan(1);
  });

  it('of some topics has their rows only', async () => {
    const topics = '(topics: ["debate-topic-9", "debate-topic-1"])';
    const event = await ask(`comparisonRowCount${topics} comparison${topics} { topic { slug } }`);
    expect(event).toEqual({
      comparisonRowCount: 2,
      comparison: ['debate-topic-1', 'debate-topic-9'].map((slug) => ({ topic: { slug } })),
    });
  });

  it.each([
    ['an unknown side', { sides: ['state-1', 'atlantis'] }, ['sides', 1]],
    ['an actor that is no side', { sides: ['minister-1', 'state-1'] }, ['sides', 0]],
    ['one side', { sides: ['state-1', 'state-1'] }, ['sides']],
    ['no side', { sides: [] }, ['sides']],
    ['an unknown topic', { topics: ['debate-topic-1', 'nothing'] }, ['topics', 1]],
  ])('is refused for %s, with the place of the fault', async (_, variables, inputPath) => {
    const error = await graphql.refusal(
      `query ($sides: [String!], $topics: [String!]) { event(slug: "${DEBATE.slug}") { comparison(sides: $sides, topics: $topics) { verdict } } }`,
      variables,
    );
    expect(error.extensions).toMatchObject({ code: 'INVALID_INPUT', inputPath });
  });

  it('reads no statement where only counts are asked for, and few SQL statements', async () => {
    const sql = recordSql(test.db);
    await ask(`accountCount accounts { statementCount } comparisonRowCount
      comparison(first: 100) { cells(first: 100) { statementCount stance side { slug } } }`);
    expect(sql.filter((text) => /FROM statement\b/.test(text))).toEqual([]);
    expect(sql.length).toBeLessThanOrEqual(7);
  });
});
