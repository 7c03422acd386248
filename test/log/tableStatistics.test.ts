import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordStatements } from '../../src/domain/statement/record/record.ts';
import { TableStatistics } from '../../src/log/tableStatistics.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { makeWorld, statementInput } from '../support/world.ts';

let test: TestDatabase;
const notices: string[] = [];

beforeAll(async () => {
  test = await createTestDatabase({ seeded: false });
  await makeWorld(test.db.prisma);
});
afterAll(() => test.drop());

/** PostgreSQL's row estimates of the log and of the statements. */
async function known(): Promise<{ changes: number; statements: number }> {
  const { rows } = await test.db.pool.query(
    `SELECT (SELECT reltuples::int FROM pg_class WHERE oid = 'change'::regclass) AS changes,
       (SELECT reltuples::int FROM pg_class WHERE oid = 'statement'::regclass) AS statements`,
  );
  return rows[0];
}

async function head(): Promise<bigint> {
  const { rows } = await test.db.pool.query('SELECT position FROM head');
  return BigInt(rows[0].position);
}

let recorded = 0;
async function record(length: number): Promise<bigint> {
  const inputs = Array.from({ length }, (_, i) => statementInput({ text: `Statement ${recorded + i}.` }));
  recorded += length;
  await recordStatements(test.db.prisma, inputs, 'test');
  return head();
}

function makeStatistics(): TableStatistics {
  return new TableStatistics({ url: test.url, notice: (message) => void notices.push(message) });
}

describe('the tables of the record are analysed', () => {
  it('when the log is longer than some entries, and again whenever it has doubled', async () => {
    await test.db.pool.query('ALTER TABLE change SET (autovacuum_enabled = off)');
    const watched = makeStatistics();
    const first = await record(50);
    watched.reached(first);
    await watched.settled();
    expect(await known()).toEqual({ changes: Number(first), statements: 50 });

    const less = await record(10);
    watched.reached(less);
    await watched.settled();
    expect(watched.count, 'analyses before the log has doubled').toBe(1);

    const doubled = await record(Number(first));
    watched.reached(doubled);
    await watched.settled();
    expect(watched.count, 'analyses when the log has doubled').toBe(2);
    expect(await known()).toEqual({ changes: Number(doubled), statements: recorded });
    await watched.stop();
  });

  it('once, by one of the processes that serve the record, and not again after a restart', async () => {
    const position = await record(Number(await head()));
    const processes = [makeStatistics(), makeStatistics(), makeStatistics()];
    for (const one of processes) one.reached(position);
    for (const one of processes) await one.settled();
    expect(processes.reduce((sum, { count }) => sum + count, 0)).toBe(1);
    const restarted = makeStatistics();
    restarted.reached(position);
    await restarted.settled();
    expect(restarted.count).toBe(0);
    for (const one of [...processes, restarted]) await one.stop();
    expect(notices).toEqual([]);
  });

  it('which makes connections plan again what they keep prepared', async () => {
    const kept = await test.db.pool.connect(); // an idle connection of a pool would be closed after ten seconds
    const plan = async (): Promise<string> => {
      const { rows } = await kept.query("EXPLAIN EXECUTE kept('{statement-1}')");
      return rows.map((row) => row['QUERY PLAN']).join('\n');
    };
    await kept.query('SET plan_cache_mode = force_generic_plan');
    await kept.query(
      'PREPARE kept (text[]) AS SELECT FROM affiliation WHERE role = ANY ($1) AND actor_id < 10',
    );
    const small = await plan();
    await kept.query(
      `INSERT INTO affiliation (actor_id, ordinal, in_id, role)
       SELECT (SELECT min(id) FROM actor), i, (SELECT max(id) FROM actor), 'role ' || i FROM generate_series(100, 5000) i`,
    );
    const watched = makeStatistics();
    watched.reached((await record(Number(await head()))) * 2n);
    await watched.settled();
    expect(watched.count).toBe(1);
    expect(await plan(), 'the plan after the table has grown').not.toBe(small);
    await watched.stop();
    kept.release(true);
  });

  it('not where the database does not answer, with a word about it', async () => {
    const unreachable = new TableStatistics({
      url: 'postgresql://127.0.0.1:1/none',
      notice: (message) => void notices.push(message),
    });
    unreachable.reached(1_000_000n);
    await unreachable.settled();
    expect(notices).toEqual([expect.stringContaining('could not be analysed')]);
    await unreachable.stop();
  });
});

it('a stop ends an analysis at every moment of its beginning, and reports nothing', async () => {
  const before = notices.length;
  for (let turns = 0; turns < 40; turns += 1) {
    const stopped = makeStatistics();
    stopped.reached(1_000_000n);
    for (let i = 0; i < turns; i += 1) await setImmediate();
    await stopped.stop();
  }
  expect(notices.slice(before)).toEqual([]);
});
