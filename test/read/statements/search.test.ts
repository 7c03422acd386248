import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordStatements } from '../../../src/domain/statement/record/record.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { createTestGraphql, type TestGraphql } from '../../support/graphql.ts';
import { saveActor, saveSource } from '../../support/saves.ts';

let test: TestDatabase;
let graphql: TestGraphql;

/** Text and quote by slug; recorded in this order, all said on the same day. */
const STATEMENTS: Record<string, { text: string; quote?: string }> = {
  negotiated: { text: 'The parties negotiated for hours.' },
  negotiations: { text: 'Negotiations on a ceasefire will go on in Geneva.' },
  ceasefire: { text: 'A ceasefire without delay.', quote: 'We want a ceasefire, a ceasefire now' },
  fire: { text: 'The artillery did not cease its fire.' },
  elysee: { text: 'The Élysée confirmed the call.' },
  elysee2: { text: 'Elysee officials were silent.' },
  quoted: { text: 'The minister spoke briefly.', quote: 'Zaporizhzhia must be protected' },
  proliferation: { text: 'The non-proliferation framework matters.' },
  treaty: { text: 'The treaty on the non proliferation of weapons.' },
  moscow: { text: 'Москва подтвердила переговоры.' },
  apostrophe: { text: 'Iran’s right is beyond doubt.' },
  number: { text: 'Resolution 2231 expires on 18 October.' },
};

beforeAll(async () => {
  test = await createTestDatabase({ seeded: false });
  await test.db.prisma.$transaction(async (tx) => {
    await saveActor(tx, { slug: 'speaker', name: 'Speaker', kind: 'PERSON' }, 'test');
    await saveSource(tx, { slug: 'source', title: 'Source' }, 'test');
  });
  const inputs = Object.entries(STATEMENTS).map(([slug, words]) => ({
    slug,
    ...words,
    mode: 'INDIRECT',
    act: 'STATE',
    speakers: ['speaker'],
    said: '2025-07-01',
    source: 'source',
  }));
  await recordStatements(test.db.prisma, inputs, 'test');
  graphql = await createTestGraphql(test.db);
});
afterAll(async () => {
  await graphql.stop();
  await test.drop();
});

async function find(search: string, orderBy = 'RELEVANCE'): Promise<string[]> {
  const { statements } = await graphql.data<{ statements: { nodes: { slug: string }[] } }>(
    `query ($search: String, $orderBy: StatementOrder) {
      statements(filter: { search: $search }, orderBy: $orderBy) { nodes { slug } }
    }`,
    { search, orderBy },
  );
  return statements.nodes.map(({ slug }) => slug);
}

describe('full-text search', () => {
  it.each([
    ['finds other forms of a word', 'negotiate', ['negotiations', 'negotiated']],
    ['finds them the other way round', 'negotiating', ['negotiations', 'negotiated']],
    ['wants every word', 'ceasefire geneva', ['negotiations']],
    ['takes words in any order', 'Geneva ceasefire', ['negotiations']],
    ['does not mind capitals', 'CEASEFIRE GENEVA', ['negotiations']],
    ['wants quoted words next to one another and in this order', '"minister spoke"', ['quoted']],
    ['finds nothing by quoted words in another order', '"spoke minister"', []],
    ['leaves out what has a word behind a hyphen', 'ceasefire -geneva', ['ceasefire']],
    ['wants a word behind a non-breaking hyphen', 'ceasefire \u2011geneva', ['negotiations']],
    ['wants a word behind another dash', '\u2014\u2010ceasefire \u2013geneva', ['negotiations']],
    ['takes a hyphen that stands alone for a dash', 'ceasefire - geneva', ['negotiations']],
    [
      'finds everything else by a word that must not be',
      '-ceasefire -negotiate',
      ['number', 'apostrophe', 'moscow', 'treaty', 'proliferation', 'quoted', 'elysee2', 'elysee', 'fire'],
    ],
    ['takes “or” between alternatives', 'geneva or artillery', ['fire', 'negotiations']],
    ['folds accents that the record has', 'elysee', ['elysee2', 'elysee']],
    ['folds accents that the search has', 'Élysée', ['elysee2', 'elysee']],
    ['looks into the quote', 'Zaporizhzhia', ['quoted']],
    ['finds words with a hyphen', 'non-proliferation', ['proliferation']],
    ['finds words with a non-breaking hyphen', 'non\u2011proliferation', ['proliferation']],
    ['finds a part of them', 'proliferation', ['treaty', 'proliferation']],
    ['finds another script', 'Москва', ['moscow']],
    ['finds it in small letters', 'москва', ['moscow']],
    ['finds a name with its possessive', 'iran', ['apostrophe']],
    ['finds numbers', '2231', ['number']],
    ['does not find parts of words', 'cease', ['fire']],
    ['finds nothing by words that are too common', 'the', []],
    ['finds nothing by words that no statement has', 'submarine', []],
  ])('%s', async (_, search, expected) => {
    expect(await find(search)).toEqual(expected);
  });

  it('puts what speaks of it more first, in the order of relevance only', async () => {
    expect(await find('ceasefire', 'RELEVANCE')).toEqual(['ceasefire', 'negotiations']);
    expect(await find('ceasefire', 'SAID_ON_ASC')).toEqual(['negotiations', 'ceasefire']);
    expect(await find('ceasefire', 'RECORDED_DESC')).toEqual(['ceasefire', 'negotiations']);
  });

  it.each([
    '"',
    '""',
    '"open',
    '-',
    '--x',
    ' or ',
    'or or',
    '!',
    '&',
    '|',
    '<->',
    ':*',
    "'",
    '\\',
    '()',
    '(a',
    'a:*',
    '\0',
    'a\0b',
    '%',
    '🦊',
    '\ud800',
    '<script>',
    '-"the"',
  ])('takes %j for words, and does not fail', async (search) => {
    expect(Array.isArray(await find(search, 'SAID_ON_ASC'))).toBe(true);
  });

  it('ranks by whatever search there is, whatever characters it has', async () => {
    for (const search of ['"', '\0', 'a\0b', 'ceasefire\0', '🦊']) {
      expect(Array.isArray(await find(search, 'RELEVANCE')), JSON.stringify(search)).toBe(true);
    }
  });

  it('needs a search, and says so', async () => {
    for (const filter of [undefined, {}, { search: ' ' }, { not: { search: 'x' } }]) {
      const { message, extensions } = await graphql.refusal(
        'query ($filter: StatementFilter) { statements(filter: $filter, orderBy: RELEVANCE) { nodes { slug } } }',
        { filter },
      );
      expect(extensions).toMatchObject({ code: 'INVALID_INPUT', inputPath: ['orderBy'] });
      expect(message).toContain('search');
    }
  });
});
