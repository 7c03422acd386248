import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACTOR, saveActors } from '../../src/domain/actor.ts';
import { recordStatements } from '../../src/domain/statement/record/record.ts';
import { retractStatement } from '../../src/domain/statement/retract.ts';
import { linkStatements } from '../../src/domain/statement/revise.ts';
import { withdrawEntry } from '../../src/domain/withdraw.ts';
import { csvLines } from '../../src/export/content.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { exported, exportedContent, linesOf, loadContent } from '../support/exported.ts';
import { saveActor, saveEvent, saveSource } from '../support/saves.ts';
import { makeWorld, statementInput } from '../support/world.ts';

let test: TestDatabase;

beforeAll(async () => {
  test = await createTestDatabase({ seeded: false });
  const { prisma } = test.db;
  await makeWorld(prisma);
  await prisma.$transaction(async (tx) => {
    const states = [
      { slug: 'zeta', name: 'Zeta', kind: 'STATE' },
      {
        slug: 'eta-2',
        name: 'Eta',
        kind: 'ORGANISATION',
        affiliations: [{ in: 'zeta', role: 'Member', from: '2001~' }],
      },
      { slug: 'eta', name: 'Eta', kind: 'BODY', identifiers: [{ scheme: 'wikidata', value: 'Q1' }] },
    ];
    await saveActors(tx, states, 'desk');
    await saveActor(
      tx,
      { slug: 'boris', affiliations: [{ in: 'eta-2', role: 'Envoy', to: '2024-05-31' }] },
      'desk',
    );
    await saveSource(
      tx,
      { slug: 'second-source', publisher: 'daily-news', text: 'Words,\n“in” lines; = more 😀 ' },
      'desk',
    );
    await saveEvent(tx, { slug: 'summit', date: '2025-06/2025-07', participants: ['clara'] }, 'desk');
  });
  const inputs = [
    { slug: 'one', text: '=1+1' },
    { slug: 'two', text: 'Two.', topics: [{ topic: 'prisoners', stance: 'MIXED' }] },
    { slug: 'three', text: 'Three.', speakers: ['boris'], source: 'second-source', events: ['summit'] },
    { slug: 'four', text: 'Four.', key: 'key of four', links: [{ to: 'two', kind: 'ECHOES' }] },
    { slug: 'five', text: 'Five.', speakers: ['clara'] },
  ];
  const recorded = await recordStatements(prisma, inputs.map(statementInput), 'desk');
  const id = (i: number): number => recorded[i]?.id as number;
  await prisma.$transaction(async (tx) => {
    // Links to statements that were added later, one after another.
    await linkStatements(tx, id(0), { to: 'five', kind: 'AGREES_WITH' }, 'desk');
    await linkStatements(tx, id(2), { to: 'four', kind: 'ECHOES' }, 'desk');
  });
  await prisma.$transaction((tx) => linkStatements(tx, id(4), { to: 'three', kind: 'ECHOES' }, 'desk'));
});
afterAll(() => test.drop());

async function afterRoundTrip(body: string): Promise<string> {
  const copy = await createTestDatabase({ seeded: false });
  try {
    expect(await loadContent(copy.db, body), 'the import has refused lines').toEqual([]);
    return (await exportedContent(copy.db)).body;
  } finally {
    await copy.drop();
  }
}

const slugsOf = (body: string, kind: string): unknown[] =>
  linesOf(body).flatMap((line) => (line[kind] ? [line[kind].slug] : []));

describe('the content of a record', () => {
  it('is exported in the order in which it can be imported, and again byte for byte', async () => {
    const { header, body } = await exportedContent(test.db);
    expect(header).toEqual({
      readout: 1,
      content: 'current',
      cursor: expect.stringMatching(/^\d+\.[0-9a-f]{16}$/),
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(slugsOf(body, 'actor')).toEqual(['anna', 'boris', 'clara', 'daily-news', 'eta', 'eta-2', 'zeta']);
    expect(slugsOf(body, 'statement')).toEqual(['two', 'four', 'three', 'five', 'one']);
    expect(body).toContain(
      '{"statement":{"key":"key of four","slug":"four","text":"Four.","mode":"INDIRECT",',
    );
    expect(body).not.toMatch(/null|\[\]/);
    expect(await afterRoundTrip(body)).toBe(body);
  });

  it('with a filter has the statements that it finds, and everything that they refer to', async () => {
    const { header, body } = await exportedContent(test.db, { speakers: ['boris'] });
    expect(header).toMatchObject({ filter: { speakers: ['boris'] }, cutLinks: 1 });
    expect(slugsOf(body, 'statement')).toEqual(['three']);
    expect(slugsOf(body, 'actor')).toEqual(['boris', 'clara', 'daily-news', 'eta-2', 'zeta']);
    expect(slugsOf(body, 'source')).toEqual(['second-source']);
    expect(slugsOf(body, 'event')).toEqual(['summit']);
    expect(await afterRoundTrip(body)).toBe(body);
    const byTopic = await exportedContent(test.db, { topics: ['prisoners'] });
    expect(slugsOf(byTopic.body, 'topic')).toEqual(['peace', 'prisoners', 'truce']);
  });

  it('leaves retracted statements out, and counts the links to them', async () => {
    const copy = await createTestDatabase({ seeded: false });
    try {
      await loadContent(copy.db, (await exportedContent(test.db)).body);
      const { id } = await copy.db.prisma.statement.findUniqueOrThrow({ where: { slug: 'three' } });
      await copy.db.prisma.$transaction((tx) => retractStatement(tx, id, 'Wrong.', 'desk'));
      const { header, body } = await exportedContent(copy.db);
      expect(header.cutLinks).toBe(1);
      expect(slugsOf(body, 'statement')).toEqual(['two', 'four', 'five', 'one']);
      expect(await afterRoundTrip(body)).toBe(body);
    } finally {
      await copy.drop();
    }
  });

  it('has no withdrawn entry', async () => {
    const copy = await createTestDatabase({ seeded: false });
    try {
      await loadContent(copy.db, (await exportedContent(test.db)).body);
      await copy.db.prisma.$transaction((tx) => withdrawEntry(tx, ACTOR, 'eta', 'Wrong.', 'desk'));
      const { body } = await exportedContent(copy.db);
      expect(slugsOf(body, 'actor')).toEqual(['anna', 'boris', 'clara', 'daily-news', 'eta-2', 'zeta']);
    } finally {
      await copy.drop();
    }
  });

  it('can’t be exported by a filter for retracted statements or for an unknown slug', async () => {
    await expect(exportedContent(test.db, { includeRetracted: true })).rejects.toThrow('Export the history');
    await expect(exportedContent(test.db, { speakers: ['nobody'] })).rejects.toThrow('no actor “nobody”');
  });
});

describe('CSV', () => {
  it('has a row for each statement, with its source', async () => {
    const text = await exported(test.db, (...of) => csvLines(...of, 'statement', true), {
      speakers: ['boris'],
    });
    const [columns, row, end] = text.split('\r\n');
    expect(columns).toMatch(/^\uFEFFkey,slug,text,quote,language,mode,act,speakers,/);
    expect(row).toMatch(
      /^,three,Three\.,,,INDIRECT,STATE,boris,.*,summit,second-source,second-source,daily-news,/,
    );
    expect(end).toBe('');
    const all = await exported(test.db, (...of) => csvLines(...of, 'statement', false));
    expect(all).toContain(",one,'=1+1,");
  });
});
