import pg from 'pg';
import { ReadoutError } from '../base/errors.ts';
import { Progress } from '../base/progress.ts';
import { loadConfig } from '../config/config.ts';
import { RemoteRecord } from '../verify/anchored.ts';
import { checkChain, type HistoryReport, type ProgressListener, verifyDatabase } from '../verify/history.ts';
import { onDatabase } from './recordDatabase.ts';

/** How many mismatches are printed. */
const NAMED_MAX = 20;

interface HistoryTarget {
  /** Default: the database in the settings, which is started for the check if it is the service's own and does not run. */
  readonly databaseUrl: string | undefined;
  readonly endpoint: URL | undefined;
  /** A digest or cursor that must be in the chain. */
  readonly digest: string | undefined;
}

/**
 * Checks the history of a record and prints the result.
 * @returns whether everything fits.
 * @throws ReadoutError INVALID_INPUT, UNAVAILABLE, NOT_FOUND where it could not be checked.
 */
export async function verifyHistory(target: HistoryTarget): Promise<boolean> {
  const expected = target.digest === undefined ? null : parseDigest(target.digest);
  const progress = new Progress(process.stderr);
  const report = await check(target, expected, (state) => progress.at(state)).finally(() => progress.end());
  printReport(report, expected, target.endpoint !== undefined);
  return report.mismatches.length === 0 && report.hasExpected;
}

async function check(
  target: HistoryTarget,
  expected: string | null,
  onProgress: ProgressListener,
): Promise<HistoryReport> {
  if (target.endpoint)
    return checkChain(new RemoteRecord(target.endpoint, process.env.READOUT_TOKEN), expected, onProgress);
  const use = (url: string) => inDatabase(url, (client) => verifyDatabase(client, expected, onProgress));
  return target.databaseUrl === undefined
    ? onDatabase(loadConfig(process.env).config, false, use)
    : use(target.databaseUrl);
}

/** A digest, or the part of a digest that a cursor has. */
function parseDigest(text: string): string {
  const [, digest] = /^(?:\d+\.)?([0-9a-f]{16,64})$/.exec(text.toLowerCase()) ?? [];
  if (digest !== undefined) return digest;
  throw new ReadoutError(
    'INVALID_INPUT',
    '--digest must be a digest in hexadecimal, at least 16 characters of it, or a cursor.',
  );
}

async function inDatabase<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, application_name: 'readout verify' });
  await client.connect();
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    return await use(client);
  } finally {
    await client.end();
  }
}

/** Prints the result of a check: a line for each mismatch, then a summary. */
export function printReport(report: HistoryReport, expected: string | null, chainOnly: boolean): void {
  const { mismatches, counts, hasExpected } = report;
  for (const { position, fault } of mismatches.slice(0, NAMED_MAX)) {
    console.log(position === null ? `not ok  no change: ${fault}` : `not ok  change ${position}: ${fault}`);
  }
  if (mismatches.length > NAMED_MAX) console.log(`not ok  and ${mismatches.length - NAMED_MAX} more`);
  if (expected !== null) {
    console.log(
      hasExpected ? `ok      ${expected} is in the chain` : `not ok  ${expected} is not in the chain`,
    );
  }
  if (counts.unchained > 0) {
    console.log(
      `note    ${counts.unchained} changes have no digest: they were written to the tables directly`,
    );
  }
  const bare = counts.withoutContent - counts.unchained;
  if (bare > 0)
    console.log(`note    ${bare} changes have no content digest: they are older than content digests`);
  const fits = mismatches.length === 0 ? 'everything fits' : 'not everything fits';
  const scope = chainOnly ? 'the chain alone, without contents' : 'the chain and the tables';
  console.log(`\n${counts.changes} changes checked, ${scope}; ${fits}.`);
}
