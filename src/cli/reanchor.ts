import { z } from 'zod';
import { findTexts, readText } from '../verify/texts.ts';
import { CommandError, parseCommandLine, runMain, serviceUrl, UsageError } from './command.ts';

const USAGE = `Usage: npm run reanchor -- FILE --source SLUG [options]
       npm run reanchor -- FOLDER [options]

Gives sources new texts, and finds the anchors of their statements in them. In a folder, the name of a file without its
extension is the slug of its source.
  --source SLUG    the source of the file
  --keep           the record keeps the texts, only where their licences allow
  --no-keep        the texts are used and not kept; by default a text is kept where the record has the former one
  --licence TEXT   the licence of the texts
  --dry-run        reports what would happen, and writes nothing
READOUT_URL is the service (http://127.0.0.1:4000 by default), READOUT_TOKEN a recorder's token.
Exits with 0 if every anchor was found, 1 if some were not or a text was refused, 2 if it could not be tried.`;

const REQUEST_MS_MAX = 120_000;
const EXIT_LOST = 1;
const EXIT_NOT_DONE = 2;

const MUTATION = `mutation ($input: ReanchorSourceInput!) { reanchorSource(input: $input) {
  same moved ambiguous orphaned anchors { statement { slug } outcome formerStart formerEnd start end places } } }`;
const outcome = z.object({
  same: z.number(),
  moved: z.number(),
  ambiguous: z.number(),
  orphaned: z.number(),
  anchors: z.array(
    z.object({
      statement: z.object({ slug: z.string() }),
      outcome: z.string(),
      formerStart: z.number(),
      formerEnd: z.number(),
      start: z.number(),
      end: z.number(),
      places: z.number(),
    }),
  ),
});
const answerShape = z.union([
  z.object({ data: z.object({ reanchorSource: outcome }) }),
  z.object({ errors: z.array(z.object({ message: z.string() })).min(1) }),
]);
type Answer = z.output<typeof answerShape>;

async function send(endpoint: URL, input: object): Promise<Answer> {
  const token = process.env.READOUT_TOKEN;
  try {
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        ...(token && { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ query: MUTATION, variables: { input } }),
      signal: AbortSignal.timeout(REQUEST_MS_MAX),
    });
    return answerShape.parse(await response.json());
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw new CommandError(`${endpoint} can’t be reached or does not answer as Readout does: ${cause}.`);
  }
}

/** Prints what became of the anchors of a source. @returns whether all were found. */
function print(slug: string, answer: Answer): boolean {
  if ('errors' in answer) {
    for (const { message } of answer.errors) console.log(`refused    ${slug}: ${message}`);
    return false;
  }
  const { same, moved, ambiguous, orphaned, anchors } = answer.data.reanchorSource;
  for (const { statement, outcome, formerStart, formerEnd, start, end, places } of anchors) {
    const now = outcome === 'MOVED' ? ` → ${start}–${end}` : places > 0 ? `, ${places} possible` : '';
    console.log(`${outcome.toLowerCase().padEnd(10)} ${statement.slug}  ${formerStart}–${formerEnd}${now}`);
  }
  console.log(`${slug}: ${same} same, ${moved} moved, ${ambiguous} ambiguous, ${orphaned} orphaned.`);
  return ambiguous + orphaned === 0;
}

async function main(): Promise<number> {
  const { values, positionals } = parseCommandLine(USAGE, {
    allowPositionals: true,
    allowNegative: true,
    options: {
      source: { type: 'string' },
      keep: { type: 'boolean' },
      licence: { type: 'string' },
      'dry-run': { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const [path, ...rest] = positionals;
  if (path === undefined || rest.length > 0) throw new UsageError('Name one file or folder.', USAGE);
  const endpoint = new URL('/graphql', serviceUrl());
  const files = await findTexts(path);
  if (values.source !== undefined && files.length !== 1)
    throw new CommandError(
      '--source is for one file. The files of a folder have the slugs of their sources as names.',
    );
  if (files.length === 0) throw new CommandError(`${path} has no files.`);
  const { keep, licence, 'dry-run': dryRun } = values;
  let isFound = true;
  for (const file of files) {
    const source = values.source ?? file.name;
    const input = { source, text: await readText(file.path), keep, licence, dryRun };
    isFound = print(source, await send(endpoint, input)) && isFound;
  }
  return isFound ? 0 : EXIT_LOST;
}

runMain(main, EXIT_NOT_DONE);
