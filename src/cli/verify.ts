import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { DatabaseError } from 'pg';
import { ReadoutError } from '../base/errors.ts';
import { RemoteRecord, readSeedSources } from '../verify/anchored.ts';
import { type AnchoredSource, chooseSource, type Verification, verifySource } from '../verify/source.ts';
import { verifyHistory } from './verifyHistory.ts';

const USAGE = `Usage: npm run verify -- <text file> [--source SLUG] [--endpoint URL]
       npm run verify -- --history [DATABASE_URL | --endpoint URL] [--digest HEX]

With a text file: checks every anchor of a source against the source's text that you hold.
  --source SLUG    the source, by slug; else the one whose SHA-256 is the file's, or else the only one
  --endpoint URL   check a running record instead of the files under seed/: http://127.0.0.1:4000/graphql
                   (READOUT_TOKEN in the environment, where reading needs a token)
With --history: computes the chain of digests again, and names the first change that does not fit. In a database (the
one given, or that of the service in this directory) it also checks that the tables hold what the changes made of them.
  --digest HEX     a digest or cursor that was written down earlier: it must be in the chain
Exits with 0 where everything matches, 1 where something does not, 2 where it could not be checked.`;

const EXIT_MISMATCH = 1;
const EXIT_NOT_CHECKED = 2;

/** Why nothing could be checked. The operator sees the message unchanged. */
class NotChecked extends Error {}

interface HistoryArguments {
  readonly history: true;
  readonly databaseUrl: string | undefined;
  readonly endpoint: URL | undefined;
  readonly digest: string | undefined;
}

interface Arguments {
  readonly history: false;
  readonly file: string;
  readonly source: string | undefined;
  readonly endpoint: URL | undefined;
}

function parseArguments(args: readonly string[]): Arguments | HistoryArguments | 'help' {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (error) {
    throw new NotChecked(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
  }
  const { values, positionals } = parsed;
  if (values.help) return 'help';
  const [first, ...rest] = positionals;
  const { endpoint, digest } = values;
  if (endpoint !== undefined && !(/^https?:/.test(endpoint) && URL.canParse(endpoint))) {
    throw new NotChecked('--endpoint must be a URL such as http://127.0.0.1:4000/graphql.');
  }
  const url = endpoint === undefined ? undefined : new URL(endpoint);
  if (values.history) {
    if (rest.length > 0 || (first !== undefined && url)) {
      throw new NotChecked(`Name one database, or one endpoint.\n\n${USAGE}`);
    }
    return { history: true, databaseUrl: first, endpoint: url, digest };
  }
  if (first === undefined || rest.length > 0) throw new NotChecked(`Name one text file.\n\n${USAGE}`);
  return { history: false, file: first, source: values.source, endpoint: url };
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      source: { type: 'string' },
      endpoint: { type: 'string' },
      history: { type: 'boolean' },
      digest: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
}

/** The file's text unchanged, with its byte order mark. */
async function readText(file: string): Promise<string> {
  const bytes = await readFile(file).catch((error: Error) => {
    throw new NotChecked(`The file can't be read: ${error.message}.`);
  });
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new NotChecked(`${file} is not a text in UTF-8. Save it as UTF-8 and try again.`);
  }
}

async function findSource({ source: slug, endpoint }: Arguments, text: string): Promise<AnchoredSource> {
  const remote = endpoint && new RemoteRecord(endpoint, process.env.READOUT_TOKEN);
  const choice = chooseSource(await (remote ? remote.sources() : readSeedSources()), text, slug);
  if (choice.found) return remote ? remote.withStatements(choice.found) : choice.found;
  if (choice.slugs.length === 0) throw new NotChecked('There are no sources to check against.');
  const slugs = choice.slugs.map((known) => `  ${known}`).join('\n');
  const why =
    slug === undefined
      ? 'No source has the SHA-256 of this file. Name the one meant with --source:'
      : `There is no source “${slug}”. There are:`;
  throw new NotChecked(`${why}\n${slugs}`);
}

function print(source: AnchoredSource, { textFaults, hint, anchors, withoutSpan }: Verification): void {
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
  if (withoutSpan > 0) console.log(`${withoutSpan} more anchors have no span that could be checked.`);
}

async function main(): Promise<number> {
  const parsed = parseArguments(process.argv.slice(2));
  if (parsed === 'help') {
    console.log(USAGE);
    return 0;
  }
  if (parsed.history) return (await verifyHistory(parsed)) ? 0 : EXIT_MISMATCH;
  const text = await readText(parsed.file);
  const source = await findSource(parsed, text);
  const verification = verifySource(source, text);
  print(source, verification);
  return verification.ok ? 0 : EXIT_MISMATCH;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    const expected =
      error instanceof NotChecked || error instanceof ReadoutError || error instanceof DatabaseError;
    console.error(expected ? error.message : error);
    process.exitCode = EXIT_NOT_CHECKED;
  },
);
