import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '../../src/domain/anchor.ts';
import { saveSources } from '../../src/domain/source.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { createTestGraphql, type TestGraphql } from '../support/graphql.ts';
import { makeWorld, record } from '../support/world.ts';

let test: TestDatabase;
let graphql: TestGraphql;

const URL = 'https://example.org/reports/7';
const TEXT = 'The text of the report.';

beforeAll(async () => {
  test = await createTestDatabase({ seeded: false });
  await makeWorld(test.db.prisma);
  await record(test.db, { key: 'agency 42', slug: 'with-key' });
  await record(test.db, { text: 'Recorded without a key.' });
  const sources = [
    { slug: 'report', title: 'Report', url: URL, text: TEXT },
    { slug: 'copy', title: 'Copy', url: URL, digest: sha256(TEXT), length: TEXT.length },
    { slug: 'long', title: 'Long', url: `https://example.org/${'é'.repeat(1_900)}` },
  ];
  await test.db.prisma.$transaction((tx) => saveSources(tx, sources, 'test'));
  graphql = await createTestGraphql(test.db);
});
afterAll(async () => {
  await graphql.stop();
  await test.drop();
});

describe('a look-up', () => {
  it.each([
    ['statement(key: "agency 42") { slug key }', { slug: 'with-key', key: 'agency 42' }],
    ['statement(key: "agency 43") { slug }', null],
    ['statement(slug: "recorded-without-a-key") { slug key }', { slug: 'recorded-without-a-key', key: null }],
    [`source(url: "${URL}") { slug }`, { slug: 'report' }],
    [`source(url: "https://example.org/${'é'.repeat(1_900)}") { slug }`, { slug: 'long' }],
    [`source(url: "${URL}/") { slug }`, null],
    [`source(digest: "${sha256(TEXT)}") { slug }`, { slug: 'report' }],
    [`source(digest: "${sha256('other')}") { slug }`, null],
    ['source(slug: "copy", url: null) { slug }', { slug: 'copy' }],
  ])('%s finds what it names', async (field, found) => {
    const { data, errors } = await graphql.answer(`{ found: ${field} }`);
    expect(errors).toBeUndefined();
    expect(data).toEqual({ found });
  });

  it.each([
    ['statement { slug }', 'needs exactly one of its arguments.'],
    ['statement(slug: "with-key", key: "agency 42") { slug }', 'was given key and slug'],
    [`source(url: "${URL}", digest: "x") { slug }`, 'was given digest and url'],
    ['source(url: null) { slug }', 'needs exactly one of its arguments.'],
  ])('%s is refused, because it needs exactly one argument', async (field, message) => {
    const { errors } = await graphql.answer(`{ ${field} }`);
    expect(errors?.[0]?.message).toContain(message);
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'INVALID_INPUT' });
  });

  it('of a source reads an index, not all sources', async () => {
    const client = await test.db.pool.connect();
    try {
      await client.query('BEGIN; SET LOCAL enable_seqscan = off');
      for (const [column, index] of [
        ['url', 'source_url_idx'],
        ['digest', 'source_digest_idx'],
      ]) {
        const { rows } = await client.query(
          `EXPLAIN SELECT id FROM (SELECT id FROM source WHERE ${column} = 'x' OFFSET 0) AS found ORDER BY id LIMIT 1`,
        );
        expect(JSON.stringify(rows)).toContain(index);
      }
    } finally {
      await client.query('ROLLBACK');
      client.release();
    }
  });
});
