import { describe, expect, it } from 'vitest';
import { useSeededRecord } from '../support/seeded.ts';

const record = useSeededRecord();

describe('a source', () => {
  it('says which text is meant, without the text where the licence does not allow it', async () => {
    const { source } = await record.ask<{ source: unknown }>(`{
      source(slug: "macron-putin-call-article") {
        title publisher { name } url publishedOn language digest length text
      }
    }`);
    expect(source).toEqual({
      title: 'News article on the call between Macron and Putin of 1 July 2025',
      publisher: null,
      url: null,
      publishedOn: '2025-07-07',
      language: 'en',
      digest: '0012dcad2c1913359fa2c272347c1686ef6f68776c6ca454021613bc508a5647',
      length: 2436,
      text: null,
    });
  });

  it('gives its text where the record holds it, and reads that only where it is asked for', async () => {
    const { db } = record.database;
    await db.prisma.source.create({
      data: {
        slug: 'open',
        title: 'An open text',
        text: 'Free to read.',
        publishedOn: new Date('2025-01-02'),
      },
    });
    const { sources } = await record.ask<{ sources: { nodes: unknown[] } }>(
      '{ sources { nodes { slug text publishedOn } } }',
    );
    expect(sources.nodes).toEqual([
      { slug: 'open', text: 'Free to read.', publishedOn: '2025-01-02' },
      { slug: 'macron-putin-call-article', text: null, publishedOn: '2025-07-07' },
    ]);
  });

  it('lists its current statements in the order of its text, in pages, those without a place last', async () => {
    const query = `query ($first: Int!, $offset: Int!) {
      source(slug: "macron-putin-call-article") {
        statements(first: 0) { totalCount }
        statementsInTextOrder(first: $first, offset: $offset) { slug status anchors { start } }
      }
    }`;
    interface Answer {
      readonly source: {
        readonly statements: { readonly totalCount: number };
        readonly statementsInTextOrder: readonly {
          readonly slug: string;
          readonly status: string;
          readonly anchors: readonly { readonly start: number }[];
        }[];
      };
    }
    const { db } = record.database;
    const [removed] = await db.prisma.statement.findMany({ orderBy: { id: 'asc' }, take: 1 });
    await db.prisma.anchor.deleteMany({ where: { statementId: removed?.id ?? 0 } });
    const { source } = await record.ask<Answer>(query, { first: 100, offset: 0 });
    const statements = source.statementsInTextOrder;
    expect(statements).toHaveLength(source.statements.totalCount);
    expect(statements.every(({ status }) => status === 'CURRENT')).toBe(true);
    const places = statements.map(({ anchors }) => Math.min(...anchors.map(({ start }) => start)));
    expect(places).toEqual(places.toSorted((a, b) => (a === b ? 0 : a - b)));
    expect(statements.at(-1)).toMatchObject({ slug: removed?.slug, anchors: [] });
    const page = await record.ask<Answer>(query, { first: 5, offset: 5 });
    expect(page.source.statementsInTextOrder).toEqual(statements.slice(5, 10));
  });

  it('is null where the slug is unknown, without an error', async () => {
    for (const slug of ['nothing', '', 'Source', '\0', '🦊', 'x'.repeat(10_000)]) {
      expect(await record.ask('query ($slug: String!) { source(slug: $slug) { id } }', { slug })).toEqual({
        source: null,
      });
    }
  });
});
