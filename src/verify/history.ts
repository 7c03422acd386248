import type pg from 'pg';
import type { ProgressState } from '../base/progress.ts';
import { type ChainLink, readChain } from '../log/chain.ts';
import { readHead } from '../log/head.ts';
import { ChainCheck, type Mismatch } from './chain.ts';
import { checkNouns } from './nouns.ts';
import { checkStatements } from './statements.ts';

const PAGE_LENGTH = 500;

/** The result of checking a history. */
export interface HistoryReport {
  readonly counts: ChainCheck['counts'];
  /** The first mismatch of the chain, then, for a database, all mismatches of its tables, by position. */
  readonly mismatches: readonly Mismatch[];
  /** False where the expected digest is not in the chain. */
  readonly hasExpected: boolean;
}

/** The source of a chain. */
interface ChainSource {
  head(): Promise<{ readonly genesis: string; readonly position: bigint; readonly digest: string }>;
  /** A page of changes after a position, oldest first, up to `upTo`. */
  links(after: bigint, upTo: bigint): Promise<readonly ChainLink[]>;
}

/** Called with the progress of a check. */
export type ProgressListener = (state: ProgressState) => void;

const WHAT = 'Checking';

/** Recomputes the chain of digests from its beginning. */
export async function checkChain(
  source: ChainSource,
  expected: string | null,
  onProgress: ProgressListener,
): Promise<HistoryReport> {
  const head = await source.head();
  const check = new ChainCheck(head.genesis, expected);
  let mismatch: Mismatch | null = null;
  while (!mismatch && check.position < head.position) {
    const links = await source.links(check.position, head.position);
    mismatch = links.length === 0 ? check.end(head) : check.take(links);
    onProgress({ what: WHAT, unit: 'changes', done: Number(check.position), total: Number(head.position) });
  }
  mismatch ??= check.end(head);
  return { counts: check.counts, mismatches: mismatch ? [mismatch] : [], hasExpected: check.hasExpected };
}

/**
 * Checks the chain in a database, and that its tables hold the content that the changes wrote. The client is in a
 * repeatable-read transaction.
 */
export async function verifyDatabase(
  client: pg.Client,
  expected: string | null,
  onProgress: ProgressListener,
): Promise<HistoryReport> {
  const { rows } = await client.query<{ digest: string }>(`SELECT encode(digest, 'hex') AS digest FROM head`);
  const digest = (rows[0] as { digest: string }).digest;
  const source: ChainSource = {
    head: async () => ({ ...(await readHead(client)), digest }),
    links: (after, upTo) => readChain(client, after, upTo, PAGE_LENGTH),
  };
  const report = await checkChain(source, expected, onProgress);
  const nouns = await checkNouns(client);
  const statements = await checkStatements(client, (done) =>
    onProgress({ what: WHAT, unit: 'statements', done, total: null }),
  );
  const order = ({ position }: Mismatch): number => Number(position ?? Number.POSITIVE_INFINITY);
  const mismatches = [...nouns, ...statements].sort((a, b) => (order(a) < order(b) ? -1 : 1));
  return { ...report, mismatches: [...report.mismatches, ...mismatches] };
}
