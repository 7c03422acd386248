import { beforeAll, describe, expect, it } from 'vitest';
import { saveActors } from '../../src/domain/actor.ts';
import { completeNames } from '../../src/domain/save/names.ts';
import { NAME_SEARCH_LENGTH_MAX, searchNames } from '../../src/read/names.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { recordSql, type TestGraphql } from '../support/graphql.ts';
import { saveActor } from '../support/saves.ts';
import { useGraphql } from '../support/useGraphql.ts';

let test: TestDatabase;
let graphql: TestGraphql;

useGraphql('seed', (used) => {
  ({ test, graphql } = used);
});

const ACTORS = `query ($search: String, $kinds: [ActorKind!], $first: Int, $after: String, $last: Int, $before: String) {
  actors(search: $search, kinds: $kinds, first: $first, after: $after, last: $last, before: $before) {
    nodes { name }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;
interface Actors {
  actors: {
    nodes: { name: string }[];
    pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string; endCursor: string };
  };
}

async function names(search: string, variables: Record<string, unknown> = {}): Promise<string[]> {
  const { actors } = await graphql.data<Actors>(ACTORS, { search, ...variables });
  return actors.nodes.map(({ name }) => name);
}

async function topics(search: string): Promise<string[]> {
  const found = await graphql.data<{ topics: { nodes: { name: string }[] } }>(
    'query ($search: String) { topics(search: $search) { nodes { name } } }',
    { search },
  );
  return found.topics.nodes.map(({ name }) => name);
}

describe('finding an actor', () => {
  it.each([
    ['by its whole name', 'Emmanuel Macron', 'Emmanuel Macron'],
    ['by the beginning of its name', 'Emmanuel', 'Emmanuel Macron'],
    ['by a later word', 'macron', 'Emmanuel Macron'],
    ['by an abbreviation', 'IAEA', 'International Atomic Energy Agency'],
    ['by a description it goes by', 'UN watchdog', 'International Atomic Energy Agency'],
    ['by a metonym', 'Moscow', 'Russia'],
    ['by a metonym in another language', 'Moscou', 'Russia'],
    ['without regard to accents', 'Elysee', 'France'],
    ['with an accent too many', 'Párís', 'France'],
    ['by a name with punctuation', 'U.S.', 'United States'],
    ['by a word behind an apostrophe', 'Orsay', 'France'],
    ['by a typographic apostrophe', 'Quai d’Orsay', 'France'],
    ['in Cyrillic', 'Москва', 'Russia'],
    ['in Cyrillic, by a part and in small letters', 'макрон', 'Emmanuel Macron'],
    ['in Persian', 'تهران', 'Iran'],
    ['by what stands within a word', 'emlin', 'Kremlin'],
    ['with spaces around and between', '  Vladimir \t Putin ', 'Vladimir Putin'],
  ])('works %s', async (_, search, expected) => {
    expect((await names(search))[0]).toBe(expected);
  });

  it.each([
    ['two letters that changed places', 'Marcon', 'Emmanuel Macron'],
    ['two letters that changed places, and a first name', 'Emmanuel Marcon', 'Emmanuel Macron'],
    ['a letter too few', 'Vladmir', 'Vladimir Putin'],
    ['a letter too many', 'Kremmlin', 'Kremlin'],
    ['another letter', 'Moskow', 'Russia'],
    ['another letter in a short word', 'Irak', 'Iran'],
    ['two other letters', 'Izrail', 'Israel'],
    ['a typing mistake in Cyrillic', 'Масква', 'Russia'],
    ['a typing mistake in one of several words', 'Security Concil', 'United Nations Security Council'],
    ['words in another order', 'Putin Vladimir', 'Vladimir Putin'],
  ])('forgives %s', async (_, search, expected) => {
    expect((await names(search))[0]).toBe(expected);
  });

  it('compares no names as one word where each of several words is like one of a name', async () => {
    const texts = recordSql(test.db);
    const whole = 'WHERE is_joined AND word %';
    expect(await searchNames(test.db, 'actor', 'Emmanuell Makron')).toHaveLength(1);
    expect(texts.filter((text) => text.includes(whole))).toEqual([]);
    await searchNames(test.db, 'actor', 'Vladi mirputinn');
    expect(texts.filter((text) => text.includes(whole))).toHaveLength(1);
  });

  it('gives only what fits where something does, not what is merely spelt alike', async () => {
    expect(await names('Iran')).toEqual(['Iran']);
    expect(await names('Trump')).toEqual(['Donald Trump']);
  });

  it('puts equal names first, then beginnings, then words that begin so', async () => {
    expect(await names('UN')).toEqual([
      'United Nations',
      'European Union',
      'International Atomic Energy Agency',
      'United Nations Security Council',
      'United States',
    ]);
  });

  it.each([
    'xyzzy',
    'Marcon Marcon Zzzzzz',
    '!!!',
    '%',
    '_',
    '\\',
    '%%%',
    '.*',
    '(',
    '\0',
    'qq',
    '🦊',
    '\ud800',
  ])('finds no actor by %j, and does not fail', async (search) => {
    const found = await graphql.answer<Actors>(ACTORS, { search });
    expect(found.errors).toBeUndefined();
    expect(found.data?.actors.nodes).toEqual([]);
  });

  it('finds names that are written as one word or as several, spelt wrong too', async () => {
    expect((await names('Donaldtrump'))[0]).toBe('Donald Trump');
    expect((await names('Emmanuelmarcon'))[0]).toBe('Emmanuel Macron');
    expect((await names('kreml in'))[0]).toBe('Kremlin');
  });

  it('requires two-letter words to be spelt right', async () => {
    expect(await names('EU')).toEqual(['European Union']);
    expect(await names('EX')).toEqual([]);
  });

  it('takes blank for no condition', async () => {
    expect(await names('   ')).toHaveLength(16);
  });

  it('keeps to the kinds asked for', async () => {
    expect(await names('UN', { kinds: ['STATE'] })).toEqual(['United States']);
    expect(await names('UN', { kinds: [] })).toEqual([]);
  });

  it('pages through its matches both ways', async () => {
    const all = await names('UN');
    const first = await graphql.data<Actors>(ACTORS, { search: 'UN', first: 2 });
    expect(first.actors.nodes.map(({ name }) => name)).toEqual(all.slice(0, 2));
    expect(first.actors.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
    const next = await graphql.data<Actors>(ACTORS, {
      search: 'UN',
      first: 9,
      after: first.actors.pageInfo.endCursor,
    });
    expect(next.actors.nodes.map(({ name }) => name)).toEqual(all.slice(2));
    expect(next.actors.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
    const last = await graphql.data<Actors>(ACTORS, {
      search: 'UN',
      last: 2,
      before: next.actors.pageInfo.endCursor,
    });
    expect(last.actors.nodes.map(({ name }) => name)).toEqual(all.slice(-3, -1));
  });

  it('refuses a cursor of another search, naming the argument', async () => {
    const { actors } = await graphql.data<Actors>(ACTORS, { search: 'UN', first: 2 });
    const refusal = await graphql.refusal(ACTORS, { search: 'Moscow', after: actors.pageInfo.endCursor });
    expect(refusal.extensions).toMatchObject({ code: 'INVALID_INPUT', inputPath: ['after'] });
  });

  it('refuses a text that is too long, naming the argument', async () => {
    const refusal = await graphql.refusal(ACTORS, { search: 'x'.repeat(NAME_SEARCH_LENGTH_MAX + 1) });
    expect(refusal.message).toContain('“search”');
    expect(refusal.extensions).toMatchObject({ code: 'LIMIT_EXCEEDED', inputPath: ['search'] });
    expect(await searchNames(test.db, 'actor', 'x'.repeat(NAME_SEARCH_LENGTH_MAX))).toEqual([]);
  });
});

describe('finding an actor in another script or spelling', () => {
  const NAMES = [
    ['Alexander Lukashenko', 'Лукашенко', 'Lukaschenko', 'لوكاشينكو', 'Alexandr Lukashenka'],
    ['Volodymyr Zelensky', 'Zelenskyy', 'Зеленский', 'ゼレンスキー', 'Zelenski Volodymir', 'زيلينسكي'],
    ['Xi Jinping', '习近平', 'Xi Jin Ping'],
    ['Benjamin Netanyahu', 'Нетаньяху', 'Netanjahu', 'Binyamin Netanyahu'],
    ['Kim Jong Un', '김정은', 'Ким Чен Ын'],
  ] as const;

  beforeAll(async () => {
    for (const [name] of NAMES)
      await test.db.prisma.$transaction((tx) => saveActor(tx, { name, kind: 'PERSON' }, 'test'));
  });

  it.each(NAMES.flatMap(([name, ...searches]) => searches.map((search) => [search, name])))(
    'works for %s',
    async (search, name) => {
      expect((await names(search))[0]).toBe(name);
    },
  );

  it('follows a name that changed', async () => {
    const save = (name: string, alias: string) =>
      test.db.prisma.$transaction((tx) =>
        saveActor(tx, { slug: 'kyiv', name, kind: 'BODY', aliases: [{ name: alias }] }, 'test'),
      );
    await save('Kyiv Duma', 'Дума');
    expect(await names('duma')).toEqual(['Kyiv Duma']);
    await save('Kyiv Council', 'Рада');
    expect(await names('duma')).not.toContain('Kyiv Council');
    expect(await names('rada')).toEqual(['Kyiv Council']);
  });
});

describe('finding an actor by characters of scripts without spaces', () => {
  const NAMES = {
    'Wang Yi': ['王毅'],
    'Wang Yi (athlete)': ['王艺'],
    'Wang Yizhou': ['王毅舟'],
    'Srettha Thavisin': ['เศรษฐา ทวีสิน'],
    'Shigeru Ishiba': ['石破茂', 'いしば しげる'],
    'Han Duck-soo': ['한덕수'],
    Philippines: ['フィリピン'],
  };

  beforeAll(async () => {
    for (const [name, aliases] of Object.entries(NAMES))
      await test.db.prisma.$transaction((tx) =>
        saveActor(tx, { name, kind: 'PERSON', aliases: aliases.map((alias) => ({ name: alias })) }, 'test'),
      );
  });

  it.each([
    ['two characters', '王毅', 'Wang Yi'],
    ['characters that sound like those of others', '王艺', 'Wang Yi (athlete)'],
    ['one character within the name', '舟', 'Wang Yizhou'],
    ['the last characters', '破茂', 'Shigeru Ishiba'],
    ['kana without the space', 'いしばしげる', 'Shigeru Ishiba'],
    ['kana of half the width', 'ﾌｨﾘﾋﾟﾝ', 'Philippines'],
    ['a family name in Thai', 'ทวีสิน', 'Srettha Thavisin'],
    ['the last syllable in Hangul', '수', 'Han Duck-soo'],
    ['a wrong character', '石跛茂', 'Shigeru Ishiba'],
    ['a wrong syllable in Hangul', '한뎍수', 'Han Duck-soo'],
    ['two syllables in the wrong order', '한수덕', 'Han Duck-soo'],
    ['two syllables of three', '한수', 'Han Duck-soo'],
    ['a missing character in Thai', 'เศรษฐาทวสิน', 'Srettha Thavisin'],
    ['a wrong character in kana', 'フィソピン', 'Philippines'],
  ])('works by %s', async (_, search, expected) => {
    const found = await names(search);
    expect(found[0], `all found by ${search}: ${found.join(', ')}`).toBe(expected);
  });

  it('also finds those that only sound so, after those that are written so', async () => {
    expect(await names('王毅')).toEqual(['Wang Yi', 'Wang Yizhou', 'Wang Yi (athlete)']);
  });
});

describe('finding an actor whose name is recorded in Latin letters only', () => {
  const NAMES = [
    'Ntina Roussou',
    'Dora Bakoyannis',
    'John Berkow',
    'Isaac Rabin',
    'Zhores Khachatryan',
    'Rebecca Quin',
  ];

  beforeAll(async () => {
    for (const name of NAMES)
      await test.db.prisma.$transaction((tx) => saveActor(tx, { name, kind: 'PERSON' }, 'test'));
  });

  it.each([
    ['Greek, where two letters are one sound', 'Ντόρα Μπακογιάννη', 'Dora Bakoyannis'],
    ['Hebrew, where an apostrophe changes a letter', "ג'ון ברקו", 'John Berkow'],
    ['Hebrew, where a letter has no sound', 'יצחאק ראבין', 'Isaac Rabin'],
    ['Armenian, where an apostrophe is part of a letter', 'Խաչատրյան', 'Zhores Khachatryan'],
    ['kana, where a small character doubles the next sound', 'レベッカ・クイン', 'Rebecca Quin'],
  ])('works in %s', async (_, search, expected) => {
    expect((await names(search))[0]).toBe(expected);
  });
});

describe('finding an actor whose name is recorded in its own script only', () => {
  const NAMES = [
    'Cai Holmes',
    '蔡英文',
    '이재명',
    '박근혜',
    'အောင်ဆန်းစုကြည်',
    'राजनाथ सिंह',
    'ฮุน เซน',
    'ماجد موسى عبد الرحمن المطيري',
    'عبد اللطيف الزين',
    'رضا پهلوی',
  ];

  beforeAll(async () => {
    await test.db.prisma.$transaction((tx) =>
      saveActors(
        tx,
        NAMES.map((name, i) => ({ slug: `own-script-${i}`, name, kind: 'PERSON' })),
        'test',
      ),
    );
  });

  it.each([
    ['Han, by Wade-Giles', 'Tsai Ing-wen', '蔡英文'],
    ['Han, by Pinyin', 'Cai Yingwen', '蔡英文'],
    ['Hangul, by the usual spelling of its syllables', 'Lee Jae-myung', '이재명'],
    ['Hangul, by the official spelling', 'Park Geun-hye', '박근혜'],
    ['Burmese', 'Aung San Suu Kyi', 'အောင်ဆန်းစုကြည်'],
    ['Devanagari', 'Rajnath Singh', 'राजनाथ सिंह'],
    ['Thai', 'Hun Sen', 'ฮุน เซน'],
    [
      'Arabic, with the article and without the names between',
      'Majed Al Mutairi',
      'ماجد موسى عبد الرحمن المطيري',
    ],
    ['Arabic, where “Abd al-” is one word', 'Abdel Latif El Zein', 'عبد اللطيف الزين'],
    ['Persian', 'Reza Pahlavi', 'رضا پهلوی'],
  ])('works in %s', async (_, search, expected) => {
    expect((await names(search))[0]).toBe(expected);
  });

  it('keeps a word for each way in which it sounds', async () => {
    const { rows } = await test.db.pool.query<{ sound: string }>(
      `SELECT sound FROM search_word WHERE word = 'cai' ORDER BY sound`,
    );
    expect(rows.map(({ sound }) => sound)).toEqual(['k', 's']);
  });
});

describe('an Arabic article', () => {
  it('does not count, but a name that has it comes first', async () => {
    for (const name of ['Gorelik', 'Gore', 'Al Gore'])
      await test.db.prisma.$transaction((tx) => saveActor(tx, { name, kind: 'PERSON' }, 'test'));
    expect(await names('Al Gore')).toEqual(['Al Gore', 'Gore', 'Gorelik']);
    expect((await names('al'))[0]).toBe('Al Gore');
  });
});

describe('a name in another script', () => {
  it.each([
    ['David Rundliff', 'デイヴィッド・ランドリフ', 'David Rundopoulos'],
    ['Claudine Karven', 'クローディーヌ・カルヴェン', 'Claudine Karvopoulos'],
  ])('comes before one that merely begins with the same letters, for %s', async (search, name, other) => {
    for (const given of [name, other])
      await test.db.prisma.$transaction((tx) => saveActor(tx, { name: given, kind: 'PERSON' }, 'test'));
    expect((await names(search))[0]).toBe(name);
  });
});

describe('a short word with a typing mistake', () => {
  it('also finds what is spelt nearly so, after the names that have it within a word', async () => {
    await test.db.prisma.$transaction((tx) => saveActor(tx, { name: 'Kirnberg', kind: 'BODY' }, 'test'));
    expect((await names('Irn')).slice(0, 2)).toEqual(['Kirnberg', 'Iran']);
  });
});

describe('names that the service has not written', () => {
  it('are found after the next start, and names that are gone no longer', async () => {
    const told: string[] = [];
    const complete = () => completeNames(test.db.prisma, (message) => void told.push(message));
    await complete();
    expect(told).toEqual([]);
    await test.db.pool.query(
      `INSERT INTO actor (slug, name, kind) VALUES ('orban', 'Viktor Orbán', 'PERSON')`,
    );
    await test.db.pool.query(`UPDATE actor SET name = 'Tamás Sulyok' WHERE slug = 'kyiv'`);
    await complete();
    expect(told).toEqual(['Prepared 2 names for search.']);
    expect((await names('Орбан'))[0]).toBe('Viktor Orbán');
    expect((await names('sulyok'))[0]).toBe('Tamás Sulyok');
    expect(await names('Kyiv Council')).not.toContain('Tamás Sulyok');
  });
});

describe('names that an older version has written', () => {
  it('are found by their characters after the next start', async () => {
    const told: string[] = [];
    await test.db.pool.query(
      `UPDATE search_name SET characters = NULL, pieces = NULL, latin = 'x', sound = 'x', words = '{x}' WHERE name = '石破茂'`,
    );
    expect(await names('破茂')).toEqual([]);
    await completeNames(test.db.prisma, (message) => void told.push(message));
    expect(told).toEqual(['Prepared 1 names for search.']);
    expect(await names('破茂')).toEqual(['Shigeru Ishiba']);
  });
});

describe('a search among many names with common words', () => {
  it.each(['Anna', 'Wang Li', 'Wagn Lee', 'Anna Lukaschenko', '王毅', '王芳王'])(
    'looks the words of %j up in the indexes, and does not read all names',
    async (search) => {
      await test.db.pool.query(
        `INSERT INTO actor (slug, name, kind) SELECT 'many-' || i,
           (ARRAY['Wang', 'Li', 'Zhang', 'Anna'])[1 + i % 4] || ' ' || translate(md5(i::text), '0123456789', 'ghijklmnop'), 'PERSON'
         FROM generate_series(1, 4000) AS i ON CONFLICT DO NOTHING`,
      );
      await completeNames(test.db.prisma, () => undefined);
      await test.db.pool.query('ANALYZE search_name, search_word');
      const db = openTestDatabase(test.url, 1); // all its SQL is in one transaction, which counts the rows that it reads
      try {
        await db.pool.query('BEGIN');
        await searchNames(db, 'actor', search);
        const { rows } = await db.pool.query<{ count: number }>(
          `SELECT seq_tup_read::int AS count FROM pg_stat_xact_user_tables WHERE relname = 'search_name'`,
        );
        expect(rows[0]?.count, `names that “${search}” read from the whole table`).toBe(0);
        await db.pool.query('ROLLBACK');
      } finally {
        await db.close();
      }
    },
  );
});

describe('finding an event or a source', () => {
  it.each([
    ['events', 'name', 'call'],
    ['sources', 'title', 'article'],
  ])('works for %s', async (list, field, search) => {
    const found = await graphql.data<Record<string, { nodes: Record<string, string>[] }>>(
      `query ($search: String) { ${list}(search: $search) { nodes { ${field} } } }`,
      { search },
    );
    const texts = found[list]?.nodes.map((node) => node[field]) ?? [];
    expect(texts.length, `${list} with “${search}”`).toBeGreaterThan(0);
    for (const text of texts) expect(text?.toLowerCase()).toContain(search);
  });
});

describe('finding a topic', () => {
  it('works by words that its name writes as one', async () => {
    expect(await topics('cease fire')).toEqual(['Ceasefire in Ukraine']);
  });

  it('works by a word of its name, its beginning first', async () => {
    expect(await topics('non-proliferation')).toEqual([
      "Iran's compliance with the Non-Proliferation Treaty",
      'Nuclear non-proliferation',
    ]);
    expect((await topics('Iran'))[0]).toBe("Iran's compliance with the Non-Proliferation Treaty");
    expect(await topics('ceasefire')).toEqual(['Ceasefire in Ukraine']);
  });

  it('forgives typing mistakes', async () => {
    expect(await topics('Sanctoins')).toEqual(['Sanctions on Russia']);
    expect(await searchNames(test.db, 'topic', 'teritory')).toHaveLength(1);
  });

  it('puts names of the same words in another order before names that have more', async () => {
    const actors = ['Qiang Liming', '李强', 'Qiangbo Lida'].map((name, i) => ({
      slug: `order-${i}`,
      name,
      kind: 'PERSON',
    }));
    await test.db.prisma.$transaction((tx) => saveActors(tx, actors, 'test'));
    expect((await names('Qiang Li'))[0]).toBe('李强');
    expect((await names('Li Qiang'))[0]).toBe('李强');
  });
});
