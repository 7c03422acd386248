import { createWriteStream } from 'node:fs';
import { rename } from 'node:fs/promises';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CommandError, parseCommandLine, runMain, serviceUrl, UsageError } from './command.ts';

const USAGE = `Usage: npm run -s export -- [--format jsonl|csv] [--of NOUNS] [--history] [--filter JSON] [--bom] [--output FILE]

Writes the record of a running service to a file, or to the standard output.
  --format FORMAT  jsonl (the default), which loses nothing, or csv, a table for a spreadsheet
  --of NOUNS       the rows of csv: statements (the default), actors, topics, sources or events
  --history        every change with what it wrote, to restore the record, instead of its present content (jsonl only)
  --filter JSON    only the statements of a StatementFilter, with what they refer to: '{"speakers":["emmanuel-macron"]}'
  --bom            begins CSV with a byte order mark, which some spreadsheets need
  --output FILE    the file to write; until it is complete, its name ends with .part
READOUT_URL is the address of the service (default http://127.0.0.1:4000), READOUT_TOKEN a token where reading needs one.
Exits with 0 if the whole record was written, 1 if the service has refused, 2 if it could not be reached or the file is not complete.`;

const EXIT_REFUSED = 1;
const EXIT_INCOMPLETE = 2;

/** The service refused the export. */
class Refused extends CommandError {}

interface Arguments {
  readonly url: URL;
  readonly output: string | undefined;
}

function parseArguments(): Arguments | 'help' {
  const { values } = parseCommandLine(USAGE, {
    options: {
      format: { type: 'string' },
      of: { type: 'string' },
      history: { type: 'boolean' },
      filter: { type: 'string' },
      bom: { type: 'boolean' },
      output: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const { format = 'jsonl', of, history, filter, bom, output, help } = values;
  if (help) return 'help';
  if (format !== 'jsonl' && format !== 'csv') throw new UsageError('--format must be jsonl or csv.', USAGE);
  if (history && format === 'csv') throw new UsageError('A history can be exported as jsonl only.', USAGE);
  if (bom && format === 'jsonl') throw new UsageError('--bom is for csv only.', USAGE);
  if (of !== undefined && format === 'jsonl') throw new UsageError('--of is for csv only.', USAGE);
  const url = new URL(`/export.${format}`, serviceUrl());
  if (history) url.searchParams.set('content', 'history');
  if (filter !== undefined) url.searchParams.set('filter', filter);
  if (of !== undefined) url.searchParams.set('of', of);
  if (bom) url.searchParams.set('bom', '1');
  return { url, output };
}

/** The bytes of an export, and the position of the record. */
async function request(url: URL): Promise<{ body: ReadableStream<Uint8Array>; cursor: string }> {
  const token = process.env.READOUT_TOKEN;
  const response = await fetch(url, { headers: token ? { authorization: `Bearer ${token}` } : {} });
  const { ok, body, headers, status } = response;
  if (ok && body) return { body, cursor: headers.get('x-readout-cursor') ?? '' };
  const answer = await response.text();
  throw new Refused(messageOf(answer) ?? `${url} has answered with status ${status}.`);
}

function messageOf(answer: string): string | undefined {
  try {
    return (JSON.parse(answer) as { errors?: { message: string }[] }).errors?.[0]?.message;
  } catch {
    return undefined; // another service has answered
  }
}

async function writeExport({ url, output }: Arguments): Promise<void> {
  const { body, cursor } = await request(url);
  let bytes = 0;
  const counted = new Transform({
    transform(piece: Buffer, _, done) {
      bytes += piece.length;
      done(null, piece);
    },
  });
  // A file gets its name when it is complete.
  const part = output === undefined ? undefined : `${output}.part`;
  const target = part === undefined ? process.stdout : createWriteStream(part);
  await pipeline(Readable.fromWeb(body as never), counted, target, { end: part !== undefined });
  if (part !== undefined && output !== undefined) await rename(part, output);
  console.error(
    `Exported ${bytes} bytes, the record at ${cursor}${output === undefined ? '' : `, to ${output}`}.`,
  );
}

async function main(): Promise<number> {
  const parsed = parseArguments();
  if (parsed === 'help') {
    console.log(USAGE);
    return 0;
  }
  try {
    await writeExport(parsed);
    return 0;
  } catch (error) {
    if (error instanceof Refused) {
      console.error(error.message);
      return EXIT_REFUSED;
    }
    const cause = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : '';
    const message = error instanceof Error ? error.message : String(error);
    throw new CommandError(`The export is not complete: ${message}${cause}.`);
  }
}

runMain(main, EXIT_INCOMPLETE);
