import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Manifest } from '../../src/backup/manifest.ts';
import { writeBackup } from '../../src/backup/write.ts';

/** A new folder, and how to remove it. */
export async function makeFolder(): Promise<{ folder: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'readout-backup-'));
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** Backs a database up into a file that is removed after the test. */
export async function backUpToFile(url: string): Promise<{ file: string; manifest: Manifest }> {
  const { folder, remove } = await makeFolder();
  onTestFinished(remove);
  const file = join(folder, 'record.sql.gz');
  return { file, manifest: await writeBackup(url, createWriteStream(file)) };
}
