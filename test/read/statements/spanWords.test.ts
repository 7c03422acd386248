import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrate, readMigrations } from '../../../src/db/migrate.ts';
import { codePointLength, sha256 } from '../../../src/domain/anchor.ts';
import { INPUT_MAX } from '../../../src/domain/input/field.ts';
import { reanchorSource } from '../../../src/domain/statement/reanchor/reanchor.ts';
import { recordStatements } from '../../../src/domain/statement/record/record.ts';
import { retractStatement } from '../../../src/domain/statement/retract.ts';
import { reviseStatement } from '../../../src/domain/statement/revise.ts';
import { SPAN_WORDS_LENGTH_MAX } from '../../../src/read/statements/conditions/search.ts';
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { CHANGED, TestSocket } from '../../support/follow.ts';
import { saveSource } from '../../support/saves.ts';
import { startTestService, type TestService } from '../../support/service.ts';
import { until, WAIT_MAX_MS } from '../../support/until.ts';
import { makeWorld, record, statementInput } from '../../support/world.ts';

const TEXT = 'Préambule 🕊. The ambassador promised ventilators. Then он обещал переговоры. Ende.';
const OTHER = `Corrected. ${TEXT}`;

const MIGRATION = '20261128100000_span_words';

/** An anchor of these words in a text. */
function anchor(words: string, fields: object = {}, text: string = TEXT) {
  const start = codePointLength(text.slice(0, text.indexOf(words)));
  return { start, end: start + codePointLength(words), digest: sha256(words), ...fields };
}

let test: TestDatabase;
let service: TestService;

beforeAll(async () => {
  test = await createTestDatabase({ seeded: false });
  await makeWorld(test.db.prisma);
  service = await startTestService(test.url);
});
afterAll(async () => {
  await service.stop();
  await test.drop();
});

/** The statements of a source that a search finds. The list and the counts agree on them. */
async function find(source: string, search: string): Promise<string[]> {
  await seen();
  const { data, errors } = await service.ask<{
    statements: { totalCount: number; nodes: { slug: string }[] };
    statementCounts: { total: number };
  }>(
    `query ($filter: StatementFilter) {
      statements(filter: $filter, orderBy: RECORDED_DESC, first: 50) { totalCount nodes { slug } }
      statementCounts(filter: $filter, by: [MODE]) { total }
    }`,
    { filter: { sources: [source], search } },
  );
  expect(errors).toBeUndefined();
  const { statements, statementCounts } = data as NonNullable<typeof data>;
  const slugs = statements.nodes.map(({ slug }) => slug).reverse();
  expect(statements.totalCount).toBe(slugs.length);
  expect(statementCounts.total).toBe(slugs.length);
  return slugs;
}

/** Waits until the service knows of the last change. */
async function seen(): Promise<void> {
  const { rows } = await test.db.pool.query<{ position: string }>('SELECT position FROM head');
  const position = BigInt(rows[0]?.position ?? 0);
  expect(await service.tailer.reached(position, WAIT_MAX_MS), `the service has seen ${position}`).toBe(true);
}
const save = (patch: Readonly<Record<string, unknown>>) =>
  test.db.prisma.$transaction((tx) => saveSource(tx, patch, 'test'));
const add = async (fields: Readonly<Record<string, unknown>>): Promise<number> => {
  const { id } = await record(test.db, { text: 'It was said.', ...fields });
  return id;
};

describe('search covers the words of spans', () => {
  it('in the text of a source, as long as the record keeps it', async () => {
    await save({ slug: 'kept', title: 'Kept' });
    await add({ slug: 'kept-early', source: 'kept', anchors: [anchor('promised ventilators')] });
    expect(await find('kept', 'ventilator')).toEqual([]);

    await save({ slug: 'kept', text: TEXT });
    expect(await find('kept', 'ventilator')).toEqual(['kept-early']);
    await add({
      slug: 'kept-late',
      source: 'kept',
      anchors: [anchor('The ambassador promised ventilators')],
    });
    expect(await find('kept', '"ambassador promised ventilators"')).toEqual(['kept-late']);
    expect(await find('kept', 'ventilators said')).toEqual(['kept-early', 'kept-late']);

    await save({ slug: 'kept', text: null, digest: sha256(TEXT), length: codePointLength(TEXT) });
    expect(await find('kept', 'ventilator')).toEqual([]);
    expect(await find('kept', 'said')).toEqual(['kept-early', 'kept-late']);
  });

  it('in a large text, for what some readings of the text cost', async () => {
    const filler = (words: number) => 'слово 🕊 '.repeat(words);
    const [early, late] = ['первый призыв', 'последний призыв'];
    const text = `${filler(8_191)}${early} ${filler(116_000)}${late}`; // the first is in two pieces and blocks
    expect([codePointLength(filler(8_191)), INPUT_MAX.sourceText >= codePointLength(text)]).toEqual([
      65_528,
      true,
    ]);
    await save({ slug: 'large', title: 'Large', language: 'ru', text });
    const anchors = [early, late].map((words) => anchor(words, {}, text));
    const id = await add({ slug: 'in-large', source: 'large', anchors });
    expect(await find('large', `"${early}"`)).toEqual(['in-large']);
    expect(await find('large', `"${late}"`)).toEqual(['in-large']);
    const { id: source } = await test.db.prisma.source.findUniqueOrThrow({ where: { slug: 'large' } });
    const timed = async (sql: string, values: readonly unknown[]): Promise<number> => {
      const times: number[] = [];
      for (let run = 0; run < 5; run += 1) {
        const start = performance.now();
        await test.db.pool.query(sql, [...values]);
        times.push(performance.now() - start);
      }
      return Math.min(...times);
    };
    const reading = await timed(`SELECT length(text || '') FROM source WHERE id = $1`, [source]);
    const writing = await timed('SELECT write_span_words($1, $2)', [source, [id]]);
    expect(writing).toBeLessThan(15 * reading);
  });

  it('in the language of the source, or else in that of the quote', async () => {
    await save({ slug: 'russian', title: 'Russian', language: 'ru', text: TEXT });
    const anchors = [anchor('он обещал переговоры')];
    await add({ slug: 'in-russian', source: 'russian', anchors });
    await add({ slug: 'in-both', source: 'russian', anchors, quote: 'Die Regierungen', language: 'de' });
    expect(await find('russian', 'обещали переговоров')).toEqual(['in-russian', 'in-both']);
    expect(await find('russian', 'Regierung')).toEqual(['in-both']);

    await save({ slug: 'russian', language: null });
    expect(await find('russian', 'переговоров')).toEqual([]);
    expect(await find('russian', 'переговоры')).toEqual(['in-russian', 'in-both']);
  });

  it('only of CONTENT anchors that are placed and have the words of their digest', async () => {
    await save({ slug: 'exact', title: 'Exact', text: TEXT });
    const ventilators = anchor('ventilators');
    await add({ slug: 'cue', source: 'exact', anchors: [{ ...ventilators, role: 'CUE' }] });
    await add({ slug: 'lost', source: 'exact', anchors: [{ ...ventilators, status: 'ORPHANED' }] });
    await add({
      slug: 'other',
      source: 'exact',
      anchors: [{ ...ventilators, digest: sha256('other words') }],
    });
    await add({ slug: 'page', source: 'exact', anchors: [{ page: '1' }, ventilators] });
    expect(await find('exact', 'ventilators')).toEqual(['page']);
  });

  it('of the statement as it was revised last, and of a retracted one', async () => {
    await save({ slug: 'revised', title: 'Revised', text: TEXT });
    await save({ slug: 'without', title: 'Without a text' });
    const [first, second] = [
      await add({ slug: 'first', source: 'revised', anchors: [anchor('ventilators')] }),
      await add({ slug: 'second', source: 'revised', anchors: [anchor('ventilators')] }),
    ];
    const revise = (id: number, changes: Readonly<Record<string, unknown>>) =>
      test.db.prisma.$transaction((tx) => reviseStatement(tx, id, changes, null, 'test'));
    await revise(first, { anchors: [anchor('ambassador')] });
    await revise(second, { anchors: [] });
    expect(await find('revised', 'ventilators')).toEqual([]);
    expect(await find('revised', 'ambassador')).toEqual(['first']);
    await revise(first, { text: 'Another account.' });
    expect(await find('revised', 'ambassador')).toEqual(['first']);
    await revise(first, { source: 'without' });
    expect(await find('without', 'ambassador')).toEqual([]);
    await revise(first, { source: 'revised' });
    await test.db.prisma.$transaction((tx) => retractStatement(tx, first, 'Never said.', 'test'));
    const { rows } = await test.db.pool.query(`SELECT span_words FROM statement WHERE slug = 'first'`);
    expect(rows).toEqual([{ span_words: 'ambassador' }]);
  });

  it('where a new text has them', async () => {
    await save({ slug: 'placed', title: 'Placed', text: TEXT });
    await add({ slug: 'moved', source: 'placed', anchors: [anchor('ventilators')] });
    await add({ slug: 'gone', source: 'placed', anchors: [anchor('Préambule 🕊')] });
    await reanchorSource(test.db.prisma, { source: 'placed', text: OTHER.replace('🕊', '') }, 'test');
    expect(await find('placed', 'ventilators')).toEqual(['moved']);
    expect(await find('placed', 'préambule')).toEqual([]);
    await reanchorSource(test.db.prisma, { source: 'placed', text: TEXT, keep: false }, 'test');
    expect(await find('placed', 'ventilators')).toEqual([]);
  });

  it(`up to ${SPAN_WORDS_LENGTH_MAX} code points of a statement`, async () => {
    const text = `${'б '.repeat(SPAN_WORDS_LENGTH_MAX / 2 - 4)}lastone beyond`;
    await save({ slug: 'long', title: 'Long', text });
    await add({ slug: 'all-of-it', source: 'long', anchors: [anchor(text, {}, text)] });
    expect(await find('long', 'lastone')).toEqual(['all-of-it']);
    expect(await find('long', 'beyond')).toEqual([]);
  });

  it('of every statement that is recorded while a text is attached', async () => {
    await save({ slug: 'busy', title: 'Busy' });
    const input = (i: number) =>
      statementInput({ slug: `busy-${i}`, text: 'Said.', source: 'busy', anchors: [anchor('ventilators')] });
    const lists = Array.from({ length: 12 }, (_, list) =>
      recordStatements(test.db.prisma, [input(2 * list), input(2 * list + 1)], 'test'),
    );
    await Promise.all([...lists.slice(0, 6), save({ slug: 'busy', text: TEXT }), ...lists.slice(6)]);
    expect((await find('busy', 'ventilators')).length).toBe(24);
  });
});

describe('a subscription with a search', () => {
  it('gets the changes of statements whose spans have the words before or after', async () => {
    const socket = new TestSocket(service.origin);
    try {
      const received = socket.follow({ query: CHANGED, variables: { filter: { search: 'ventilators' } } });
      await until('the feed', () => service.hub.counts.feeds === 1);
      await save({ slug: 'followed', title: 'Followed', text: TEXT });
      const id = await add({ slug: 'followed-1', source: 'followed', anchors: [anchor('ventilators')] });
      await add({ slug: 'followed-2', source: 'followed', anchors: [anchor('ambassador')] });
      await received.count(1);
      const revise = (changes: Readonly<Record<string, unknown>>) =>
        test.db.prisma.$transaction((tx) => reviseStatement(tx, id, changes, null, 'test'));
      await revise({ text: 'Another account.' });
      await revise({ anchors: [] });
      await revise({ text: 'A third account.' });
      await revise({ anchors: [anchor('ventilators')] });
      await save({ slug: 'followed', text: null, digest: sha256(TEXT), length: codePointLength(TEXT) });
      await revise({ text: 'A fourth account.' });
      await revise({ text: 'Ventilators after all.' });
      await received.count(5);
      expect(received.changes.map(({ kind, statement }) => `${kind} ${statement.slug}`)).toEqual([
        'STATEMENT_ADDED followed-1',
        'STATEMENT_REVISED followed-1',
        'STATEMENT_REVISED followed-1',
        'STATEMENT_REVISED followed-1',
        'STATEMENT_REVISED followed-1',
      ]);
    } finally {
      await socket.close();
    }
  });
});

it('a migration writes the words of the statements that are there', async () => {
  const { url, drop } = await createEmptyDatabase();
  const client = new pg.Client({ connectionString: url });
  try {
    const names = (await readMigrations()).map(({ name }) => name);
    await migrate(url, undefined, undefined, { only: new Set(names.filter((name) => name < MIGRATION)) });
    const { start, end, digest } = anchor('ventilators');
    await client.connect();
    await client.query(
      `INSERT INTO source (slug, title, text, language) VALUES ('kept', 'Kept', '${TEXT}', 'en')`,
    );
    await client.query(`INSERT INTO statement (slug, input_digest, text, mode, act, said_edtf, said_earliest, said_latest, source_id, added_position, position)
      VALUES ('old', '', 'It was said.', 'INDIRECT', 'STATE', '2025', '2025-01-01', '2025-12-31', 1, 1, 1)`);
    await client.query(`INSERT INTO anchor (statement_id, ordinal, start, "end", digest, source_id)
      VALUES (1, 0, ${start}, ${end}, '${digest}', 1)`);
    await migrate(url);
    const { rows } = await client.query(
      `SELECT span_words, span_language FROM statement WHERE search @@ to_tsquery('readout_english', 'said & ventilator')`,
    );
    expect(rows).toEqual([{ span_words: 'ventilators', span_language: 'en' }]);
  } finally {
    await client.end();
    await drop();
  }
});
