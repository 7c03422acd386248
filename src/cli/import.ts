import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { INPUT_MAX } from '../domain/input/field.ts';
import { parseCsvMap } from '../import/read/csvMap.ts';
import { JSONL_VERSION, jsonlLine } from '../import/read/jsonl.ts';
import { readMentionMap } from '../import/read/mentionMap.ts';
import { FORMATS } from '../import/read/readers.ts';
import { reviewFile } from '../import/recognise/reviewFile.ts';
import type { ImportReport } from '../import/report.ts';
import { parseCommandLine, runMain, serviceUrl, UsageError } from './command.ts';
import {
  BY_EXTENSION,
  findFiles,
  type ImportFile,
  itemsOf,
  type ReadFileOptions,
  type SizedFile,
} from './import/files.ts';
import { reportText, Screen } from './import/screen.ts';
import { NotImported, send } from './import/sending.ts';

const USAGE = `Usage: npm run import -- PATH… [options]

Imports files into a running service, and folders of them. What the record has is not recorded again.
  --format NAME      ${FORMATS.join(', ')}; without it, the end of the file's name decides:
                     ${Object.keys(BY_EXTENSION).join(' ')}
  --keep-text        keeps the texts of sources, only where their licence allows
  --map FILE         what the columns of a table mean (docs/import.md), or a table (.csv) of mentions and the slugs of
                     their actors; can be given several times
  --review FILE      writes the mentions whose actors are not certain, and the actors that were found by name or office
                     alone, to a table, which --map reads with slugs filled in
  --collection SLUG  the collection that new entries belong to; it is added, or changed by the next four
  --title TEXT       what the collection is called
  --version TEXT     which edition of it this is
  --url URL          where it comes from
  --licence TEXT     the licence of its content
  --retract-gone     retracts what the collection has and these files do not, where nothing was refused
  --dry-run          reports what would happen, and writes nothing
  --atomic           writes nothing where any row is refused
READOUT_URL is the service (http://127.0.0.1:4000 by default), READOUT_TOKEN a recorder's token.
Exits with 0 if everything was imported, 1 if something was refused, 2 if it could not be tried or completed.`;

const EXIT_REFUSED = 1;
const EXIT_NOT_DONE = 2;
/** Attempts, where the connection breaks or the service is busy. */
const ATTEMPTS_MAX = 6;
const RETRY_MS = 1_000;

const parse = () =>
  parseCommandLine(USAGE, {
    allowPositionals: true,
    options: {
      format: { type: 'string' },
      'keep-text': { type: 'boolean' },
      map: { type: 'string', multiple: true },
      review: { type: 'string' },
      collection: { type: 'string' },
      title: { type: 'string' },
      version: { type: 'string' },
      url: { type: 'string' },
      licence: { type: 'string' },
      'retract-gone': { type: 'boolean' },
      'dry-run': { type: 'boolean' },
      atomic: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });

type Values = ReturnType<typeof parse>['values'];

function addressOf({ 'dry-run': dryRun, atomic, 'retract-gone': retractGone }: Values): URL {
  const base = serviceUrl().href;
  const address = new URL('import', base.endsWith('/') ? base : `${base}/`);
  if (dryRun) address.searchParams.set('dryRun', 'true');
  if (atomic) address.searchParams.set('atomic', 'true');
  if (retractGone) address.searchParams.set('retractGone', 'true');
  return address;
}

/** The files with those that they include, each once. */
const allOf = (files: readonly ImportFile[]): SizedFile[] => [
  ...new Map(
    files.flatMap((file): SizedFile[] => [file, ...file.included]).map((file) => [file.path, file]),
  ).values(),
];

/** The header of an import into a collection, with its first `INPUT_MAX.files` files. Undefined where no collection is named. */
async function headerOf(
  { collection: slug, title, version, url, licence }: Values,
  files: readonly SizedFile[],
): Promise<string | undefined> {
  if (slug === undefined) {
    if ((title ?? version ?? url ?? licence) !== undefined)
      throw new UsageError('Name the collection with --collection.', USAGE);
    return undefined;
  }
  const named: { name: string; digest: string; length: number }[] = [];
  for (const { path, bytes } of files.slice(0, INPUT_MAX.files))
    named.push({ name: path, digest: await digestOf(path), length: bytes });
  const collection = { slug, title, version, url, licence, files: named };
  return `${JSON.stringify({ readout: JSONL_VERSION, only: true, collection })}\n`;
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const bytes of createReadStream(path)) hash.update(bytes as Uint8Array);
  return hash.digest('hex');
}

/** The files as lines of Readout JSONL, until an interruption. */
async function* linesOf(
  header: string | undefined,
  mentions: readonly string[],
  files: readonly ImportFile[],
  options: ReadFileOptions,
  isInterrupted: () => boolean,
): AsyncGenerator<string> {
  if (header !== undefined) yield header;
  for (const path of mentions)
    for await (const item of readMentionMap(createReadStream(path), { file: path }))
      yield jsonlLine(item, true);
  for (const [i, file] of files.entries()) {
    if (i > 0) yield `${JSON.stringify({ readout: JSONL_VERSION })}\n`; // ends what the header of the file before says
    for await (const item of itemsOf(file, options)) {
      if (isInterrupted()) return;
      yield jsonlLine(item, true);
    }
  }
}

const isTable = (path: string): boolean => /\.(csv|tsv)$/i.test(path);

async function run(values: Values, paths: readonly string[]): Promise<number> {
  const address = addressOf(values);
  const maps = values.map ?? [];
  const mentions = maps.filter(isTable);
  const [columns, ...others] = maps.filter((path) => !isTable(path));
  if (others.length > 0) throw new UsageError('Give one file that says what the columns mean.', USAGE);
  const map = columns === undefined ? undefined : parseCsvMap(columns, await readFile(columns, 'utf8'));
  const files = await findFiles(paths, values.format);
  if (files.length === 0) throw new UsageError('There is no file to import in these folders.', USAGE);
  const all = allOf(files);
  const header = await headerOf(values, all);
  const screen = new Screen(all.reduce((sum, { bytes }) => sum + bytes, 0));
  if (header !== undefined && all.length > INPUT_MAX.files)
    screen.tell(`The collection lists the first ${INPUT_MAX.files} of the ${all.length} files.`);
  let isInterrupted = false;
  process.once('SIGINT', () => {
    isInterrupted = true;
    screen.tell('Interrupted. What was sent is still being recorded; interrupt again to leave at once.');
    process.once('SIGINT', () => process.exit(EXIT_NOT_DONE));
  });
  const attempt = (): Promise<ImportReport> => {
    screen.restart();
    const options = { map, keepText: values['keep-text'] ?? false, onBytes: screen.read };
    return send(
      address,
      process.env.READOUT_TOKEN,
      linesOf(header, mentions, files, options, () => isInterrupted),
      screen,
    );
  };
  const report = await withRetries(attempt, screen, () => isInterrupted).finally(() => screen.stop());
  const complete = report.complete && !isInterrupted;
  console.log(reportText({ ...report, complete }));
  if (values.review !== undefined && report.unresolved)
    await writeFile(values.review, reviewFile(report.unresolved, report.found ?? { actors: [], further: 0 }));
  if (!complete) return EXIT_NOT_DONE;
  return report.refused > 0 ? EXIT_REFUSED : 0;
}

/** Sends everything again where the connection breaks: what is recorded is found unchanged. */
async function withRetries(
  attempt: () => Promise<ImportReport>,
  screen: Screen,
  isInterrupted: () => boolean,
): Promise<ImportReport> {
  for (let made = 1; ; made += 1) {
    try {
      return await attempt();
    } catch (error) {
      const canRetry = error instanceof NotImported && error.isRetryable;
      if (!canRetry || made === ATTEMPTS_MAX || isInterrupted()) throw error;
      screen.tell(`${error.message} It is tried again.`);
      await sleep(RETRY_MS * 2 ** (made - 1));
    }
  }
}

async function main(): Promise<number> {
  const { values, positionals } = parse();
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  if (positionals.length === 0) throw new UsageError('Name a file or a folder.', USAGE);
  return run(values, positionals);
}

runMain(main, EXIT_NOT_DONE);
