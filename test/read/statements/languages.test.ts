import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { migrate } from '../../../src/db/migrate.ts';
import { recordStatements } from '../../../src/domain/statement/record/record.ts';
import { createTestDatabase, onServer, type TestDatabase } from '../../support/database.ts';
import { recordSql } from '../../support/graphql.ts';
import { startTestService, type TestService } from '../../support/service.ts';
import { databaseUrl } from '../../support/templates.ts';
import { makeWorld, record, statementInput } from '../../support/world.ts';

/** Quotes by language, with several forms of their words. */
const QUOTES: Readonly<Record<string, readonly string[]>> = {
  german: [
    'Die Regierung will den Frieden, und wir wollen ihn auch.',
    'Beide Regierungen haben den Krieg verurteilt.',
    'Der Präsident der Republik sprach von einer Lösung.',
    'Präsidenten, Minister und ihre Lösungen: wir müssten verhandeln.',
    'Die Verhandlungen über die Kriege waren lang; man hätte verhandelt.',
    'Diese Listen sind lang.',
    'Der Most schmeckt.',
  ],
  french: [
    'Le Président a négocié avec les deux gouvernements.',
    'Les négociations de paix ont été suspendues par le gouvernement.',
    'Nous avons déclaré la première trêve de l’été.',
    'La déclaration du premier ministre était très claire.',
    'Ils négocient toujours à l’Élysée, ou près du Quai d’Orsay.',
  ],
  russian: [
    'Мы обсудили с Путиным войну и мир.',
    'Встреча Путина с министром прошла успешно.',
    'Министры обсуждали переговоры о мире.',
    'Ещё одна встреча; война не закончена, переговоров нет.',
    'Россия и её президент готовы к переговорам.',
    'Самолёты готовы.',
  ],
};
const TAGS: Readonly<Record<string, string>> = { german: 'de-AT', french: 'fr', russian: 'RU' };

const ENGLISH: Readonly<Record<string, string>> = {
  'a-list': 'He read a list of the dead.',
  'war-and-peace': 'They spoke about war—and peace.',
  'in-quotes': 'He calls them “sanctions”, nothing else.',
  'with-dots': 'It is about terrorism…and money.',
  'with-slash': 'The Ankara/Doha channel stays open.',
  'will-talk': 'The presidents will negotiate.',
};

let test: TestDatabase;
let service: TestService;
beforeAll(async () => {
  test = await createTestDatabase({ seeded: false });
  await makeWorld(test.db.prisma);
  const english = Object.entries(ENGLISH).map(([slug, text]) => statementInput({ slug, text }));
  const foreign = Object.entries(QUOTES).flatMap(([language, quotes]) =>
    quotes.map((quote, i) =>
      statementInput({
        slug: `${language}-${i}`,
        text: 'She wants it to stop.',
        quote,
        language: TAGS[language],
      }),
    ),
  );
  const own = [
    { slug: 'own-words', text: 'Немецкие министры приехали.', language: 'ru' },
    { slug: 'own-words-quoted', text: 'Deutsche Zeitungen berichten.', quote: 'Genug!', language: 'de' },
    { slug: 'no-stemmer', text: 'She spoke.', quote: 'Міністри обговорили перемир’я.', language: 'uk' },
    { slug: 'no-language', text: 'She spoke.', quote: 'Die Minister kamen.' },
  ].map(statementInput);
  await recordStatements(test.db.prisma, [...english, ...foreign, ...own], 'test');
  service = await startTestService(test.url);
});
afterAll(async () => {
  await service.stop();
  await test.drop();
});

async function find(search: string, orderBy = 'RELEVANCE'): Promise<string[]> {
  const { data } = await service.ask<{ statements: { nodes: { slug: string }[] } }>(
    `query ($search: String, $orderBy: StatementOrder) {
      statements(filter: { search: $search }, orderBy: $orderBy, first: 100) { nodes { slug } }
    }`,
    { search, orderBy },
  );
  return data?.statements.nodes.map(({ slug }) => slug).sort() ?? [];
}

describe('a search', () => {
  it.each(Object.keys(QUOTES))('finds every form of a %s word that its stemmer knows', async (language) => {
    const { rows } = await test.db.pool.query<{ word: string; slugs: string[] }>(
      `SELECT lower(token) AS word, array_agg(DISTINCT other.slug ORDER BY other.slug) AS slugs
       FROM statement s, ts_parse('default', search_text(s.quote)) AS part, statement other
       WHERE s.slug LIKE $1 || '-_' AND other.slug LIKE $1 || '-_' AND part.tokid IN (1, 2)
         AND to_tsvector($2::regconfig, search_text(other.quote)) @@ plainto_tsquery($2::regconfig, token)
       GROUP BY 1`,
      [language, `pg_catalog.${language}`],
    );
    expect(rows.length).toBeGreaterThan(15);
    expect(rows.some(({ slugs }) => slugs.length > 1)).toBe(true);
    for (const { word, slugs } of rows) {
      const found = await find(word);
      expect(
        slugs.filter((slug) => !found.includes(slug)),
        `statements that “${word}” should find`,
      ).toEqual([]);
    }
  });

  it.each([
    ['finds a word that is too common in English', 'Most', ['german-6']],
    ['does not want such a word beside others', 'most will negotiate', ['will-talk']],
    ['does not find stems of one language in another', 'Listen', ['german-5']],
    ['still finds English words of that spelling', 'list', ['a-list', 'german-5']],
    ['finds words without their accents', 'negociations', ['french-1']],
    ['finds them with other letters', 'самолет', ['russian-5']],
    ['takes words of two languages', 'stop Präsidenten', ['german-2', 'german-3']],
    ['wants quoted words of a language next to one another', '"des Kriegs"', ['german-1', 'german-4']],
    ['finds quoted words', '"négociation de paix"', ['french-1']],
    ['finds no quoted words in another order', '"paix de négociation"', []],
    ['leaves out every form of a word behind a hyphen', 'Путин -встречи', ['russian-0']],
    [
      'takes “or” between languages',
      'Regierung or гувернантка or войны',
      ['german-0', 'german-1', 'russian-0', 'russian-3'],
    ],
    ['finds a text in its own language', 'немецкий', ['own-words']],
    ['finds it beside a quote', 'Zeitung', ['own-words-quoted']],
    ['finds the very words of a language without stems', 'міністри', ['no-stemmer']],
    ['finds them with any apostrophe', 'перемирʼя', ['no-stemmer']],
    ['takes a quote without a language for English', 'Ministers', ['german-3', 'no-language']],
    ['finds words beside a dash', 'war', ['war-and-peace']],
    ['finds words within quotation marks', 'sanctions', ['in-quotes']],
    ['finds words before an ellipsis', 'terrorism', ['with-dots']],
    ['finds words beside a slash', 'Doha', ['with-slash']],
    ['finds words with a slash between them', '"Ankara / Doha"', ['with-slash']],
    ['finds words behind an apostrophe', 'Orsay Elysee', ['french-4']],
    ['does not mind quotation marks of its own', '«Путин»', ['russian-0', 'russian-1']],
  ])('%s', async (_, search, expected) => {
    expect(await find(search)).toEqual(expected);
    expect(await find(search, 'SAID_ON_DESC')).toEqual(expected);
  });

  it('without a word finds what has no form of it', async () => {
    const all = await find('-nothing', 'SAID_ON_DESC');
    const without = await find('-Regierung', 'SAID_ON_DESC');
    expect(all.filter((slug) => !without.includes(slug))).toEqual(['german-0', 'german-1']);
  });

  it('is made for a language as soon as the record has a statement in it', async () => {
    expect(await find('palabra')).toEqual([]);
    await record(test.db, {
      slug: 'spanish',
      text: 'She spoke.',
      quote: 'Las palabras bastan.',
      language: 'es',
    });
    await service.tailer.catchUp(10_000);
    expect(await find('palabra')).toEqual(['spanish']);
  });

  it('reads the languages of the record once', async () => {
    const texts = recordSql(service.db);
    for (const search of ['truce', 'war', 'peace']) await find(search);
    expect(texts.length).toBeGreaterThanOrEqual(3);
    expect(texts.filter((text) => text.includes('RECURSIVE'))).toEqual([]);
  });
});

it('signs between words are no obstacle where the character type of the database is C', async () => {
  const name = 'readout_c_type';
  await onServer(async (client) => {
    await client.query(`CREATE DATABASE ${name} TEMPLATE template0 LC_CTYPE 'C'`);
  });
  const url = databaseUrl(inject('serverUrl'), name);
  await migrate(url);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ lexemes: string[] }>(
      `SELECT tsvector_to_array(to_tsvector('simple', search_text(words))) AS lexemes
       FROM unnest($1::text[]) WITH ORDINALITY AS given (words, n) ORDER BY n`,
      [
        [
          '“war”',
          '„war“',
          '«war»',
          '‹war›',
          '‘war’',
          'war—war',
          'war–war',
          'war…',
          '¿war?',
          '¡war!',
          'war\u00a0war',
          '「war」',
          'war、',
          '，war。',
          'war؟',
        ],
      ],
    );
    for (const { lexemes } of rows) expect(lexemes).toEqual(['war']);
  } finally {
    await client.end();
    await onServer(async (server) => void (await server.query(`DROP DATABASE ${name}`)));
  }
});
