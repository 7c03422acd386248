import type { Queryable } from '../db/client.ts';
import type { ChangeKind } from '../db/generated/enums.ts';

/** The channel on which a commit rings: no payload, the table is the truth. */
export const BELL_CHANNEL = 'readout_change';

/** A change of an actor, topic, source or event. Statements append theirs in the SQL that writes them. */
export interface NewChange {
  readonly kind: Exclude<ChangeKind, `STATEMENT_${string}`>;
  readonly subject: 'actor' | 'topic' | 'source' | 'event';
  readonly id: number;
  /** Who made it: the name of the recorder's token. */
  readonly by: string;
}

/**
 * Appends one change to the log, as the last thing its transaction does: from here to the commit the counter row
 * is locked, which is what makes positions contiguous and in commit order.
 * @returns its position.
 */
export async function appendChange(tx: Queryable, change: NewChange): Promise<bigint> {
  const rows = await tx.$queryRawUnsafe<{ position: bigint }[]>(
    `WITH next AS (UPDATE head SET position = position + 1 RETURNING position)
     INSERT INTO change (position, kind, by, ${change.subject}_id)
     SELECT position, $1::change_kind, $2, $3 FROM next
     RETURNING position, pg_notify('${BELL_CHANNEL}', '')::text AS bell`,
    change.kind,
    change.by,
    change.id,
  );
  return (rows[0] as { position: bigint }).position;
}
