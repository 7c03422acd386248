import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '../../src/domain/anchor.ts';
import { type CommandResult, runCommand } from '../support/command.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { bearer, startTestService, type TestService } from '../support/service.ts';

let test: TestDatabase;
let service: TestService;
let token: string;
let dir: string;

beforeAll(async () => {
  test = await createTestDatabase({ seeded: false });
  service = await startTestService(test.url);
  token = (await bearer(test.db, 'recorder', 'Rita')).authorization.replace('Bearer ', '');
  dir = await mkdtemp(join(tmpdir(), 'readout-import-test-'));
});
afterAll(async () => {
  await service.stop();
  await test.drop();
  await rm(dir, { recursive: true });
});

const run = (...args: string[]): Promise<CommandResult> =>
  runCommand('import', args, { env: { READOUT_URL: service.origin, READOUT_TOKEN: token }, cwd: dir });

/** A row of the table of a report. */
const rowOf = (stdout: string, kind: string): number[] =>
  (stdout.split('\n').find((line) => line.startsWith(kind)) ?? '').split(/ +/).slice(1).map(Number);

const keyed = (text: string): string =>
  JSON.stringify({
    statement: {
      ...{ key: 'keyed', text, mentions: [{ as: 'Mme Zuse' }], said: '2025-07-01', source: 'journal' },
      ...{ mode: 'INDIRECT', act: 'STATE' },
    },
  });

describe('import', () => {
  it('imports a folder of files of several formats into a collection, and tells what was refused, where', async () => {
    await writeFile(join(dir, 'a.yaml'), 'actors:\n  - { slug: anna, name: Anna, kind: PERSON }\n');
    await writeFile(
      join(dir, 'b.csv'),
      'Words;Who;When;Paper\nHello;Anna;1.7.2025;Gazette\nBye;Bert;2.7.2025;Gazette\nOh;Anna;soon;Gazette\n',
    );
    await writeFile(
      join(dir, 'map.json'),
      JSON.stringify({
        columns: {
          Words: 'text',
          Who: { to: 'speakers', slug: true },
          When: { to: 'said', date: 'D.M.YYYY' },
          Paper: 'source.title',
        },
        constants: { mode: 'INDIRECT', act: 'STATE' },
      }),
    );
    const args = [
      'a.yaml',
      'b.csv',
      '--map',
      'map.json',
      '--collection',
      'papers',
      '--title',
      'Papers',
      '--version',
      '1',
    ];
    const { code, stdout, stderr } = await run(...args);
    expect(stderr.trim().split('\n')).toEqual([
      'b.csv:4: When is “soon”, which is not a date of the form D.M.YYYY',
      'b.csv:3: speakers[0] names the actor “bert”, which the record does not have',
    ]);
    expect([code, rowOf(stdout, 'actors'), rowOf(stdout, 'sources'), rowOf(stdout, 'statements')]).toEqual([
      1,
      [1, 0, 0, 0, 0],
      [1, 0, 0, 0, 0],
      [1, 0, 0, 1, 0],
    ]);
    expect(await test.db.prisma.collection.findFirst()).toMatchObject({
      slug: 'papers',
      title: 'Papers',
      version: '1',
    });
    const again = await run('a.yaml', '--collection', 'papers', '--retract-gone');
    expect([again.code, rowOf(again.stdout, 'statements')]).toEqual([0, [0, 0, 0, 0, 1]]);
  });

  it('writes mentions to a review file, and resolves them where they are recorded once it is filled in', async () => {
    await writeFile(
      join(dir, 'people.yaml'),
      'actors:\n  - { slug: zoe, name: Zoe Zuse, kind: PERSON }\n  - { slug: yann, name: Yann, kind: PERSON }\n',
    );
    const lines = ['text;mention.as;said;source.title;mode;act'];
    for (const [text, who] of [
      ['First.', 'Mme Zuse'],
      ['Second.', 'Mme Zuse'],
      ['Third.', 'Yann'],
      ['Fourth.', 'the envoy'],
    ])
      lines.push(`${text};${who};2025-07-01;Journal;INDIRECT;STATE`);
    await writeFile(join(dir, 'said.csv'), lines.join('\n'));
    const args = ['people.yaml', 'said.csv', '--collection', 'said'];
    const first = await run(...args, '--review', 'review.csv');
    expect([first.code, rowOf(first.stdout, 'statements')]).toEqual([0, [4, 0, 0, 0, 0]]);
    const review = await readFile(join(dir, 'review.csv'), 'utf8');
    expect(review.split('\r\n').slice(1, 3)).toEqual([
      expect.stringMatching(/^"Mme Zuse","","","","2","zoe 0\.\d\d","said\.csv","2","First\."$/),
      expect.stringMatching(/^"the envoy","","","","1","","said\.csv","5","Fourth\."$/),
    ]);
    expect(review.split('\r\n')[3]).toBe('"Yann","","yann","name","1","","said.csv","4",""');
    expect(first.stdout).toContain('Actors found by name or office alone: 1.');
    await writeFile(join(dir, 'filled.csv'), review.replace('"Mme Zuse",""', '"Mme Zuse","zoe"'));
    const dry = await run(...args, '--map', 'filled.csv', '--dry-run');
    const second = await run(...args, '--map', 'filled.csv');
    for (const { code, stdout } of [dry, second])
      expect([code, rowOf(stdout, 'statements')]).toEqual([0, [0, 2, 2, 0, 0]]);
    const spoken = await test.db.prisma.statement.findMany({
      where: { speakers: { some: { actor: { slug: 'zoe' } } } },
      include: { changes: { orderBy: { position: 'asc' } } },
      orderBy: { id: 'asc' },
    });
    expect(
      spoken.map(({ text, changes }) => [text, changes.map(({ kind, reason }) => [kind, reason])]),
    ).toEqual(
      ['First.', 'Second.'].map((text) => [
        text,
        [
          ['STATEMENT_ADDED', null],
          ['STATEMENT_REVISED', 'An import has found the actor of a mention.'],
        ],
      ]),
    );
    // The same again, and without the map, changes nothing: what was resolved stays so.
    for (const map of [['--map', 'filled.csv'], []])
      expect(rowOf((await run(...args, ...map)).stdout, 'statements')).toEqual([0, 4, 0, 0, 0]);
    expect(await test.db.prisma.statementSpeaker.count({ where: { actor: { slug: 'zoe' } } })).toBe(2);
    // A row that has changed keeps what was resolved.
    await writeFile(join(dir, 'keyed.jsonl'), keyed('Keyed.'));
    await run('keyed.jsonl', '--map', 'filled.csv');
    await writeFile(join(dir, 'keyed.jsonl'), keyed('Keyed again.'));
    expect(rowOf((await run('keyed.jsonl')).stdout, 'statements')).toEqual([0, 0, 1, 0, 0]);
    expect(await test.db.prisma.statementSpeaker.count({ where: { actor: { slug: 'zoe' } } })).toBe(3);
  });

  it('lists the files that a corpus includes in its collection, with their digests', async () => {
    const files = {
      'ParlaMint-XX.xml': `<teiCorpus xml:id="ParlaMint-XX"><include href="orgs.xml"/><include href="2019/none.xml"/></teiCorpus>`,
      'orgs.xml':
        '<listOrg><org xml:id="PX" role="parliament"><orgName>Assembly of X</orgName></org></listOrg>',
    };
    for (const [name, text] of Object.entries(files)) await writeFile(join(dir, name), text);
    const { stderr } = await run('ParlaMint-XX.xml', '--collection', 'assembly');
    expect(stderr).toBe('2019/none.xml:1: is not there, though the file of the corpus includes it\n');
    const { files: listed } = await test.db.prisma.collection.findUniqueOrThrow({
      where: { slug: 'assembly' },
    });
    expect(listed).toEqual(
      Object.entries(files).map(([name, text]) => ({ name, digest: sha256(text), length: text.length })),
    );
  });

  it('recognises the actors of the files that ask for it, and not those of the files after them', async () => {
    const zim = (slug: string) => `actors:\n  - { slug: ${slug}, name: Zed Zim, kind: PERSON }\n`;
    await writeFile(join(dir, 'first.yaml'), zim('zim'));
    await writeFile(join(dir, 'popolo.json'), JSON.stringify({ persons: [{ id: '1', name: 'Zed Zim' }] }));
    await writeFile(join(dir, 'second.yaml'), zim('zed-zim'));
    await run('first.yaml');
    const { stdout } = await run('popolo.json', 'second.yaml');
    expect(rowOf(stdout, 'actors'), 'the person is known, and the second file names another one').toEqual([
      ...[1, 1, 0, 0, 0],
    ]);
  });

  it('exits with 2 where it can’t be tried', async () => {
    expect(await run('nothing.jsonl')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('There is no file'),
    });
    expect(await run('--sideways')).toMatchObject({ code: 2, stderr: expect.stringContaining('Usage') });
  });
});
