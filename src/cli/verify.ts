import { sha256 } from '../domain/anchor.ts';
import { RemoteRecord, readSeedSources } from '../verify/anchored.ts';
import { type AnchoredSource, chooseSource, type Verification, verifySource } from '../verify/source.ts';
import { findTexts, readText, type TextFile } from '../verify/texts.ts';
import { CommandError, parseCommandLine, runMain, UsageError } from './command.ts';
import { verifyHistory } from './verifyHistory.ts';

const USAGE = `Usage: npm run verify -- <text file or folder> [--source SLUG] [--endpoint URL]
       npm run verify -- --history [DATABASE_URL | --endpoint URL] [--digest HEX]

With a text file: checks every anchor of a source against the source's text that you hold. With a folder: checks each of its
files against the source whose slug is its name without the extension, or else whose SHA-256 is the file's.
  --source SLUG    the source, by slug; else the one whose SHA-256 is the file's, or else the only one
  --endpoint URL   check a running record instead of the files under seed/: http://127.0.0.1:4000/graphql
                   (READOUT_TOKEN in the environment, where reading needs a token)
With --history: computes the chain of digests again, and names the first change that does not fit. In a database (the
one given, or that of the settings, whether its service runs or not) it also checks that the tables hold what the changes made of them.
  --digest HEX     a digest or cursor that was written down earlier: it must be in the chain
Exits with 0 where everything matches, 1 where something does not, 2 where it could not be checked.`;

const EXIT_MISMATCH = 1;
const EXIT_NOT_CHECKED = 2;

interface HistoryArguments {
  readonly history: true;
  readonly databaseUrl: string | undefined;
  readonly endpoint: URL | undefined;
  readonly digest: string | undefined;
}

interface Arguments {
  readonly history: false;
  readonly path: string;
  readonly source: string | undefined;
  readonly endpoint: URL | undefined;
}

function parseArguments(): Arguments | HistoryArguments | 'help' {
  const { values, positionals } = parseCommandLine(USAGE, {
    allowPositionals: true,
    options: {
      source: { type: 'string' },
      endpoint: { type: 'string' },
      history: { type: 'boolean' },
      digest: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return 'help';
  const [first, ...rest] = positionals;
  const { endpoint, digest } = values;
  if (endpoint !== undefined && !(/^https?:/.test(endpoint) && URL.canParse(endpoint))) {
    throw new CommandError('--endpoint must be a URL such as http://127.0.0.1:4000/graphql.');
  }
  const url = endpoint === undefined ? undefined : new URL(endpoint);
  if (values.history) {
    if (rest.length > 0 || (first !== undefined && url)) {
      throw new UsageError('Name one database, or one endpoint.', USAGE);
    }
    return { history: true, databaseUrl: first, endpoint: url, digest };
  }
  if (first === undefined || rest.length > 0) throw new UsageError('Name one text file or folder.', USAGE);
  return { history: false, path: first, source: values.source, endpoint: url };
}

/** A record in files or behind an API. */
interface SourceList {
  readonly sources: readonly AnchoredSource[];
  readonly remote: RemoteRecord | undefined;
}

async function readSources(endpoint: URL | undefined): Promise<SourceList> {
  const remote = endpoint && new RemoteRecord(endpoint, process.env.READOUT_TOKEN);
  return { remote, sources: await (remote ? remote.sources() : readSeedSources()) };
}

const complete = async ({ remote }: SourceList, source: AnchoredSource): Promise<AnchoredSource> =>
  remote ? remote.withStatements(source) : source;

async function findSource(list: SourceList, slug: string | undefined, text: string): Promise<AnchoredSource> {
  const choice = chooseSource(list.sources, text, slug);
  if (choice.found) return complete(list, choice.found);
  if (choice.slugs.length === 0) throw new CommandError('There are no sources to check against.');
  const slugs = choice.slugs.map((known) => `  ${known}`).join('\n');
  const why =
    slug === undefined
      ? 'No source has the SHA-256 of this file. Name the one meant with --source:'
      : `There is no source “${slug}”. There are:`;
  throw new CommandError(`${why}\n${slugs}`);
}

async function verifyFile({ path, source: slug, endpoint }: Arguments): Promise<boolean> {
  const text = await readText(path);
  const source = await findSource(await readSources(endpoint), slug, text);
  const verification = verifySource(source, text);
  print(source, verification);
  return verification.ok;
}

/** Checks each file of a folder. A file without a source is a mismatch, so that a misspelt name does not pass. */
async function verifyFolder(files: readonly TextFile[], { endpoint }: Arguments): Promise<boolean> {
  const list = await readSources(endpoint);
  let matching = 0;
  for (const { path, name } of files) {
    const text = await readText(path);
    const digest = sha256(text);
    const found =
      list.sources.find(({ slug }) => slug === name) ??
      list.sources.find((source) => source.digest === digest);
    if (!found) {
      console.log(`not ok  ${path}: no source has this name or this text\n`);
      continue;
    }
    const source = await complete(list, found);
    const verification = verifySource(source, text);
    print(source, verification);
    console.log();
    if (verification.ok) matching += 1;
  }
  console.log(`${files.length} files: ${matching} ok, ${files.length - matching} not ok.`);
  return matching === files.length;
}

function print(source: AnchoredSource, { textFaults, hint, anchors, withoutSpan, lost }: Verification): void {
  for (const fault of textFaults) console.log(`not ok  text of ${source.slug}: ${fault}`);
  if (textFaults.length === 0) console.log(`ok      text of ${source.slug}`);
  for (const { statement, start, end, reason } of anchors) {
    const place = `${statement}  ${start}–${end}`;
    console.log(reason === null ? `ok      ${place}` : `not ok  ${place}: ${reason}`);
  }
  if (hint) console.log(`\n${hint}`);
  const wrong = anchors.filter(({ reason }) => reason !== null).length;
  const total = `${anchors.length} anchors of ${source.statements.length} statements`;
  const text = textFaults.length === 0 ? 'the text is the one meant' : 'the text is not the one meant';
  console.log(`\n${total}: ${anchors.length - wrong} ok, ${wrong} not ok; ${text}.`);
  if (lost > 0)
    console.log(
      `${lost} more anchors are AMBIGUOUS or ORPHANED: this text is known not to show their place.`,
    );
  if (withoutSpan > 0) console.log(`${withoutSpan} more anchors have no span that could be checked.`);
}

async function main(): Promise<number> {
  const parsed = parseArguments();
  if (parsed === 'help') {
    console.log(USAGE);
    return 0;
  }
  if (parsed.history) return (await verifyHistory(parsed)) ? 0 : EXIT_MISMATCH;
  const files = await findTexts(parsed.path);
  const isFile = files.length === 1 && files[0]?.path === parsed.path;
  if (isFile) return (await verifyFile(parsed)) ? 0 : EXIT_MISMATCH;
  if (parsed.source !== undefined) throw new CommandError('--source is for one file, not for a folder.');
  if (files.length === 0) throw new CommandError(`${parsed.path} has no files.`);
  return (await verifyFolder(files, parsed)) ? 0 : EXIT_MISMATCH;
}

runMain(main, EXIT_NOT_CHECKED);
