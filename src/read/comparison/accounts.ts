import type { Database } from '../../db/client.ts';
import { groupBy } from '../group.ts';
import { listsOf } from '../memory/loader.ts';
import type { Slice } from '../slice.ts';
import { query } from '../sql.ts';
import {
  type ComparedEvent,
  type Comparison,
  comparisonsOf,
  comparisonValues,
  WITH_ACCOUNTS,
} from './sides.ts';

/** The statements of one side about one event. */
export interface Account {
  readonly event: ComparedEvent;
  readonly sideId: number;
  /** 0 if the side is silent. */
  readonly statementCount: number;
}

const COUNT_STATEMENTS = `${WITH_ACCOUNTS}
SELECT n, side_id AS "sideId", count(*)::int AS count FROM account_statement GROUP BY n, side_id`;

const READ_STATEMENTS = `${WITH_ACCOUNTS},
  account AS (SELECT * FROM unnest($3::int[], $4::int[]) WITH ORDINALITY AS account (n, side_id, account))
SELECT account::int AS account, statement_id AS "statementId" FROM (
  SELECT account, statement_id, row_number() OVER (PARTITION BY account ORDER BY said_earliest, statement_id) AS place
  FROM account JOIN account_statement USING (n, side_id) JOIN statement ON statement.id = statement_id) AS listed
WHERE place > $5::int AND place <= $5::int + $6::int ORDER BY account, place`;

const OTHERS = `${WITH_ACCOUNTS},
  other AS (SELECT n, statement_id FROM event_statement EXCEPT SELECT n, statement_id FROM account_statement)`;
const COUNT_OTHERS = `${OTHERS} SELECT n, count(*)::int AS count FROM other GROUP BY n`;
const READ_OTHERS = `${OTHERS}
SELECT n, statement_id AS "statementId" FROM (
  SELECT n, statement_id, row_number() OVER (PARTITION BY n ORDER BY said_earliest, statement_id) AS place
  FROM other JOIN statement ON statement.id = statement_id) AS listed
WHERE place > $3::int AND place <= $3::int + $4::int ORDER BY n, place`;

/** The accounts of the sides of each comparison, in their order, with one SQL statement. */
export async function readAccounts(db: Database, comparisons: readonly Comparison[]): Promise<Account[][]> {
  type Row = { readonly n: number; readonly sideId: number; readonly count: number };
  const rows = await query<Row>(db, COUNT_STATEMENTS, comparisonValues(comparisons));
  const byComparison = groupBy(rows, ({ n }) => n);
  return comparisons.map(({ event, sideIds }, i) => {
    const counts = new Map((byComparison.get(i + 1) ?? []).map(({ sideId, count }) => [sideId, count]));
    return sideIds.map((sideId) => ({ event, sideId, statementCount: counts.get(sideId) ?? 0 }));
  });
}

/** A page of the statements of each account, oldest first, as ids, with one SQL statement. */
export async function readAccountStatements(
  db: Database,
  accounts: readonly Account[],
  { first, offset }: Slice,
): Promise<number[][]> {
  const { comparisons, numbers } = comparisonsOf(accounts);
  const rows = await query<{ account: number; statementId: number }>(db, READ_STATEMENTS, [
    ...comparisonValues(comparisons),
    numbers,
    accounts.map(({ sideId }) => sideId),
    offset,
    first,
  ]);
  return listsOf(
    numbersOf(accounts),
    rows,
    ({ account }) => account,
    ({ statementId }) => statementId,
  );
}

const numbersOf = (items: readonly unknown[]): number[] => items.map((_, i) => i + 1);

/** A page of the statements of each event that are in no account, oldest first, as ids, with one SQL statement. */
export async function readOtherStatements(
  db: Database,
  comparisons: readonly Comparison[],
  { first, offset }: Slice,
): Promise<number[][]> {
  const values = [...comparisonValues(comparisons), offset, first];
  const rows = await query<{ n: number; statementId: number }>(db, READ_OTHERS, values);
  return listsOf(
    numbersOf(comparisons),
    rows,
    ({ n }) => n,
    ({ statementId }) => statementId,
  );
}

/** Number of statements of each event that are in no account, with one SQL statement. */
export async function countOtherStatements(
  db: Database,
  comparisons: readonly Comparison[],
): Promise<number[]> {
  const rows = await query<{ n: number; count: number }>(db, COUNT_OTHERS, comparisonValues(comparisons));
  const counts = new Map(rows.map(({ n, count }) => [n, count]));
  return numbersOf(comparisons).map((n) => counts.get(n) ?? 0);
}
