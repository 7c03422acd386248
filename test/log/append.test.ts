import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/client.ts';
import { transact } from '../../src/db/transaction.ts';
import { topicInput } from '../../src/domain/input/noun.ts';
import { type Recorded, recordStatements } from '../../src/domain/statement/record/record.ts';
import { retractStatement } from '../../src/domain/statement/retract.ts';
import { createTestDatabase, openTestDatabase, type TestDatabase } from '../support/database.ts';
import { saveTopic } from '../support/saves.ts';
import { until } from '../support/until.ts';
import { makeWorld, record, statementInput } from '../support/world.ts';

const SPEAKER_LOCK = 4_711;

let test: TestDatabase;
/** More connections than most services have. */
let db: Database;

beforeAll(async () => {
  test = await createTestDatabase({ seeded: false });
  db = openTestDatabase(test.url, 16);
  await makeWorld(test.db.prisma);
});
afterAll(async () => {
  await db.close();
  await test.drop();
});

async function positions(): Promise<number[]> {
  const { rows } = await test.db.pool.query<{ position: string }>(
    'SELECT position FROM change ORDER BY position',
  );
  return rows.map(({ position }) => Number(position));
}

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

/** A connection of its own that reads the log again and again until it is told to stop. */
async function poll(url: string): Promise<{ stop(): Promise<string[]> }> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const faults: string[] = [];
  let stopped = false;
  let seen = 0;
  const polling = (async () => {
    while (!stopped) {
      const { rows } = await client.query<{ positions: string[]; head: string }>(
        `SELECT array(SELECT position FROM change WHERE position > ${seen} ORDER BY position) AS positions,
           (SELECT position FROM head) AS head`,
      );
      const { positions: found, head } = rows[0] as { positions: string[]; head: string };
      for (const position of found) {
        if (Number(position) !== seen + 1) faults.push(`saw ${position} after ${seen}`);
        seen = Number(position);
      }
      if (Number(head) !== seen) faults.push(`the head is ${head} and the log ends at ${seen}`);
    }
    await client.end();
  })();
  return {
    async stop() {
      stopped = true;
      await polling;
      return faults;
    },
  };
}

/** A writer that gets as far as its log entry and is killed there, holding the counter row. */
async function dieBeforeCommit(n: number): Promise<void> {
  const client = new pg.Client({ connectionString: test.url });
  client.on('error', () => undefined); // this is what is wanted
  await client.connect();
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  await client.query('BEGIN');
  await client.query(`WITH next AS (UPDATE head SET position = position + 1 RETURNING position)
    INSERT INTO change (position, kind, by, actor_id) SELECT position, 'ACTOR_REVISED', 'killed ${n}', 1 FROM next`);
  const ended = new Promise((resolve) => client.once('end', resolve));
  await test.db.pool.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
  await ended;
}

describe('the log', () => {
  it('numbers what many writers commit 1, 2, 3 …, and no reader sees a number before the one below it', async () => {
    const pollers = await Promise.all([poll(test.url), poll(test.url)]);
    const topic = (n: number) =>
      topicInput.parse({ slug: 'trade', name: 'trade', description: `as of writer ${n}` });
    const rolledBack = async (n: number): Promise<void> => {
      const failing = db.prisma.$transaction(async (tx) => {
        await saveTopic(tx, topic(n), 'rolled back');
        throw new Error('undone');
      });
      await expect(failing).rejects.toThrow('undone');
    };
    const refused = async (n: number): Promise<void> => {
      const inputs = [statementInput(), statementInput({ speakers: [`nobody-${n}`] })];
      await expect(recordStatements(db.prisma, inputs, 'refused')).rejects.toThrow('nobody');
    };
    const writers = Array.from({ length: 90 }, (_, n) => async (): Promise<void> => {
      if (n % 10 === 3) return rolledBack(n);
      if (n % 10 === 5) return dieBeforeCommit(n);
      if (n % 10 === 7) return refused(n);
      if (n % 4 === 0) await transact(db.prisma, (tx) => saveTopic(tx, topic(n), `saver ${n}`));
      else await record(db, { text: `Statement of writer ${n}.` }, `recorder ${n}`);
    });
    await Promise.all(writers.map((write) => write()));
    const faults = await Promise.all(pollers.map((poller) => poller.stop()));

    expect(faults.flat()).toEqual([]);
    const numbers = await positions();
    expect(numbers).toEqual(upTo(numbers.length));
    const { rows } = await test.db.pool.query<{ by: string }>('SELECT by FROM change ORDER BY position');
    const by = rows.map((row) => row.by);
    expect(by.filter((name) => /^(killed|rolled|refused)/.test(name))).toEqual([]);
    const recorders = by.filter((name) => name.startsWith('recorder'));
    expect(new Set(recorders).size).toBe(recorders.length);
  });

  it('gives the entries of one list neighbouring positions in its order', async () => {
    const lists = Array.from({ length: 12 }, (_, n) =>
      Array.from({ length: 9 }, (_, i) => statementInput({ text: `Item ${i} of list ${n}.` })),
    );
    const recorded = await Promise.all(lists.map((list) => recordStatements(db.prisma, list, 'lists')));
    for (const list of recorded) {
      const first = Number(list[0]?.position);
      expect(list.map(({ position }) => Number(position) - first)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    }
  });

  it('lets writers of statements and of the topics they take a stance on pass without a deadlock', async () => {
    const own = await createTestDatabase({ seeded: false });
    const writing = openTestDatabase(own.url, 10);
    await makeWorld(writing.prisma);
    const reword = (n: number) =>
      transact(writing.prisma, (tx) =>
        saveTopic(
          tx,
          topicInput.parse({
            slug: 'truce',
            name: 'truce',
            proposition: `Truce, version ${n}.`,
            parent: 'peace',
          }),
          'test',
        ),
      );
    const takeStance = (n: number) =>
      record(writing, { text: `Stance ${n}.`, topics: [{ topic: 'truce', stance: 'SUPPORTS' }] });
    await reword(1_000);
    const taken = await Promise.all(Array.from({ length: 30 }, (_, n) => takeStance(1_000 + n)));
    const retract = (n: number) =>
      transact(writing.prisma, (tx) => retractStatement(tx, (taken[n] as Recorded).id, 'A trial.', 'test'));
    await Promise.all(
      Array.from({ length: 90 }, (_, n) => [reword, takeStance, retract][n % 3]?.(Math.floor(n / 3))),
    );
    await writing.close();
    expect(await own.countDeadlocks()).toBe(0);
    await own.drop();
  });

  it('would be seen to deadlock if two writers waited for one another', async () => {
    const own = await createTestDatabase({ seeded: false });
    const clients = [0, 1].map(() => new pg.Client({ connectionString: own.url }));
    for (const [key, client] of clients.entries()) {
      await client.connect();
      await client.query('BEGIN');
      await client.query('SELECT pg_advisory_xact_lock($1)', [key]);
    }
    const waits = clients.map((client, key) => client.query('SELECT pg_advisory_xact_lock($1)', [1 - key]));
    const ends = await Promise.allSettled(waits);
    expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await Promise.all(clients.map((client) => client.end()));
    expect(await own.countDeadlocks()).toBe(1);
    await own.drop();
  });

  it('lets a list write its parts while another transaction holds the counter row', async () => {
    // A transaction that inserts a speaker shows it to others at once by an advisory lock.
    await test.db.pool.query(`
      CREATE FUNCTION show_speaker() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN PERFORM pg_advisory_xact_lock(${SPEAKER_LOCK}); RETURN NEW; END $$;
      CREATE TRIGGER show_speaker BEFORE INSERT ON statement_speaker FOR EACH ROW EXECUTE FUNCTION show_speaker()`);
    const shown = async (): Promise<number> => {
      const { rowCount } = await test.db.pool.query(
        `SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = ${SPEAKER_LOCK}
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
      );
      return rowCount ?? 0;
    };
    const holder = await test.db.pool.connect();
    try {
      await holder.query('BEGIN');
      await holder.query('SELECT FROM head FOR UPDATE');
      expect(await shown()).toBe(0);
      const list = Array.from({ length: 3 }, (_, i) => statementInput({ text: `Part ${i}.` }));
      const recording = recordStatements(db.prisma, list, 'waiting');
      await until('a part that is written', async () => (await shown()) === 1);
      await holder.query('COMMIT');
      expect(await recording).toHaveLength(3);
    } finally {
      await holder.query('ROLLBACK');
      holder.release();
      await test.db.pool.query('DROP TRIGGER show_speaker ON statement_speaker; DROP FUNCTION show_speaker');
    }
  });

  it('refuses to change or delete what it has', async () => {
    await expect(test.db.pool.query(`UPDATE change SET by = 'somebody else'`)).rejects.toThrow('append-only');
    await expect(test.db.pool.query('DELETE FROM change')).rejects.toThrow('append-only');
  });
});
