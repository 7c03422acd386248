import type { Database } from '../../src/db/client.ts';

/** Events with many statements. */
export const FULL_EVENTS = 20;
const STATEMENTS = 2_000;
const PARTICIPANTS = 8;

/** Gives the first events of a generated record participants and many statements. */
export async function fillEvents({ pool }: Database): Promise<void> {
  // Every third actor of a generated record is a state.
  await pool.query(
    `INSERT INTO event_participant (event_id, ordinal, actor_id)
     SELECT e, n, 2 + 3 * n FROM generate_series(1, ${FULL_EVENTS}) e, generate_series(0, ${PARTICIPANTS - 1}) n
     ON CONFLICT DO NOTHING`,
  );
  await pool.query(
    `INSERT INTO statement_event (statement_id, ordinal, event_id, said_earliest, said_latest)
     SELECT s.id, 1 + e, e, s.said_earliest, s.said_latest FROM generate_series(1, ${FULL_EVENTS}) e,
       LATERAL (SELECT * FROM statement ORDER BY id LIMIT ${STATEMENTS} OFFSET e * 100) s ON CONFLICT DO NOTHING`,
  );
  await pool.query('ANALYZE statement_event, event_participant');
}
