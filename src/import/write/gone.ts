import type { Prisma } from '../../db/client.ts';
import { transact } from '../../db/transaction.ts';
import { ACTOR } from '../../domain/actor.ts';
import { EVENT } from '../../domain/event.ts';
import { SOURCE } from '../../domain/source.ts';
import { retractStatements } from '../../domain/statement/retract.ts';
import { TOPIC } from '../../domain/topic.ts';
import { type WithdrawalRules, withdrawUnreferred } from '../../domain/withdraw.ts';
import { ENTRY_KINDS, type EntryKind } from '../item.ts';
import type { SeenEntries } from './seen.ts';

/** Entries that are read together, and retracted in one transaction. */
const PAGE_LENGTH = 200;

interface Row {
  readonly id: number;
  readonly slug: string;
  /** First day of a statement. */
  readonly day: string;
}

/** $1 collection; $2, $3 day and id after which to go on. In the order of the index. */
const NEXT_STATEMENTS = `SELECT id, slug, said_earliest::text AS day FROM statement
  WHERE collection_id = $1 AND status = 'CURRENT' AND (said_earliest, id) < ($2::date, $3::int)
  ORDER BY said_earliest DESC, id DESC LIMIT ${PAGE_LENGTH}`;
const nextEntriesSql = (kind: EntryKind): string => `SELECT id, slug, '' AS day FROM ${kind}
  WHERE collection_id = $1 AND withdrawal_reason IS NULL AND id > $2::int ORDER BY id LIMIT ${PAGE_LENGTH}`;

const RULES: Readonly<Partial<Record<EntryKind, WithdrawalRules>>> = {
  actor: ACTOR,
  topic: TOPIC,
  source: SOURCE,
  event: EVENT,
};
/** In this order, no entry refers to one that was withdrawn before it. */
const ORDER = [...ENTRY_KINDS].reverse();

async function* pagesOf(prisma: Prisma, kind: EntryKind, collection: number): AsyncGenerator<Row[]> {
  let last: Row | undefined = { id: 0, slug: '', day: 'infinity' };
  while (last) {
    const after: (string | number)[] = kind === 'statement' ? [last.day, last.id] : [last.id];
    const sql = kind === 'statement' ? NEXT_STATEMENTS : nextEntriesSql(kind);
    const rows: Row[] = await prisma.$queryRawUnsafe<Row[]>(sql, collection, ...after);
    if (rows.length > 0) yield rows;
    last = rows.at(-1);
  }
}

export interface GoneOptions {
  readonly prisma: Prisma;
  readonly collection: number;
  readonly seen: SeenEntries;
  /** Retracts the statements that are gone, and withdraws the other entries that nothing refers to; null to leave them. */
  readonly retraction: { readonly reason: string; readonly by: string } | null;
  /** Called with the number of entries that are gone. */
  readonly onGone: (kind: EntryKind, count: number) => void;
}

/** Finds the current entries of a collection that an import does not have. */
export async function findGone({ prisma, collection, seen, retraction, onGone }: GoneOptions): Promise<void> {
  for (const kind of ORDER) {
    for await (const rows of pagesOf(prisma, kind, collection)) {
      const gone = rows.filter(({ id }) => !seen.has(kind, id));
      if (gone.length === 0) continue;
      onGone(kind, gone.length);
      if (!retraction) continue;
      const { reason, by } = retraction;
      const rules = RULES[kind];
      await transact(prisma, (tx) =>
        rules
          ? withdrawUnreferred(
              tx,
              rules,
              gone.map(({ slug }) => slug),
              reason,
              by,
            )
          : retractStatements(
              tx,
              gone.map(({ id }) => id),
              reason,
              by,
            ),
      );
    }
  }
}
