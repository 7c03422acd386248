import { ReadoutError } from '../base/errors.ts';
import type { Queryable, Transaction } from '../db/sql.ts';
import { lockWithdrawals } from '../db/transaction.ts';
import { appendChanges, type EntryNoun } from '../log/append.ts';
import { withdrawalInput } from './input/correction.ts';
import { checkInput } from './input/fault.ts';
import { type Former, isWithdrawn, readFormer } from './save/former.ts';
import { deleteNames } from './save/names.ts';
import type { NounRules } from './save/rules.ts';

/** References of one kind that a refusal counts. There can be millions. */
const COUNTED_REFERENCES_MAX = 1_000;
/** Slugs that a refusal gives of each kind. */
const EXAMPLES_MAX = 3;

/**
 * A noun that can refer to the entry `t`, with SQL for its rows `r` that do. Only current rows count, and actors in the relation `ignored`
 * do not.
 */
type Referring = readonly [noun: 'statement' | Exclude<EntryNoun, 'collection'>, from: string];

const ofStatements = (table: string, column: string): Referring => [
  'statement',
  `${table} x JOIN statement r ON r.id = x.statement_id WHERE x.${column} = t.id AND r.status = 'CURRENT'`,
];

const REFERRING: Readonly<Record<EntryNoun, readonly Referring[]>> = {
  actor: [
    ofStatements('statement_speaker', 'actor_id'),
    ofStatements('statement_addressee', 'actor_id'),
    ofStatements('attribution', 'actor_id'),
    ofStatements('statement_behalf', 'actor_id'),
    [
      'actor',
      `affiliation x JOIN actor r ON r.id = x.actor_id WHERE x.in_id = t.id AND r.withdrawal_reason IS NULL
        AND r.id NOT IN (SELECT id FROM ignored)`,
    ],
    [
      'event',
      'event_participant x JOIN event r ON r.id = x.event_id WHERE x.actor_id = t.id AND r.withdrawal_reason IS NULL',
    ],
    ['source', 'source r WHERE r.publisher_id = t.id AND r.withdrawal_reason IS NULL'],
  ],
  topic: [
    ofStatements('statement_topic', 'topic_id'),
    ['topic', 'topic r WHERE r.parent_id = t.id AND r.withdrawal_reason IS NULL'],
  ],
  source: [['statement', `statement r WHERE r.source_id = t.id AND r.status = 'CURRENT'`]],
  event: [ofStatements('statement_event', 'event_id')],
  collection: [['statement', `statement r WHERE r.collection_id = t.id AND r.status = 'CURRENT'`]],
};

/** $1 ids, $2 ids of the same noun whose references do not count. The entries of $1 that nothing else refers to that is current. */
const unreferredSql = (noun: EntryNoun): string => `WITH ignored AS (SELECT unnest($2::int[]) AS id)
  SELECT t.id FROM unnest($1::int[]) AS t (id)
  WHERE ${REFERRING[noun].map(([, from]) => `NOT EXISTS (SELECT FROM ${from})`).join(' AND ')}`;

/** $1 id. What refers to it: noun and slug. */
const referringSql = (noun: EntryNoun): string => `WITH ignored AS (SELECT 0 AS id)
  SELECT DISTINCT found.noun, found.slug FROM (SELECT $1::int AS id) AS t
  CROSS JOIN LATERAL (${REFERRING[noun]
    .map(([of, from]) => `(SELECT '${of}' AS noun, r.slug FROM ${from} LIMIT ${COUNTED_REFERENCES_MAX + 1})`)
    .join(' UNION ALL ')}) AS found ORDER BY noun, slug`;

/** $1 collection. Its current actors to which no current entry refers, directly or through others of them; with their slugs. */
export const ACTOR_CYCLES = `WITH RECURSIVE
  ignored AS (SELECT id FROM actor WHERE collection_id = $1 AND withdrawal_reason IS NULL),
  kept AS (
    SELECT t.id FROM ignored t WHERE ${REFERRING.actor.map(([, from]) => `EXISTS (SELECT FROM ${from})`).join(' OR ')}
    UNION SELECT x.in_id FROM kept JOIN affiliation x ON x.actor_id = kept.id JOIN ignored t ON t.id = x.in_id)
  SELECT id, slug FROM actor WHERE id IN (SELECT id FROM ignored EXCEPT SELECT id FROM kept) ORDER BY id`;

/** Checks the reason of a withdrawal or retraction. @throws ReadoutError INVALID_INPUT if there is none. */
export function parseReason(reason: unknown): string {
  return checkInput(withdrawalInput.shape.reason, reason, ['input', 'reason']);
}

/** Refuses to withdraw an entry that something refers to. @throws ReadoutError CONFLICT with counts and examples. */
async function refuseReferred(db: Queryable, noun: EntryNoun, { id, content }: Former): Promise<void> {
  const rows = await db.$queryRawUnsafe<{ noun: string; slug: string }[]>(referringSql(noun), id);
  if (rows.length === 0) return;
  const references = [...new Set(rows.map((row) => row.noun))].map((of) => {
    const slugs = rows.filter((row) => row.noun === of).map(({ slug }) => slug);
    const isMore = slugs.length > COUNTED_REFERENCES_MAX;
    return {
      noun: of,
      count: Math.min(slugs.length, COUNTED_REFERENCES_MAX),
      isMore,
      slugs: slugs.slice(0, EXAMPLES_MAX),
    };
  });
  const listed = references.map(({ noun: of, count, isMore, slugs }) => {
    const names = slugs.map((slug) => `“${slug}”`).join(', ');
    return `${isMore ? 'more than ' : ''}${count} ${of}${count === 1 ? '' : 's'} (${names}${count > slugs.length ? ' …' : ''})`;
  });
  throw new ReadoutError(
    'CONFLICT',
    `The ${noun} “${content.slug}” can’t be withdrawn, because other entries refer to it: ${listed.join(', ')}. Revise, retract or withdraw these first.`,
    ['input', 'slug'],
    { references },
  );
}

/** What a withdrawal needs of the rules of a noun. */
export type WithdrawalRules = Pick<NounRules<never>, 'noun' | 'contentSql' | 'bytesSql' | 'digestOf'>;

interface WithdrawalOptions {
  /** Ids of actors whose affiliations do not count, because they are withdrawn with these. Default: none. */
  readonly ignored?: readonly number[];
  /** Slug of the actor to which the slugs of these actors lead from now on. Default: none. */
  readonly mergedInto?: string | undefined;
}

/** An entry that was withdrawn. */
export interface Withdrawn {
  readonly id: number;
  readonly position: bigint;
}

/**
 * Withdraws those of the entries that are current and that nothing current refers to, each with its change in the log. The others stay as
 * they are. It must be the last work of its transaction. From the check on, the transaction holds the counter row, so no other writer can
 * commit a reference meanwhile.
 * @param slugs few enough for a short transaction: some hundred.
 */
export async function withdrawUnreferred(
  tx: Transaction,
  rules: WithdrawalRules,
  slugs: readonly string[],
  reason: string,
  by: string,
  { ignored = [], mergedInto }: WithdrawalOptions = {},
): Promise<Withdrawn[]> {
  const { noun, digestOf } = rules;
  const withdrawalReason = parseReason(reason);
  await lockWithdrawals(tx);
  const formers = [...(await readFormer(tx, rules, slugs)).values()].filter((former) => !isWithdrawn(former));
  await tx.$executeRawUnsafe('SELECT FROM head FOR NO KEY UPDATE');
  const rows = await tx.$queryRawUnsafe<{ id: number }[]>(
    unreferredSql(noun),
    formers.map(({ id }) => id),
    ignored,
  );
  const unreferred = new Set(rows.map(({ id }) => id));
  const entries = formers.filter(({ id }) => unreferred.has(id));
  if (entries.length === 0) return [];
  if (noun !== 'collection')
    await deleteNames(
      tx,
      noun,
      entries.map(({ id }) => id),
    );
  const changes = entries.map(({ id, content }) => ({
    id,
    slug: content.slug,
    former: content,
    contentDigest: digestOf({ ...content, withdrawalReason, mergedInto } as never),
    withdrawalReason,
    ...(mergedInto !== undefined && { mergedInto }),
  }));
  return appendChanges(tx, noun, changes, by);
}

/**
 * Withdraws an entry: it leaves lists and searches, and nothing new can refer to it. Its slug stays taken, and a save of it makes it
 * current again.
 * @throws ReadoutError NOT_FOUND; INVALID_INPUT without a reason; CONFLICT if it is withdrawn, or something refers to it.
 */
export async function withdrawEntry(
  tx: Transaction,
  rules: WithdrawalRules,
  slug: string,
  reason: string,
  by: string,
): Promise<Withdrawn> {
  const { noun } = rules;
  parseReason(reason);
  await lockWithdrawals(tx);
  const former = (await readFormer(tx, rules, [slug])).get(slug);
  if (!former) throw new ReadoutError('NOT_FOUND', `The record has no ${noun} “${slug}”.`, ['input', 'slug']);
  if (isWithdrawn(former))
    throw new ReadoutError('CONFLICT', `The ${noun} “${slug}” is withdrawn already.`, ['input', 'slug'], {
      position: String(former.position),
    });
  await refuseReferred(tx, noun, former);
  const [withdrawn] = await withdrawUnreferred(tx, rules, [slug], reason, by);
  if (withdrawn) return withdrawn;
  await refuseReferred(tx, noun, former);
  throw new Error(`the ${noun} “${slug}” was not withdrawn, and nothing refers to it`);
}
