import { rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EmbeddedServer, startEmbeddedServer } from '../../src/db/embedded/server.ts';
import { migrate } from '../../src/db/migrate.ts';
import { makeFolder } from '../support/archive.ts';
import { type CommandResult, runCommand } from '../support/command.ts';
import { headCursor } from '../support/cursor.ts';
import { openTestDatabase } from '../support/database.ts';
import { makeWorld } from '../support/world.ts';

let folder: string;
let remove: () => Promise<void>;
let dataDir: string;
let file: string;
let server: EmbeddedServer | undefined;

beforeAll(async () => {
  ({ folder, remove } = await makeFolder());
  dataDir = join(folder, 'data');
  file = join(folder, 'record.sql.gz');
});
afterAll(async () => {
  await server?.stop();
  await remove();
});

const run = (name: string, ...args: string[]): Promise<CommandResult> =>
  runCommand(name, args, { env: { DATABASE_URL: '', DATA_DIR: dataDir } });

async function start(): Promise<EmbeddedServer> {
  server = await startEmbeddedServer({ dataDir, onNotice: () => undefined, settings: { fsync: 'off' } });
  return server;
}

async function cursorOf(url: string): Promise<string> {
  const db = openTestDatabase(url, 1);
  try {
    return await headCursor(db);
  } finally {
    await db.close();
  }
}

describe('backup and restore of the service’s own database', () => {
  it('work beside the running server, and start it where it does not run', async () => {
    const { url } = await start();
    await migrate(url);
    const db = openTestDatabase(url, 2);
    await makeWorld(db.prisma);
    await db.close();
    const cursor = await cursorOf(url);
    expect(await run('backup', file)).toMatchObject({
      code: 0,
      output: expect.stringMatching(/^Wrote \d+ rows at position 12 to .*\nDigest [0-9a-f]{64}: /),
    });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    await server?.stop();

    await rename(dataDir, join(folder, 'former'));
    expect(await run('restore', file)).toMatchObject({
      code: 0,
      output: expect.stringMatching(/at position 12\.[\s\S]*12 changes checked.* everything fits/),
    });
    expect(await cursorOf((await start()).url)).toBe(cursor);
    await server?.stop();
    expect(await run('verify', '--history', '--digest', cursor)).toMatchObject({
      code: 0,
      output: expect.stringMatching(/is in the chain\n\n12 changes checked.* everything fits/),
    });
    expect(await run('restore', file)).toMatchObject({
      code: 2,
      output: expect.stringContaining('12 changes, which would be lost'),
    });
  });

  it('never write over a file, and leave no part of one', async () => {
    expect(await run('backup', file)).toMatchObject({
      code: 2,
      output: expect.stringContaining('exists already'),
    });
    dataDir = join(folder, 'none');
    expect(await run('verify', '--history')).toMatchObject({
      code: 2,
      output: expect.stringContaining('There is no record in'),
    });
    const other = join(folder, 'other.sql.gz');
    expect(await run('backup', other)).toMatchObject({
      code: 2,
      output: expect.stringContaining('There is no record in'),
    });
    for (const path of [other, `${other}.part`]) await expect(stat(path)).rejects.toThrow('ENOENT');
  });

  it('say how they are used', async () => {
    const outcomes = await Promise.all([run('backup'), run('restore'), run('restore', file, '--repalce')]);
    expect(outcomes.map(({ code }) => code)).toEqual([2, 2, 2]);
    expect(outcomes[0]?.output).toContain('Usage: npm run backup -- FILE');
    expect(outcomes[1]?.output).toContain('Usage: npm run restore -- FILE [--replace]');
    expect(outcomes[2]?.output).toContain('--repalce');
  });
});
