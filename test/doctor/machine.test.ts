import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/config.ts';
import {
  checkClock,
  checkConnections,
  checkDatabase,
  checkExtensions,
  checkLocale,
  checkPooler,
  checkRights,
  checkVersion,
} from '../../src/doctor/database.ts';
import { formatFinding } from '../../src/doctor/finding.ts';
import {
  checkFree,
  checkMachine,
  checkMemory,
  checkNode,
  checkOpenFiles,
  checkWritable,
} from '../../src/doctor/machine.ts';
import { createEmptyDatabase, createUnusedDatabase, onServer } from '../support/database.ts';

describe('the checks of a machine', () => {
  it('have a result each on this one', async () => {
    const names = (await checkMachine(parseConfig({ DATA_DIR: '/tmp/not/there/yet' }))).map(
      ({ name }) => name,
    );
    expect(names).toEqual(expect.arrayContaining(['Node.js', 'memory', 'disk', 'data directory']));
  });

  it('find that the data directory can’t be made in a file', async () => {
    const file = fileURLToPath(import.meta.url);
    const found = (await checkMachine(parseConfig({ DATA_DIR: `${file}/data` }))).map(formatFinding);
    expect(found).toContainEqual(
      expect.stringMatching(/^FAIL data directory: this user can't write in .*machine\.test\.ts \(ENOTDIR\)/),
    );
  });

  it.each([
    [checkNode('20.19.0'), 'ok   Node.js: 20.19.0.'],
    [checkNode('20.18.9'), 'FAIL Node.js: 20.18.9 is too old. Install 20.19 or a newer version.'],
    [checkMemory(2_000, 4), /^warn memory: 2000 MB for 4 processes\. .* give 3600 MB, or set WORKERS lower/],
    [checkOpenFiles(1_024), /^warn open files: 1024\. .*ulimit -n 10000/],
    [checkFree('/data', 90_000, 0.05), /^warn disk: 90000 MB free in \/data \(5 %\)\. .*Make room/],
    [checkFree('/data', 90_000, 0.5), /^ok {3}disk/],
    [
      checkWritable('/data', 'EROFS'),
      /^FAIL data directory: \/data is on a read-only file system\. Mount it for writing, or set DATA_DIR/,
    ],
    [
      checkWritable('/data', 'EACCES'),
      /^FAIL data directory: this user can't write in \/data \(EACCES\)\. Give it/,
    ],
    [checkVersion({ version: 13 }), /^FAIL PostgreSQL: 13 is too old\. Use version 14 to 18/],
    [checkVersion({ version: 19 }), /^warn PostgreSQL: 19 is newer/],
    [checkLocale({ encoding: 'SQL_ASCII', finds: true }), /^FAIL locale: the encoding is SQL_ASCII/],
    [checkLocale({ encoding: 'UTF8', finds: false }), /^warn locale: .*“Character type”/],
    [
      checkExtensions({ available: [], installed: [], mayCreate: true }),
      /^FAIL extensions: .*postgresql-contrib/,
    ],
    [
      checkExtensions({ available: ['pg_trgm'], installed: ['unaccent', 'fuzzystrmatch'], mayCreate: false }),
      /^FAIL extensions: pg_trgm can't be created by this user\. As a superuser: CREATE EXTENSION pg_trgm;/,
    ],
    [checkRights({ mayCreateSchema: false, foreignTable: null }), /^FAIL rights: this user may not create/],
    [
      checkRights({ mayCreateSchema: true, foreignTable: 'actor' }),
      /^FAIL rights: the table “actor” belongs/,
    ],
    [checkClock(40_000, 5), /^FAIL clock: 40 s behind PostgreSQL\. Set the clocks/],
    [checkClock(-40_000, 5), /^FAIL clock: 40 s ahead of PostgreSQL/],
    [checkClock(9_000, 8_000), /^ok {3}clock/],
    [checkPooler(false), /^warn pooler/],
    [
      checkConnections({ connectionsMax: 97, connections: 3 }, { poolMax: 20, workers: 5 }),
      /^FAIL connections: 140 needed by 5 × \(POOL_MAX 20 \+ 8\), 97 allowed, 3 open now\. Raise max_connections/,
    ],
  ])('say what to do: %s', (finding, line) => {
    if (typeof line === 'string') expect(formatFinding(finding)).toBe(line);
    else expect(formatFinding(finding)).toMatch(line);
  });
});

describe('the check of a database', () => {
  const lines = async (url: string): Promise<string[]> =>
    (await checkDatabase(url, parseConfig({}))).map(formatFinding);

  it('finds a record in order, and an empty database ready for one', async () => {
    const record = await createUnusedDatabase({ seeded: false });
    const empty = await createEmptyDatabase();
    for (const { url } of [record, empty]) {
      expect((await lines(url)).filter((line) => !line.startsWith('ok'))).toEqual([]);
    }
    expect((await lines(record.url)).at(-1)).toMatch(/^ok {3}migrations: all \d+ are applied\.$/);
    expect((await lines(empty.url)).at(-1)).toBe(
      'ok   migrations: the database is empty; the start creates the tables.',
    );
    await record.drop();
    await empty.drop();
  });

  it('finds that a user lacks rights', async () => {
    const { url, drop } = await createUnusedDatabase({ seeded: false });
    const user = 'doctor_test';
    await onServer((client) => client.query(`CREATE USER ${user} PASSWORD 'x'`));
    try {
      const found = await lines(String(Object.assign(new URL(url), { username: user, password: 'x' })));
      expect(found).toContainEqual(expect.stringMatching(/^FAIL rights: this user may not create tables/));
    } finally {
      await onServer((client) => client.query(`DROP USER ${user}`));
      await drop();
    }
  });

  it('finds that it can’t be written, and that it allows too few connections', async () => {
    const { url, drop } = await createEmptyDatabase();
    const name = new URL(url).pathname.slice(1);
    await onServer((client) =>
      client.query(`ALTER DATABASE "${name}" SET default_transaction_read_only = on`),
    );
    await onServer((client) => client.query(`ALTER DATABASE "${name}" CONNECTION LIMIT 9`));
    const found = await lines(url);
    expect(found).toContainEqual(expect.stringMatching(/^FAIL writing: the database is read only\. Use one/));
    expect(found).toContainEqual(
      expect.stringMatching(/^FAIL connections: 18 needed .*, 9 allowed, .*CONNECTION LIMIT of the database/),
    );
    await drop();
  });

  it('says what to do if PostgreSQL refuses the connection', async () => {
    const { url, drop } = await createEmptyDatabase();
    expect(await lines(`${url}_absent`)).toEqual([
      expect.stringMatching(
        /^FAIL PostgreSQL: .*_absent" does not exist\. Create the database with CREATE DATABASE/,
      ),
    ]);
    expect(await lines(`${url}?sslmode=require`)).toEqual([
      expect.stringMatching(/^FAIL PostgreSQL: .*does not support SSL connections\. Turn ssl on/),
    ]);
    const wrong = String(Object.assign(new URL(url), { password: 'wrong' }));
    expect(await lines(wrong)).toEqual([
      expect.stringMatching(
        /^FAIL PostgreSQL: .*password .*\. Check the user and the password in DATABASE_URL/,
      ),
    ]);
    await onServer((client) => client.query(`CREATE USER doctor_refused PASSWORD 'x' CONNECTION LIMIT 0`));
    const limited = Object.assign(new URL(url), { username: 'doctor_refused', password: 'x' });
    expect(await lines(String(limited))).toEqual([
      expect.stringMatching(
        /^FAIL PostgreSQL: .*too many connections.*\. All connections are in use\. Raise/,
      ),
    ]);
    await onServer((client) => client.query('DROP USER doctor_refused'));
    await drop();
  });

  it('says where it has looked if PostgreSQL can’t be reached', async () => {
    expect(await lines('postgresql://nobody:secret@127.0.0.1:1/none')).toEqual([
      expect.stringMatching(
        /^FAIL PostgreSQL: 127\.0\.0\.1:1\/none can't be reached: .*ECONNREFUSED.* Check DATABASE_URL/,
      ),
    ]);
  });
});
