import type { Database } from '../../../src/db/client.ts';
import { cellsOf } from '../../../src/read/comparison/cells.ts';
import { ComparisonLoaders } from '../../../src/read/loading/comparisons.ts';
import type { ComparedAccount, ComparedRow, ComparisonCase } from './oracle.ts';

/** SQL that writes a case ($1), with ids from a base ($2) on. */
const INSERTS = [
  `INSERT INTO actor (id, slug, name, kind) SELECT $2::int + (a ->> 'id')::int, 'actor-' || $2::int + (a ->> 'id')::int, 'Actor', (a ->> 'kind')::actor_kind
   FROM jsonb_array_elements($1::jsonb -> 'actors') AS x (a)`,
  `INSERT INTO affiliation (actor_id, ordinal, in_id, role, "from", "to")
   SELECT $2::int + (a ->> 'id')::int, n - 1, $2::int + (f ->> 'inId')::int, 'Member', (f ->> 'from')::date, (f ->> 'to')::date
   FROM jsonb_array_elements($1::jsonb -> 'actors') AS x (a), jsonb_array_elements(a -> 'affiliations') WITH ORDINALITY AS y (f, n)`,
  `INSERT INTO actor_side SELECT side.* FROM sides_of(ARRAY(
     SELECT $2::int + (a ->> 'id')::int FROM jsonb_array_elements($1::jsonb -> 'actors') AS x (a))) AS side`,
  `INSERT INTO topic (id, slug, name, parent_id) SELECT $2::int + (t ->> 'id')::int, 'topic-' || $2::int + (t ->> 'id')::int, t ->> 'name', $2::int + (t ->> 'parentId')::int
   FROM jsonb_array_elements($1::jsonb -> 'topics') AS x (t)`,
  `INSERT INTO event (id, slug, name, kind, edtf, earliest, latest) SELECT $2::int, 'event-' || $2::int, 'Event', 'CALL', '2025',
     ($1::jsonb #>> '{days,earliest}')::date, ($1::jsonb #>> '{days,latest}')::date`,
  `INSERT INTO event_participant (event_id, ordinal, actor_id) SELECT $2::int, n - 1, $2::int + id::int
   FROM jsonb_array_elements_text($1::jsonb -> 'participantIds') WITH ORDINALITY AS x (id, n)`,
  `INSERT INTO statement (id, slug, input_digest, text, mode, act, said_edtf, said_earliest, said_latest, source_id, added_position, position)
   SELECT $2::int + (s ->> 'id')::int, 'statement-' || $2::int + (s ->> 'id')::int, repeat('0', 64), 'Text.', 'INDIRECT', 'STATE', '2025',
     (s #>> '{said,earliest}')::date, (s #>> '{said,latest}')::date, 1, $2::int + (s ->> 'id')::int, $2::int + (s ->> 'id')::int
   FROM jsonb_array_elements($1::jsonb -> 'statements') AS x (s)`,
  `INSERT INTO statement_event (statement_id, ordinal, event_id, said_earliest, said_latest)
   SELECT id, 0, $2::int, said_earliest, said_latest FROM statement WHERE id > $2::int AND $1::jsonb IS NOT NULL`,
  `INSERT INTO statement_topic (statement_id, ordinal, topic_id, stance, said_earliest, said_latest)
   SELECT id, n - 1, $2::int + (t ->> 'topicId')::int, (t ->> 'stance')::stance, said_earliest, said_latest
   FROM jsonb_array_elements($1::jsonb -> 'statements') AS x (s), jsonb_array_elements(s -> 'topics') WITH ORDINALITY AS y (t, n), statement
   WHERE statement.id = $2::int + (s ->> 'id')::int`,
  `INSERT INTO statement_giver (statement_id, actor_id, for_id, said_earliest, said_latest)
   SELECT statement.id, giver.actor_id, giver.for_id, said_earliest, said_latest
   FROM jsonb_array_elements($1::jsonb -> 'statements') AS x (s), statement, givers_of(
     ARRAY(SELECT $2::int + id::int FROM jsonb_array_elements_text(s -> 'speakerIds') AS y (id)),
     ARRAY(SELECT $2::int + id::int FROM jsonb_array_elements_text(s -> 'hopIds') WITH ORDINALITY AS y (id, n) ORDER BY n),
     ARRAY(SELECT $2::int + id::int FROM jsonb_array_elements_text(s -> 'behalfIds') AS y (id))) AS giver
   WHERE statement.id = $2::int + (s ->> 'id')::int`,
  `INSERT INTO statement_link (from_id, to_id, kind) SELECT DISTINCT $2::int + (l ->> 'fromId')::int, $2::int + (l ->> 'toId')::int, (l ->> 'kind')::link_kind
   FROM jsonb_array_elements($1::jsonb -> 'links') AS x (l)`,
];

/** Cases in a database. Ids of a case are shifted by its base, so that many cases fit beside one another. */
export class RecordedCases {
  readonly #db: Database;
  #base = 0;

  constructor(db: Database) {
    this.#db = db;
  }

  /** @returns the event of the case. */
  async write(input: ComparisonCase): Promise<RecordedCase> {
    this.#base += 1_000;
    const base = this.#base;
    const connection = await this.#db.pool.connect();
    try {
      await connection.query('BEGIN; SET LOCAL session_replication_role = replica');
      for (const sql of INSERTS) await connection.query(sql, [JSON.stringify(input), base]);
      await connection.query('COMMIT');
      connection.release();
    } catch (error) {
      connection.release(true);
      throw error;
    }
    return new RecordedCase(this.#db, base);
  }
}

const EVERY = { first: 100, offset: 0 };

/** The accounts and the comparison of a case, read again at each call, with the ids of the case. */
export class RecordedCase {
  readonly #db: Database;
  readonly #base: number;

  constructor(db: Database, base: number) {
    this.#db = db;
    this.#base = base;
  }

  async accounts(): Promise<ComparedAccount[]> {
    const load = new ComparisonLoaders(this.#db);
    return Promise.all(
      (await load.accounts.load(this.#base)).map(async (account) => {
        const ids = await load.accountStatements.load(account, EVERY);
        if (ids.length !== account.statementCount)
          throw new Error('an account has another count than statements');
        return { sideId: account.sideId - this.#base, statementIds: ids.map((id) => id - this.#base) };
      }),
    );
  }

  async others(): Promise<number[]> {
    const load = new ComparisonLoaders(this.#db);
    const ids = await load.otherStatements.load(this.#base, EVERY);
    const count = await load.otherStatementCount.load(this.#base);
    if (ids.length !== count) throw new Error('there is another count than statements in no account');
    return ids.map((id) => id - this.#base);
  }

  async rows(
    chosen: { sideIds?: readonly number[] | null; topicIds?: readonly number[] | null } = {},
    slice = EVERY,
  ): Promise<ComparedRow[]> {
    const load = new ComparisonLoaders(this.#db);
    const own = (ids: readonly number[] | null | undefined) => ids?.map((id) => id + this.#base) ?? null;
    const request = { sideIds: own(chosen.sideIds), topicIds: own(chosen.topicIds) };
    const { rows } = await load.rows(this.#base, request, slice);
    return Promise.all(
      rows.map(async (row) => {
        const verdict = await load.verdict(row);
        const cells = await Promise.all(
          cellsOf(row).map(async (cell) => {
            const ids = await load.cellStatements.load(cell, EVERY);
            if (ids.length !== cell.statementCount)
              throw new Error('a cell has another count than statements');
            return {
              sideId: cell.sideId - this.#base,
              statementIds: ids.map((id) => id - this.#base),
              stance: cell.stance,
            };
          }),
        );
        return { topicId: row.topicId - this.#base, cells, verdict };
      }),
    );
  }

  rowCount(): Promise<number> {
    return new ComparisonLoaders(this.#db).rowCount(this.#base, { sideIds: null, topicIds: null });
  }
}
