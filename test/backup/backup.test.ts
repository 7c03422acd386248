import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { gunzipSync, gzipSync } from 'node:zlib';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { checkBackup, restoreBackup } from '../../src/backup/restore.ts';
import { copyTarget, readSequences, readTables } from '../../src/backup/tables.ts';
import { writeBackup } from '../../src/backup/write.ts';
import { migrate, readMigrations } from '../../src/db/migrate.ts';
import { makeToken, storeToken } from '../../src/domain/access/token.ts';
import { backUpToFile, makeFolder } from '../support/archive.ts';
import { headCursor } from '../support/cursor.ts';
import {
  createEmptyDatabase,
  createTestDatabase,
  createUnusedDatabase,
  type TestDatabase,
} from '../support/database.ts';
import { startTestService } from '../support/service.ts';
import { happens } from '../support/until.ts';
import { record } from '../support/world.ts';

let seeded: TestDatabase;
/** A backup of the seed, which tests change copies of. */
let original: Buffer;
let folder: string;
let remove: () => Promise<void>;

beforeAll(async () => {
  ({ folder, remove } = await makeFolder());
  seeded = await createTestDatabase({ seeded: true });
  await storeToken(seeded.db.prisma, makeToken(), { name: 'Rita', role: 'recorder' });
  const chunks: Buffer[] = [];
  const output = new Writable({
    write(chunk: Buffer, _, done) {
      chunks.push(chunk);
      done();
    },
  });
  await writeBackup(seeded.url, output);
  original = Buffer.concat(chunks);
});
afterAll(async () => {
  await seeded.drop();
  await remove();
});

/** A connection to it would fail. */
const NO_DATABASE = 'postgresql://nobody@127.0.0.1:1/none';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function onDatabase<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

const run = (url: string, sql: string) => onDatabase(url, async (client) => (await client.query(sql)).rows);

async function emptyUrl(): Promise<string> {
  const { url, drop } = await createEmptyDatabase();
  cleanups.push(drop);
  return url;
}

/** A database with the seed. */
async function usedUrl(): Promise<string> {
  const { url, drop } = await createUnusedDatabase({ seeded: true });
  cleanups.push(drop);
  return url;
}

/** A digest of the rows of each table, and the states of the sequences. */
function contentOf(url: string): Promise<unknown> {
  return onDatabase(url, async (client) => {
    const tables: Record<string, unknown> = {};
    for (const { name } of await readTables(client)) {
      const { rows } = await client.query(
        `SELECT count(*)::int AS count, md5(string_agg(t::text, ',' ORDER BY t::text)) AS digest FROM "${name}" t`,
      );
      tables[name] = rows[0];
    }
    return { tables, sequences: await readSequences(client) };
  });
}

/** The indexes and constraints, as SQL. */
const structureOf = (url: string) =>
  run(
    url,
    `SELECT pg_get_indexdef(indexrelid) AS sql FROM pg_index WHERE indrelid::regclass::text NOT LIKE 'pg_%' UNION ALL
     SELECT concat_ws(' ', conrelid::regclass, conname, convalidated, pg_get_constraintdef(oid)) FROM pg_constraint
     WHERE connamespace = 'public'::regnamespace ORDER BY sql`,
  );

/** Writes a file to restore from. */
async function fileOf(bytes: Buffer): Promise<string> {
  const file = join(folder, 'copy.sql.gz');
  await writeFile(file, bytes);
  return file;
}

/** A backup whose text is changed. */
const edited = (edit: (text: string) => string): Promise<string> =>
  fileOf(gzipSync(edit(gunzipSync(original).toString('utf8'))));

const restore = (url: string, file: string, replace = false) => restoreBackup({ url, file, replace });

describe('a restored record', () => {
  it('is the one that was backed up, row by row, and fits its chain of digests', async () => {
    const url = await emptyUrl();
    const { manifest, report } = await restore(url, await fileOf(original));
    expect(await contentOf(url)).toEqual(await contentOf(seeded.url));
    expect(report).toMatchObject({ mismatches: [], hasExpected: true });
    expect(report.counts.changes).toBe(Number(manifest.position));
    expect(await headCursor(seeded.db)).toBe(`${manifest.position}.${manifest.digest.slice(0, 16)}`);
    expect(await migrate(url)).toEqual([]);
    expect(await structureOf(url)).toEqual(await structureOf(seeded.url));
  });

  it('does not fit if a row of the backup was changed', async () => {
    const file = await edited((text) =>
      text.replace(/^(COPY "source" .*\n[^\t]*\t[^\t]*\t)[^\t]*/m, '$1Another title'),
    );
    const { report } = await restore(await emptyUrl(), file);
    expect(report.mismatches).not.toEqual([]);
  });
});

describe('a backup', () => {
  it('has the record as it is at one position, whatever is written meanwhile, and waits for a slow reader', async () => {
    const test = await createTestDatabase({ seeded: true });
    cleanups.push(test.drop);
    const before = await headCursor(test.db);
    const content = await contentOf(test.url);
    let goOn: () => void = () => undefined;
    let began: () => void = () => undefined;
    const started = new Promise<void>((resolve) => {
      began = resolve;
    });
    const resumed = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const chunks: Buffer[] = [];
    const slow = new Writable({
      highWaterMark: 1,
      write(chunk: Buffer, _, done) {
        chunks.push(chunk);
        began();
        void resumed.then(() => done());
      },
    });
    const written = writeBackup(test.url, slow);
    await happens('the first bytes of the backup', started);
    const { rows } = await test.db.pool.query('SELECT slug FROM actor LIMIT 1');
    const source = await test.db.prisma.source.findFirstOrThrow();
    await record(test.db, { speakers: [rows[0].slug], source: source.slug, text: 'Said meanwhile.' });
    goOn();
    const manifest = await happens('the end of the backup', written);
    expect(`${manifest.position}.${manifest.digest.slice(0, 16)}`).toBe(before);
    const url = await emptyUrl();
    const { report } = await restore(url, await fileOf(Buffer.concat(chunks)));
    expect(report.mismatches).toEqual([]);
    const restored = (await contentOf(url)) as { tables: unknown };
    expect(restored.tables).toEqual((content as { tables: unknown }).tables);
  });

  it('says version, migrations, position and digest in its second line', async () => {
    const [, line] = gunzipSync(original).toString('utf8').split('\n');
    expect(JSON.parse((line as string).slice(3))).toMatchObject({
      version: expect.any(String),
      position: expect.stringMatching(/^\d+$/),
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      migrations: (await readMigrations()).map(({ name, checksum }) => ({ name, checksum })),
    });
  });

  it('is refused for a database without a record', async () => {
    await expect(backUpToFile(await emptyUrl())).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('of older migrations is restored with these, and the later ones follow', async () => {
    const url = await emptyUrl();
    const names = (await readMigrations()).map(({ name }) => name);
    await migrate(url, undefined, undefined, { only: new Set(names.slice(0, -1)) });
    await run(url, `INSERT INTO actor (slug, name, kind) VALUES ('old', 'Old', 'PERSON')`);
    const { file, manifest } = await backUpToFile(url);
    expect(manifest.migrations.map(({ name }) => name)).toEqual(names.slice(0, -1));
    const target = await usedUrl();
    await restore(target, file, true);
    expect(await run(target, 'SELECT slug FROM actor')).toEqual([{ slug: 'old' }]);
    expect(await migrate(target)).toEqual([]);
  });
});

describe('a restore is refused', () => {
  it.each([
    ['empty', () => Promise.resolve(Buffer.alloc(0)), 'ends too early'],
    ['cut at its beginning', async () => original.subarray(0, 200), 'ends too early'],
    ['cut in the middle', async () => original.subarray(0, original.length / 2), 'ends too early'],
    ['cut by one byte', async () => original.subarray(0, -1), 'ends too early'],
    ['damaged in the middle', async () => flipped(original.length / 2), "The backup can't be restored"],
    ['damaged at its checksum', async () => flipped(original.length - 6), 'damaged'],
    ['not compressed', async () => Buffer.from('SELECT 1;\n'), 'not a backup of Readout'],
    ['another text', async () => gzipSync('SELECT 1;\nSELECT 2;\n'), 'not a backup of Readout'],
    [
      'of a later format',
      () => text((all) => all.replace('format 1', 'format 2')),
      'its format 2 is not known',
    ],
    [
      'without its last line',
      () => text((all) => all.replace(/-- The backup is complete.\n$/, '')),
      'ends too early',
    ],
    ['longer than it should be', () => text((all) => `${all}SELECT 1;\n`), 'more lines than its manifest'],
    ['without a row', () => text((all) => all.replace(/^(COPY "token".*\n).*\n/m, '$1')), 'token has 0 rows'],
    [
      'of other migrations',
      () => text((all) => all.replaceAll('_initial"', '_other"')),
      '_other has no place',
    ],
    [
      'with edited migrations',
      () => text((all) => all.replace(/"checksum":"./, '"checksum":"x')),
      'another content',
    ],
  ])('for a file that is %s, before the database is touched', async (_, make, reason) => {
    await expect(restore(NO_DATABASE, await fileOf(await make()))).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining(reason),
    });
  });

  const flipped = (at: number): Buffer => {
    const copy = Buffer.from(original);
    const index = Math.floor(at);
    copy[index] = (copy[index] as number) ^ 0xff;
    return copy;
  };
  const text = async (edit: (all: string) => string): Promise<Buffer> =>
    gzipSync(edit(gunzipSync(original).toString('utf8')));

  it('for a database with a record, unless it may be lost', async () => {
    const url = await usedUrl();
    await run(url, `UPDATE source SET title = 'Changed'`);
    const content = await contentOf(url);
    await expect(restore(url, await fileOf(original))).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringMatching(/has a record with \d+ changes, .* --replace/),
    });
    expect(await contentOf(url)).toEqual(content);
    await restore(url, await fileOf(original), true);
    expect(await contentOf(url)).toEqual(await contentOf(seeded.url));
  });

  it('for a database with tables of another program, even if it may be lost', async () => {
    const url = await emptyUrl();
    await run(url, 'CREATE TABLE shop (id int)');
    await expect(restore(url, await fileOf(original), true)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('“shop”'),
    });
    expect(await run(url, 'SELECT FROM shop')).toEqual([]);
  });

  it('while a service uses the database', async () => {
    const url = await usedUrl();
    const service = await startTestService(url);
    cleanups.push(() => service.stop());
    await expect(restore(url, await fileOf(original))).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('Stop it'),
    });
  });

  it('whole, if a row can’t be written: the former record is still there', async () => {
    const url = await usedUrl();
    const content = await contentOf(url);
    const file = await edited((all) => all.replace(/^(COPY "actor" .*\n)1\t/m, '$1not a number\t'));
    await expect(restore(url, file, true)).rejects.toThrow(/invalid input syntax/);
    expect(await contentOf(url)).toEqual(content);
  });
});

it('the file is read in pieces: a row can be longer than any of them', async () => {
  const rows = ['short', 'x'.repeat(3_000_000), '\\\\.', ''].map((row) => `${row}\n`).join('');
  const table = { name: 'long', columns: ['text'], rows: 4 };
  const manifest = {
    ...{ version: '1', madeAt: '', position: '0', digest: '', migrations: [], sequences: [] },
    tables: [table],
  };
  const text = [
    '-- Readout backup, format 1',
    `-- ${JSON.stringify(manifest)}`,
    `COPY ${copyTarget(table)} FROM stdin;`,
    `${rows}\\.`,
    '-- The backup is complete.\n',
  ].join('\n');
  expect(await checkBackup(await fileOf(gzipSync(text)), () => undefined)).toEqual(manifest);
  expect(await readFile(join(folder, 'copy.sql.gz'))).not.toHaveLength(0);
});
