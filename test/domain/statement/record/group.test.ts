import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ReadoutError } from '../../../../src/base/errors.ts';
import { Cancellation } from '../../../../src/db/pool/cancellation.ts';
import { Canceller } from '../../../../src/db/pool/canceller.ts';
import { SqlClock } from '../../../../src/db/pool/sqlClock.ts';
import { recordStatement } from '../../../../src/domain/statement/record/group.ts';
import type { Recorded } from '../../../../src/domain/statement/record/record.ts';
import { addStatementsSql } from '../../../../src/domain/statement/sql.ts';
import { createTestDatabase, type TestDatabase } from '../../../support/database.ts';
import { recordSql } from '../../../support/graphql.ts';
import { makeWorld, statementInput } from '../../../support/world.ts';

let test: TestDatabase;

beforeEach(async () => {
  test = await createTestDatabase({ seeded: false });
  await makeWorld(test.db.prisma);
});
afterEach(() => test.drop());

const record = (fields: Record<string, unknown>, by = 'recorder'): Promise<Recorded> =>
  recordStatement(test.db.prisma, statementInput(fields), by);

async function added(): Promise<{ by: string; text: string }[]> {
  const { rows } = await test.db.pool.query(
    `SELECT by, text FROM change JOIN statement ON statement.id = statement_id ORDER BY change.position`,
  );
  return rows;
}

describe('statements that are asked for at once', () => {
  it('are written together, each with its own answer', async () => {
    const sql = recordSql(test.db);
    const recorded = await Promise.all(
      Array.from({ length: 40 }, (_, i) => record({ key: `key-${i}`, text: `Statement ${i}.` })),
    );
    expect(sql.filter((text) => text.includes('INSERT INTO change')).length).toBeLessThan(4);
    expect(recorded.every(({ created }) => created)).toBe(true);
    const base = Number(recorded[0]?.position);
    expect(recorded.map(({ position }) => Number(position) - base)).toEqual([...recorded.keys()]);
    expect((await added()).map(({ text }) => text)).toEqual(recorded.map((_, i) => `Statement ${i}.`));
  });

  it('are each refused for their own faults only, by the path they have alone', async () => {
    const settled = await Promise.allSettled(
      Array.from({ length: 12 }, (_, i) =>
        record({ text: `Statement ${i}.`, ...(i % 4 === 1 && { speakers: [`nobody-${i}`] }) }),
      ),
    );
    for (const [i, result] of settled.entries()) {
      expect(result.status, String(i)).toBe(i % 4 === 1 ? 'rejected' : 'fulfilled');
      if (result.status === 'fulfilled') continue;
      expect(result.reason).toBeInstanceOf(ReadoutError);
      expect(result.reason).toMatchObject({ code: 'INVALID_INPUT', inputPath: ['input', 'speakers', 0] });
      expect(result.reason.message).toContain(`nobody-${i}`);
    }
    expect(await added()).toHaveLength(9);
  });

  it('are one where they have the same key and content, and a conflict where the content differs', async () => {
    const same = await Promise.all([1, 2, 3].map(() => record({ key: 'same', text: 'The same.' })));
    expect(new Set(same.map(({ id }) => id)).size).toBe(1);
    expect(same.filter(({ created }) => created)).toHaveLength(1);
    const differing = await Promise.allSettled(
      ['One.', 'Two.'].map((text) => record({ key: 'differing', text })),
    );
    expect(differing.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await added()).toHaveLength(2);
  });

  it('are in the log under the name of the recorder of each', async () => {
    const names = Array.from({ length: 15 }, (_, i) => `recorder ${i % 3}`);
    await Promise.all(names.map((by, i) => record({ text: `Statement ${i}.` }, by)));
    const found = new Map((await added()).map(({ by, text }) => [text, by]));
    expect(names.map((_, i) => found.get(`Statement ${i}.`))).toEqual(names);
  });

  it('are written together where some of them are refused', async () => {
    const sql = recordSql(test.db);
    await Promise.allSettled(
      Array.from({ length: 40 }, (_, i) =>
        record({ text: `Statement ${i}.`, ...(i === 7 && { speakers: ['nobody'] }) }),
      ),
    );
    expect(sql.filter((text) => text.includes('INSERT INTO change')).length).toBeLessThan(4);
    expect(await added()).toHaveLength(39);
  });

  it('are each refused where PostgreSQL refuses one, and the others are written', async () => {
    await test.db.pool.query(`ALTER TABLE statement ADD CHECK (text <> 'Unwanted.')`);
    const texts = ['One.', 'Unwanted.', 'Two.', 'Three.'];
    const settled = await Promise.allSettled(texts.map((text) => record({ text })));
    const statuses = settled.map(({ status }) => status);
    expect(statuses).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    expect((await added()).map(({ text }) => text)).toEqual(['One.', 'Two.', 'Three.']);
  });

  it('are not written twice where the connection breaks after they were', async () => {
    let writes = 0;
    const prisma = new Proxy(test.db.prisma, {
      get: (target, name) =>
        name === '$queryRawUnsafe'
          ? async (text: string, ...values: unknown[]) => {
              const rows = await target.$queryRawUnsafe(text, ...values);
              if (text !== addStatementsSql('plain', false)) return rows;
              writes += 1;
              throw new Error('Connection terminated unexpectedly');
            }
          : Reflect.get(target, name),
    });
    const settled = await Promise.allSettled(
      Array.from({ length: 5 }, (_, i) =>
        recordStatement(prisma, statementInput({ text: `Statement ${i}.` }), 'recorder'),
      ),
    );
    expect(settled.every(({ status }) => status === 'rejected')).toBe(true);
    expect(writes).toBe(1);
    expect(await added()).toHaveLength(5);
    await expect(record({ text: 'The next.' })).resolves.toMatchObject({ created: true });
  });

  it('are all answered where there are more than one group holds, with positions without gaps', async () => {
    const recorded = await Promise.all(
      Array.from({ length: 250 }, (_, i) => record({ text: `Statement ${i}.` })),
    );
    const base = Number(recorded[0]?.position);
    expect(recorded.map(({ position }) => Number(position) - base)).toEqual([...recorded.keys()]);
  });

  it('do not end with the operation of one of them', async () => {
    const cancellation = new Cancellation(new Canceller(test.db.pool, new SqlClock()));
    const first = cancellation.run(() => record({ text: 'The first.' }));
    const second = record({ text: 'The second.' });
    cancellation.cancel(new Error('the client went away'));
    const recorded = await Promise.all([first, second]);
    expect(recorded.map(({ created }) => created)).toEqual([true, true]);
  });
});
