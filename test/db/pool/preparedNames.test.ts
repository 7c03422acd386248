import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../../src/db/client.ts';
import { recordStatement } from '../../../src/domain/statement/record/group.ts';
import { SearchLanguages } from '../../../src/read/memory/searchLanguages.ts';
import { SlugCache, SlugLoader } from '../../../src/read/memory/slugs.ts';
import { query } from '../../../src/read/sql.ts';
import type { StatementFilterInput } from '../../../src/read/statements/filter.ts';
import { readStatements } from '../../../src/read/statements/list.ts';
import { parseStatementList } from '../../../src/read/statements/request.ts';
import { STATEMENT_FIELDS } from '../../../src/read/statements/row.ts';
import { createTestDatabase, openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { recordSql } from '../../support/graphql.ts';
import { makeWorld, statementInput, WORLD } from '../../support/world.ts';

/** Characters of prepared texts that one connection may hold, with some room for running statements. */
const CHARACTERS_MAX = 110_000;
const REPEATS = 4;

let test: TestDatabase;
/** One connection, so that its prepared statements can be listed. */
let db: Database;

beforeAll(async () => {
  test = await createTestDatabase({ seeded: false });
  await makeWorld(test.db.prisma);
});
beforeAll(() => {
  db = openTestDatabase(test.url, 1);
});
afterAll(async () => {
  await db.close();
  await test.drop();
});

async function prepared(): Promise<{ count: number; characters: number; texts: string[] }> {
  const { rows } = await db.pool.query('SELECT statement FROM pg_prepared_statements');
  const texts = rows.map(({ statement }) => statement as string);
  return { count: texts.length, characters: texts.join('').length, texts };
}

async function read(filter: StatementFilterInput, fields = STATEMENT_FIELDS): Promise<void> {
  const request = parseStatementList({ filter }, { fields, counted: true, listed: true, pageInfo: true });
  for (let i = 0; i < REPEATS; i += 1) {
    const memory = { slugs: new SlugLoader(db, new SlugCache()), languages: new SearchLanguages() };
    await readStatements(db, memory, request);
  }
}

describe('a connection keeps prepared', () => {
  it('repeated texts, and not single ones', async () => {
    await query(db, 'SELECT 1 AS once', []);
    for (let i = 0; i < REPEATS; i += 1) await query(db, 'SELECT 2 AS again', []);
    for (let i = 0; i < REPEATS; i += 1) await db.prisma.actor.findFirst({ where: { slug: 'anna' } });
    const { texts } = await prepared();
    expect(texts).toContain('SELECT 2 AS again');
    expect(texts).not.toContain('SELECT 1 AS once');
    expect(texts.some((text) => text.includes('"actor"."slug"'))).toBe(true);
  });

  it('lists with a few conditions, whatever they select', async () => {
    const { count } = await prepared();
    await read({ speakers: ['anna'], acts: ['STATE'], saidFrom: '2025-01-01' });
    const before = await prepared();
    expect(before.count).toBeGreaterThan(count);
    await read({ speakers: ['boris'], acts: ['ACCUSE'], saidFrom: '2024-01-01' });
    expect((await prepared()).count).toBe(before.count);
  });

  it.each<[string, StatementFilterInput]>([
    ['alternatives', { any: [{ speakers: ['anna'] }, { acts: ['STATE'] }] }],
    ['a negation', { not: { speakers: ['anna'] } }],
    ['a search, which is planned for its words', { search: 'truce' }],
    ['the same kind of condition twice', { speakers: ['anna'], any: [{ speakers: ['boris'] }] }],
  ])('no list by %s', async (_, filter) => {
    const { count } = await prepared();
    await read(filter);
    expect((await prepared()).count).toBe(count);
  });

  it('no long list of ids, because each length has its own text', async () => {
    const { count } = await prepared();
    for (let length = 30; length < 40; length += 1) {
      const ids = Array.from({ length }, (_, i) => i);
      for (let i = 0; i < REPEATS; i += 1)
        await db.prisma.anchor.findMany({ where: { statementId: { in: ids } } });
    }
    expect((await prepared()).count).toBe(count);
  });

  it('the writes of statements, and the look-up of their keys, whose function has a plan for any values', async () => {
    for (let i = 0; i < REPEATS; i += 1) {
      await recordStatement(db.prisma, statementInput({ text: `Statement ${i}`, key: `key ${i}` }), 'test');
    }
    const { texts } = await prepared();
    for (const part of ['FROM taken_statements(', 'INSERT INTO statement_speaker'])
      expect(
        texts.some((text) => text.includes(part)),
        part,
      ).toBe(true);
  });

  it('few texts, however many shapes of lists are requested', async () => {
    const sql = recordSql(db);
    for (let shape = 0; shape < 256; shape += 1) {
      const fields = STATEMENT_FIELDS.filter((_, i) => ((shape * 2_654_435_761) >>> i) % 2 === 0);
      const filter = {
        ...(shape % 2 === 0 && { speakers: ['anna'] }),
        ...(shape % 3 === 0 && { topics: [...WORLD.topics] }),
        ...(shape % 5 === 0 && { events: ['talks', 'summit'] }),
        ...(shape % 7 === 0 && { saidTo: '2025-08-01' }),
      };
      await read(filter, fields);
      if (shape % 32 === 0) expect((await prepared()).characters).toBeLessThan(CHARACTERS_MAX);
    }
    expect(new Set(sql).size, 'different texts').toBeGreaterThan(250);
    expect(sql).toContain('DEALLOCATE ALL');
    expect((await prepared()).characters).toBeLessThan(CHARACTERS_MAX);
    // Texts that were prepared before are prepared again.
    for (let i = 0; i < REPEATS; i += 1) await query(db, 'SELECT 2 AS again', []);
    expect((await prepared()).texts).toContain('SELECT 2 AS again');
  });
});
