import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { type Manifest, rowCountOf } from '../backup/manifest.ts';
import { writeBackup } from '../backup/write.ts';
import { ReadoutError } from '../base/errors.ts';
import { grouped } from '../base/progress.ts';
import { loadConfig } from '../config/config.ts';
import { pathExists } from '../db/embedded/dataDirectory.ts';
import { parseCommandLine, runMain, UsageError } from './command.ts';
import { onDatabase, withProgress } from './recordDatabase.ts';

const USAGE = `Usage: npm run backup -- FILE

Writes the record in DATABASE_URL, or else the one in DATA_DIR, into a file, as it is at one position. The service can be running or not.
The file is compressed; its name usually ends with .sql.gz. “-” writes it to the standard output. It has digests of tokens, and no token.
Exits with 0 if the backup is complete, 2 if it is not.`;

const EXIT_FAILED = 2;

/** Writes the file under another name until it is complete, so that an incomplete one is never taken for a backup. */
async function writeFile(url: string, file: string): Promise<Manifest> {
  const draft = `${file}.part`;
  try {
    const output = createWriteStream(draft, { mode: 0o600, flush: true });
    const manifest = await withProgress((progress) =>
      writeBackup(url, output, (state) => progress.at(state)),
    );
    await rename(draft, file);
    return manifest;
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

async function main(): Promise<number> {
  const { values, positionals } = parseCommandLine(USAGE, {
    allowPositionals: true,
    options: { help: { type: 'boolean', short: 'h' } },
  });
  const [file, ...rest] = positionals;
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  if (file === undefined || rest.length > 0) throw new UsageError('Name one file.', USAGE);
  if (file !== '-' && (await pathExists(file))) {
    throw new ReadoutError('CONFLICT', `${file} exists already. Choose another name, or remove it.`);
  }
  const manifest = await onDatabase(loadConfig(process.env).config, false, (url) =>
    file === '-'
      ? withProgress((progress) => writeBackup(url, process.stdout, (state) => progress.at(state)))
      : writeFile(url, file),
  );
  console.error(
    `Wrote ${grouped(rowCountOf(manifest))} rows at position ${manifest.position} to ${file === '-' ? 'the standard output' : file}.\n` +
      `Digest ${manifest.digest}: write it down elsewhere, and “npm run verify -- --history --digest …” proves later that this history was restored.`,
  );
  return 0;
}

runMain(main, EXIT_FAILED);
