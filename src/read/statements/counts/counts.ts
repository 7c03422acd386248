import { ReadoutError } from '../../../base/errors.ts';
import type { Database } from '../../../db/client.ts';
import { payFor } from '../../../db/pool/cancellation.ts';
import { parseSize } from '../../page.ts';
import { query, type SqlParameters } from '../../sql.ts';
import type { Condition } from '../condition.ts';
import { type SqlAlias, STATEMENT } from '../conditions/kind/sql.ts';
import { earliestBound, firstRowsSql } from '../drivingTable.ts';
import { parseFilter, type StatementFilterInput } from '../filter.ts';
import { countStatements, findDriver, type ListMemory, parametersFor } from '../list.ts';
import { needsStatement, toSql } from '../where.ts';
import { type Dimension, type DimensionSql, dimensionSql, isPeriod } from './dimension.ts';

/*
 * Statements counted in groups, for the filter { speakers: ["anna"] } by [TOPIC, STANCE]:
 *
 *   SELECT k0, k1, count, count(*) OVER () FROM (
 *     SELECT own.topic_id AS k0, own.stance AS k1, count(*) AS count
 *     FROM (SELECT … FROM statement_speaker d WHERE d.actor_id = $1 …) AS found
 *     LEFT JOIN statement_topic own ON own.statement_id = found.statement_id GROUP BY 1, 2) AS grouped
 *   ORDER BY count DESC, … LIMIT $2
 *
 * The statements are found as those of a list. Their number is counted first, from an index, so that the client pays before the groups are made.
 */

/** Groups of `statementCounts`. @limit groups */
export const COUNT_GROUPS_MAX = 1_000;
/** Groups of `statementCounts` if the client names no number. @limit groups */
export const COUNT_GROUPS_DEFAULT = 100;
/** Dimensions of one `statementCounts`. @limit dimensions */
export const COUNT_DIMENSIONS_MAX = 2;
/** Statements that `statementCounts` puts into groups: the newest that match. @limit statements */
export const COUNTED_STATEMENTS_MAX = 250_000;

/** Statements that the price of the field pays for. Further ones are paid when their number is known. */
const INCLUDED_STATEMENTS = 1_000;
/**
 * Points of putting one statement into its groups of one dimension, the fastest one, and into those of all topics above its own. Slower
 * ones are charged by their time at settlement.
 */
const GROUPED_POINTS = 0.5;
const SUBTOPIC_POINTS = 5;

/** A request for counts, checked. */
interface CountsRequest {
  readonly condition: Condition;
  readonly by: readonly Dimension[];
  /** Whether a statement counts for the topics above its own, too. */
  readonly subtopics: boolean;
  readonly first: number;
}

interface CountsArguments {
  readonly filter?: StatementFilterInput | null | undefined;
  readonly by: readonly Dimension[];
  readonly includeSubtopics?: boolean | null | undefined;
  readonly first?: number | null | undefined;
}

/** A group of statements: its value in each dimension, as text, and their number. */
export interface CountedGroup {
  readonly values: ReadonlyMap<Dimension, string | null>;
  readonly count: number;
}

export interface Counts {
  readonly total: number;
  readonly groups: readonly CountedGroup[];
  readonly groupCount: number;
  /** Statements that match and are in no group. */
  readonly uncounted: number;
}

/** @throws ReadoutError INVALID_INPUT or LIMIT_EXCEEDED that names the argument. */
export function parseCounts({ filter, by, includeSubtopics, first }: CountsArguments): CountsRequest {
  if (by.length === 0 || new Set(by).size < by.length) {
    throw new ReadoutError('INVALID_INPUT', '“by” needs one dimension, or two different ones.', ['by']);
  }
  if (by.length > COUNT_DIMENSIONS_MAX) {
    const message = `“by” may have at most ${COUNT_DIMENSIONS_MAX} dimensions, and has ${by.length}.`;
    throw new ReadoutError('LIMIT_EXCEEDED', message, ['by'], {
      limit: 'COUNT_DIMENSIONS_MAX',
      max: COUNT_DIMENSIONS_MAX,
    });
  }
  const subtopics = includeSubtopics ?? false;
  if (subtopics && by.includes('TOPIC') && by.includes('STANCE')) {
    throw new ReadoutError(
      'INVALID_INPUT',
      'A stance is on one topic and not on those above it: count by TOPIC and STANCE without “includeSubtopics”.',
      ['includeSubtopics'],
    );
  }
  const rest = 'Narrow the filter, or count by one dimension.';
  const size = parseSize(
    'first',
    first ?? COUNT_GROUPS_DEFAULT,
    { limit: 'COUNT_GROUPS_MAX', max: COUNT_GROUPS_MAX },
    rest,
  );
  return { condition: parseFilter(filter), by, subtopics, first: size };
}

/** Counts the statements that match in groups: two SQL statements. */
export async function readCountsBy(
  db: Database,
  memory: ListMemory,
  request: CountsRequest,
  /** A test sets less. */
  statementsMax = COUNTED_STATEMENTS_MAX,
): Promise<Counts> {
  const { condition, by, first } = request;
  const total = await countStatements(db, memory, condition);
  if (total === 0) return { total, groups: [], groupCount: 0, uncounted: 0 };
  pay(Math.min(total, statementsMax), request);
  const parameters = await parametersFor(db, memory.languages, condition);
  const found = await foundSql(memory, request, total > statementsMax ? statementsMax : null, parameters);
  const text = groupsSql(found, request, parameters);
  type Row = { k0: string | null; k1: string | null; count: number; groupCount: number };
  const rows = await query<Row>(db, text, parameters.values, 'each run');
  const groups = rows.slice(0, first).map(({ k0, k1, count }) => ({
    values: new Map(by.map((dimension, i) => [dimension, i === 0 ? k0 : k1])),
    count,
  }));
  return {
    total,
    groups,
    groupCount: rows[0]?.groupCount ?? 0,
    uncounted: Math.max(0, total - statementsMax),
  };
}

function pay(statements: number, { by, subtopics }: CountsRequest): void {
  if (statements <= INCLUDED_STATEMENTS) return;
  const points = by.length * GROUPED_POINTS + (subtopics && by.includes('TOPIC') ? SUBTOPIC_POINTS : 0);
  const name = `Counting ${statements} statements by ${by.join(' and ')}`;
  payFor(Math.ceil((statements - INCLUDED_STATEMENTS) * points), name, 'Narrow the filter');
}

/** SQL for the statements that are counted. */
interface FoundSql {
  readonly from: string;
  readonly conditions: readonly string[];
  readonly alias: SqlAlias;
  /** Whether it has the statement `s`. */
  readonly hasStatement: boolean;
  /** Whether it has the rows of `speaker`. */
  readonly hasSpeaker: boolean;
}

/** The rows of speakers, and one without a speaker for each statement that has none: it then has a mention without an actor. */
const SPEAKERS_OR_NONE = `(
  SELECT statement_id, actor_id, said_earliest, said_latest, status FROM statement_speaker
  UNION ALL SELECT nameless.id, NULL, nameless.said_earliest, nameless.said_latest, nameless.status FROM statement nameless
  WHERE nameless.id IN (SELECT statement_id FROM statement_mention WHERE actor_id IS NULL)
    AND NOT EXISTS (SELECT FROM statement_speaker named WHERE named.statement_id = nameless.id)) AS speaker`;
const SPEAKER: SqlAlias = { id: 'speaker.statement_id', row: 'speaker' };

/** @param limit the number of newest statements; null for all. */
async function foundSql(
  { slugs }: ListMemory,
  { condition, by }: CountsRequest,
  limit: number | null,
  parameters: SqlParameters,
): Promise<FoundSql> {
  const plain = { conditions: [], hasStatement: false, hasSpeaker: false };
  const alias = { id: 'found.statement_id', row: 'found' };
  const driver = await findDriver(slugs, condition, parameters);
  if (driver) {
    const { table, key, rest } = driver;
    const all = limit === null ? 'NULL' : String(limit);
    const options = { rest, more: [], direction: 'DESC', limit: all } as const;
    return { ...plain, from: firstRowsSql(table, key, options, parameters), alias };
  }
  const where = (row: SqlAlias) => [
    ...earliestBound(condition, row, parameters),
    toSql(condition, parameters, row),
  ];
  if (limit !== null) {
    const from = `(SELECT s.id AS statement_id, s.said_earliest FROM statement s WHERE ${where(STATEMENT).join(' AND ')}
      ORDER BY s.said_earliest DESC, s.id DESC LIMIT ${limit}) AS found`;
    return { ...plain, from, alias };
  }
  // The rows of speakers have what most conditions read, so that one index serves.
  if (by.includes('SPEAKER') && !needsStatement(condition)) {
    const conditions = where(SPEAKER);
    return { ...plain, from: SPEAKERS_OR_NONE, conditions, alias: SPEAKER, hasSpeaker: true };
  }
  return {
    ...plain,
    from: 'statement s',
    conditions: where(STATEMENT),
    alias: STATEMENT,
    hasStatement: true,
  };
}

/** SQL for the groups of the statements, as (k0, k1, count, groupCount). */
function groupsSql(
  { from, conditions, alias, hasStatement, hasSpeaker }: FoundSql,
  { by, subtopics, first }: CountsRequest,
  parameters: SqlParameters,
): string {
  const dimensions = by.map((dimension): DimensionSql => {
    const sql = dimensionSql(dimension, alias, by, subtopics);
    return dimension === 'SPEAKER' && hasSpeaker ? { ...sql, join: '' } : sql;
  });
  const statement =
    !hasStatement && dimensions.some((sql) => sql.needsStatement)
      ? `JOIN statement s ON s.id = ${alias.id}`
      : '';
  const joined = `FROM ${from} ${statement} ${dimensions.map(({ join }) => join).join(' ')}
    ${conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''}`;
  const keys = by.map((_, i) => `k${i}`);
  const values = dimensions.map(({ value }, i) => `${value} AS k${i}`).join(', ');
  const rows = dimensions.some(({ repeats }) => repeats)
    ? `FROM (SELECT DISTINCT ${alias.id} AS statement_id, ${values} ${joined}) AS counted`
    : joined;
  const selected = rows === joined ? values : keys.join(', ');
  const orderBy = [
    ...(isPeriod(by[0] as Dimension) ? ['k0 DESC'] : []),
    'count DESC',
    ...keys.map((key) => `${key} NULLS LAST`),
  ];
  const limit = parameters.add(Math.max(1, first));
  return `SELECT ${keys.map((key) => `${key}::text AS ${key}`).join(', ')}, count, (count(*) OVER ())::int AS "groupCount"
    FROM (SELECT ${selected}, count(*)::int AS count ${rows} GROUP BY ${keys.map((_, i) => i + 1).join(', ')}) AS grouped
    ORDER BY ${orderBy.map((key) => `grouped.${key}`).join(', ')} LIMIT ${limit}`;
}
