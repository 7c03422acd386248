import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACTOR, saveActors } from '../../../src/domain/actor.ts';
import { retractCollection } from '../../../src/domain/correction/collection.ts';
import { recordStatements } from '../../../src/domain/statement/record/record.ts';
import { retractStatement } from '../../../src/domain/statement/retract.ts';
import { linkStatements, reinstateStatement, reviseStatement } from '../../../src/domain/statement/revise.ts';
import { saveTopics } from '../../../src/domain/topic.ts';
import { withdrawEntry } from '../../../src/domain/withdraw.ts';
import { readHead } from '../../../src/log/head.ts';
import { verifyDatabase } from '../../../src/verify/history.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { exportedContent, exportedHistory, restored } from '../../support/exported.ts';
import { saveActor, saveCollection, saveEvent, saveSource, saveTopic } from '../../support/saves.ts';
import { makeWorld, statementInput } from '../../support/world.ts';

let made: TestDatabase;
let history: string;

beforeAll(async () => {
  made = await createTestDatabase({ seeded: false });
  await makeHistory();
  await makeCollections();
  history = await exportedHistory(made.db);
});
afterAll(() => made.drop());

/** A record whose entries were saved, changed in part, exchanged, linked, revised and retracted by several recorders. */
async function makeHistory(): Promise<void> {
  const { prisma } = made.db;
  await makeWorld(prisma);
  await prisma.$transaction(async (tx) => {
    // Two new actors that refer to one another, in one list.
    const parts = [
      {
        slug: 'ministry',
        name: 'Ministry',
        kind: 'BODY',
        affiliations: [{ in: 'state', role: 'Part', from: '2001~' }],
      },
      { slug: 'state', name: 'State', kind: 'STATE', affiliations: [{ in: 'ministry', role: 'Whole' }] },
    ];
    await saveActors(tx, parts, 'desk');
    await saveActor(
      tx,
      { slug: 'anna', affiliations: [{ in: 'state', role: 'Minister', from: '2020', to: '2025-07' }] },
      'desk',
    );
    await saveActor(
      tx,
      { slug: 'anna', description: 'A minister.', aliases: [{ name: 'A.', metonym: true }] },
      'jo',
    );
    await saveActor(tx, { slug: 'anna', description: null, affiliations: [] }, 'jo');
    await saveSource(
      tx,
      { slug: 'first-source', text: 'Some “words” here. ', publisher: 'daily-news' },
      'jo',
    );
    await saveSource(tx, { slug: 'first-source', text: null, url: 'https://example.org/1' }, 'jo');
    await saveEvent(tx, { slug: 'talks', date: '2025-06/2025-07', participants: ['anna', 'state'] }, 'jo');
  });
  // Topics exchange their places in one list.
  await prisma.$transaction((tx) =>
    saveTopics(
      tx,
      [
        { slug: 'truce', parent: null },
        { slug: 'prisoners', parent: 'peace' },
        { slug: 'peace', parent: 'truce' },
      ],
      'jo',
    ),
  );
  const [first, second, third] = await recordStatements(
    prisma,
    [
      statementInput({ slug: 'first', topics: [{ topic: 'truce', stance: 'SUPPORTS' }], key: 'k 1' }),
      statementInput({
        key: 'k 2',
        text: 'Anna says another thing.',
        onBehalfOf: ['state'],
        events: ['talks'],
      }),
      statementInput({ text: 'Anna says a third thing.', links: [{ to: 'first', kind: 'SHIFTS_FROM' }] }),
    ],
    'jo',
  );
  if (!first || !second || !third) throw new Error('three statements were not recorded');
  await prisma.$transaction(async (tx) => {
    await reviseStatement(
      tx,
      first.id,
      { text: 'Anna said it.', language: 'fr', addressees: ['boris'] },
      null,
      'desk',
    );
    await linkStatements(tx, second.id, { to: 'anna-says-a-third-thing', kind: 'ECHOES' }, 'desk');
    await retractStatement(tx, third.id, 'It was “wrong”.', 'jo');
  });
  await prisma.$transaction((tx) =>
    saveTopic(tx, { slug: 'trade', name: 'Commerce', proposition: 'More of it.' }, 'jo'),
  );
}

/** A collection whose entries were added, withdrawn, added again by another one, and retracted as a whole. */
async function makeCollections(): Promise<void> {
  const { prisma } = made.db;
  const first = await prisma.$transaction((tx) =>
    saveCollection(
      tx,
      {
        slug: 'first-set',
        title: 'First',
        licence: 'CC0',
        files: [{ name: 'a.csv', digest: 'a'.repeat(64), length: 3 }],
      },
      'jo',
    ),
  );
  const states = [
    { slug: 'atlantis', name: 'Atlantis', kind: 'STATE' },
    { slug: 'utopia', name: 'Utopia', kind: 'STATE', affiliations: [{ in: 'atlantis', role: 'Part' }] },
  ];
  await prisma.$transaction((tx) => saveActors(tx, states, 'jo', { collection: first.id }));
  await recordStatements(prisma, [statementInput({ slug: 'of-first', speakers: ['atlantis'] })], 'jo', {
    collection: first.id,
  });
  await prisma.$transaction((tx) => withdrawEntry(tx, ACTOR, 'utopia', 'It does not exist.', 'desk'));
  const second = await prisma.$transaction((tx) =>
    saveCollection(tx, { slug: 'second-set', title: 'Second' }, 'jo'),
  );
  await prisma.$transaction((tx) =>
    saveActors(
      tx,
      [
        { slug: 'utopia', name: 'Utopia again', kind: 'STATE' },
        { slug: 'anna', description: 'Again.' },
      ],
      'jo',
      { collection: second.id },
    ),
  );
  await retractCollection(prisma, 'first-set', 'A bad set.', 'desk');
  await prisma.$transaction(async (tx) => {
    await saveCollection(tx, { slug: 'second-set', version: '2' }, 'jo');
    await saveActor(tx, { slug: 'atlantis', name: 'Atlantis', kind: 'STATE' }, 'jo');
    const { id } = await tx.statement.findUniqueOrThrow({ where: { slug: 'of-first' } });
    const again = statementInput({ speakers: ['anna'], text: 'It is back.' });
    await reinstateStatement(tx, id, again, second.id, 'jo');
    await reviseStatement(tx, id, { text: 'It is back again.' }, null, 'jo');
  });
}

async function inNewRecord<T>(use: (test: TestDatabase) => Promise<T>): Promise<T> {
  const test = await createTestDatabase({ seeded: false });
  try {
    return await use(test);
  } finally {
    await test.drop();
  }
}

const readRows = async ({ db }: TestDatabase): Promise<unknown[]> => {
  const tables = [
    'change',
    'revision',
    'actor_revision',
    'topic_revision',
    'source_revision',
    'event_revision',
    'collection_revision',
  ];
  const columns = `coalesce(to_jsonb(x) ->> 'position', '') AS position, to_jsonb(x) - 'facets' AS row, to_jsonb(x) -> 'facets' AS facets`;
  const texts = [...tables, 'statement', 'actor', 'topic', 'source', 'event', 'collection'].map(
    (table) => `SELECT '${table}' AS name, ${columns} FROM ${table} x`,
  );
  const { rows } = await db.pool.query(
    `SELECT * FROM (${texts.join(' UNION ALL ')}) AS x ORDER BY name, position::bigint, row::text`,
  );
  return rows;
};

describe('a restored history', () => {
  it('has the same chain of digests, rows, facets and content as the record that it was exported from', async () => {
    await inNewRecord(async (copy) => {
      const before = await readHead(made.db.pool);
      expect(await restored(copy.db, history)).toEqual({ written: Number(before.position), kept: 0 });
      expect(await readHead(copy.db.pool)).toEqual(before);
      expect(await readRows(copy)).toEqual(await readRows(made));
      expect(await exportedHistory(copy.db)).toBe(history);
      expect(await exportedContent(copy.db)).toEqual(await exportedContent(made.db));
      const client = new pg.Client({ connectionString: copy.url });
      await client.connect();
      const { mismatches } = await verifyDatabase(client, before.digest, () => undefined);
      await client.end();
      expect(mismatches).toEqual([]);
    });
  });

  it('keeps the keys of statements, so that recording them once more adds nothing', async () => {
    await inNewRecord(async (copy) => {
      await restored(copy.db, history);
      const again = statementInput({
        text: 'Anna says another thing.',
        key: 'k 2',
        onBehalfOf: ['state'],
        events: ['talks'],
      });
      const [recorded] = await recordStatements(copy.db.prisma, [again], 'jo');
      expect(recorded?.created).toBe(false);
    });
  });

  it('goes on where an interrupted restore has stopped, and refuses another history', async () => {
    await inNewRecord(async (copy) => {
      const lines = history.split('\n');
      const part = lines.slice(0, 12).join('\n');
      await expect(restored(copy.db, part)).rejects.toThrow(
        'The file ends at change 11, and its header says',
      );
      expect(await restored(copy.db, history)).toEqual({ written: lines.length - 13, kept: 11 });
      expect(await restored(copy.db, history)).toEqual({ written: 0, kept: lines.length - 2 });
      await saveOne(copy);
      expect(await restored(copy.db, history)).toEqual({ written: 0, kept: lines.length - 2 });
    });
    await inNewRecord(async (other) => {
      await saveOne(other);
      await expect(restored(other.db, history)).rejects.toThrow('has a history of its own');
    });
  });

  const edits: [what: string, from: RegExp, to: string, refusal: RegExp][] = [
    [
      'a content',
      /"name":"anna"/,
      '"name":"x"',
      /line 2|:2: Change 1 is not the one of the history: its content/,
    ],
    ['a recorder', /"by":"jo"/, '"by":"joe"', /is not the one of the history: its fields/],
    ['a time', /"at":"20/, '"at":"19', /is not the one of the history: its fields/],
    ['a reference', /"in":"state"/, '"in":"nowhere"', /can’t be made again: .*nowhere/],
    ['a missing line', /\n.*"position":"3".*(?=\n)/, '', /The change after 2 is missing/],
    [
      'a change without a digest',
      /"digest":"\w+"(?=,"content")/,
      '"digest":null',
      /Only a backup of the database/,
    ],
  ];
  it('is refused with the line that was edited', async () => {
    await inNewRecord(async (copy) => {
      for (const [what, from, to, refusal] of edits) {
        const edited = history.replace(from, to);
        expect(edited, what).not.toBe(history);
        await expect(restored(copy.db, edited), what).rejects.toThrow(refusal);
      }
      expect(await restored(copy.db, history), 'a refused history has written something').toMatchObject({
        kept: 0,
      });
    });
  });
});

const saveOne = ({ db }: TestDatabase) =>
  db.prisma.$transaction((tx) => saveActor(tx, { slug: 'one', name: 'One', kind: 'PERSON' }, 'jo'));
