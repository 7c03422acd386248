import { writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { SourceText, sha256 } from '../../../../src/domain/anchor.ts';
import type { Item } from '../../../../src/import/item.ts';
import { readDna } from '../../../../src/import/read/dna/reader.ts';
import { DNA_TEXT, withDnaFile } from '../../../support/dnaFile.ts';

interface Statement {
  readonly key: string;
  readonly source: string;
  readonly anchors: readonly { readonly start: number; readonly end: number; readonly digest: string }[];
}

async function read(path: string, keepText = false): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of readDna({ path, file: 'debate.dna', keepText })) items.push(item);
  return items;
}

const valuesOf = (items: readonly Item[], kind: string): unknown[] =>
  items.flatMap((item) => (item.kind === kind && 'value' in item ? [item.value] : []));

describe.each([3, 2] as const)('a DNA file of version %i', (version) => {
  const items = withDnaFile(version, read);

  it('gives persons, organisations and publishers as actors, and leaves empty values out', async () => {
    expect(valuesOf(await items, 'actor')).toEqual([
      {
        slug: 'ana-perez',
        name: 'Ana Pérez',
        kind: 'PERSON',
        description: 'Type: Business',
        aliases: [{ name: 'A. Pérez' }],
      },
      {
        slug: 'greenpeace',
        name: 'Greenpeace',
        kind: 'ORGANISATION',
        ...(version === 3 && { identifiers: [{ scheme: 'wikidata', value: 'Q81307' }] }),
      },
      { slug: 'the-daily-example', name: 'The Daily Example', kind: 'OUTLET' },
    ]);
  });

  it('gives concepts as topics with the sentence as proposition, in their tree', async () => {
    expect(valuesOf(await items, 'topic')).toEqual([
      {
        slug: 'coal-should-go',
        name: 'Coal should go.',
        proposition: 'Coal should go.',
        parent: 'energy-should-be-clean',
      },
      {
        slug: 'energy-should-be-clean',
        name: 'Energy should be clean.',
        proposition: 'Energy should be clean.',
      },
    ]);
  });

  it('gives documents as sources with digest and length, and the text only where it may be kept', async () => {
    const source = {
      slug: expect.stringMatching(/^coal-a-debate-[0-9a-f]{8}$/),
      title: 'Coal: “a debate”',
      publisher: 'the-daily-example',
      url: 'https://example.org/coal',
      publishedOn: '2019-12-28',
      digest: sha256(DNA_TEXT),
      length: [...DNA_TEXT].length,
    };
    expect(valuesOf(await items, 'source')[0]).toEqual(source);
    const kept = await withDnaFile(version, (path) => read(path, true));
    expect(valuesOf(kept, 'source')[0]).toEqual({ ...source, text: DNA_TEXT });
  });

  it('gives agreement as stance, the organisation as the one spoken for, and the coder', async () => {
    const [first, second, third] = valuesOf(await items, 'statement');
    expect(first).toMatchObject({
      quote: 'Coal must go',
      mode: 'MIXED',
      act: 'STATE',
      mentions: [{ as: 'Ana Pérez', actor: 'ana-perez' }],
      onBehalfOf: ['greenpeace'],
      coder: 'Ada',
      said: '2019-12-28',
      topics: [{ topic: 'coal-should-go', stance: 'SUPPORTS' }],
    });
    expect(second).toMatchObject({
      coder: 'Ben',
      topics: [{ topic: 'energy-should-be-clean', stance: 'OPPOSES' }],
    });
    expect(second).not.toHaveProperty('onBehalfOf');
    expect(third).toMatchObject({ mentions: [{ as: 'Greenpeace', actor: 'greenpeace' }] });
  });

  it('counts spans in code points, though DNA counts UTF-16 units', async () => {
    const statements = valuesOf(await items, 'statement') as Statement[];
    const text = new SourceText(DNA_TEXT);
    expect(statements.map(({ anchors: [anchor] }) => anchor && text.check(anchor))).toEqual(
      ['Coal must go', 'Coal must go', 'Greenpeace agreed'].map((span) => ({ ok: true, span })),
    );
    expect(statements[0]?.anchors[0]).toEqual({
      start: 4,
      end: 16,
      digest: sha256('Coal must go'),
      prefix: '🏭🏭 “',
      suffix: ',” said Pérez. Greenpeace agreed.'.slice(0, 32),
    });
  });

  it('names each statement that it can’t take, with its row and the reason', async () => {
    const unread = (await items).filter((item) => item.kind === 'unread');
    expect(unread.map(({ place, path, reason }) => [place.line, path, reason])).toEqual([
      [6, ['STATEMENTS', 6], 'has a span that its document does not have'],
      [7, ['STATEMENTS', 7], 'has a span that its document does not have'],
      [4, ['STATEMENTS', 4], 'has neither a person nor an organization'],
      [5, ['STATEMENTS', 5], expect.stringContaining('is of the type “Annotation”, which is not read')],
      [8, ['STATEMENTS', 8], 'is in a document without a date'],
    ]);
  });

  it('counts what it leaves out of the entries that it takes', async () => {
    const omitted = (await items).filter((item) => item.kind === 'omitted');
    expect(omitted.map(({ what, count }) => [what, count])).toEqual([
      ['authors of documents', 1],
      ['sections of documents', 1],
      ['sources of documents without a letter', 1],
      ['values of the variable “place”', 1],
    ]);
  });

  it('gives a corrected document and a changed agreement the same slug and key', async () => {
    const [before] = valuesOf(await items, 'statement') as [Statement];
    const changed = await withDnaFile(
      version,
      read,
      "UPDATE DOCUMENTS SET Text = Text || ' More.'; UPDATE DATABOOLEAN SET Value = 0 WHERE StatementId = 1",
    );
    const [after] = valuesOf(changed, 'statement') as [Statement];
    expect([after.key, after.source]).toEqual([before.key, before.source]);
    expect(after).toMatchObject({ topics: [{ stance: 'OPPOSES' }] });
  });
});

describe('a file that is no DNA file', () => {
  it.each([
    ['a text', 'not a database', 'debate.dna is not a DNA file'],
    ['an SQLite database of another program', '', 'debate.dna is not a DNA file: it has no table SETTINGS'],
  ])('is refused by name: %s', async (_, content, message) => {
    await withDnaFile(
      3,
      async (path) => {
        if (content !== '') await writeFile(path, content);
        await expect(read(path)).rejects.toThrow(message);
      },
      'DROP TABLE SETTINGS',
    );
  });

  it('is refused with its version where that is unknown', async () => {
    const change = "UPDATE SETTINGS SET Value = '1.31' WHERE Property = 'version'";
    await withDnaFile(
      3,
      (path) => expect(read(path)).rejects.toThrow('is of DNA version “1.31”. Versions 2 and 3 are read.'),
      change,
    );
  });
});
