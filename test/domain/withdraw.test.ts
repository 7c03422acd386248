import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Transaction } from '../../src/db/sql.ts';
import { lockWithdrawals, transact } from '../../src/db/transaction.ts';
import { ACTOR, saveActors } from '../../src/domain/actor.ts';
import { saveEvents } from '../../src/domain/event.ts';
import type { Patch } from '../../src/domain/save/rules.ts';
import { saveSources } from '../../src/domain/source.ts';
import { recordStatement } from '../../src/domain/statement/record/group.ts';
import { recordStatements } from '../../src/domain/statement/record/record.ts';
import { renameInStatements } from '../../src/domain/statement/rename.ts';
import { reviseStatement } from '../../src/domain/statement/revise.ts';
import { saveTopics, TOPIC } from '../../src/domain/topic.ts';
import { type WithdrawalRules, withdrawEntry } from '../../src/domain/withdraw.ts';
import type { ImportItem } from '../../src/import/item.ts';
import { runImport } from '../../src/import/write/engine.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { untilWaitingForLock } from '../support/locks.ts';
import { saveActor, saveTopic } from '../support/saves.ts';
import { until, WAIT_MAX_MS } from '../support/until.ts';
import { makeWorld, record, statementInput } from '../support/world.ts';

const GONE = 'gone';
/** A transaction on a busy machine. */
const PATIENT = { timeout: WAIT_MAX_MS };

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase({ seeded: false });
  await makeWorld(test.db.prisma);
});
afterAll(() => test.drop());

const write = <T>(run: (tx: Transaction) => Promise<T>): Promise<T> => transact(test.db.prisma, run);
const makeActor = (slug = GONE) => write((tx) => saveActor(tx, { slug, name: slug, kind: 'BODY' }, 'desk'));
const makeTopic = () => write((tx) => saveTopic(tx, { slug: GONE, name: 'Gone' }, 'desk'));

/**
 * Withdraws the entry after `begin` has looked it up and waits for the counter row.
 * @param beforeCommit runs when the entry is withdrawn.
 * @returns what `begin` returns.
 */
async function withdrawMeanwhile<T>(
  rules: unknown,
  begin: () => Promise<T>,
  beforeCommit?: () => Promise<void>,
): Promise<PromiseSettledResult<T>> {
  let begun: Promise<PromiseSettledResult<T>[]> | undefined;
  await test.db.prisma.$transaction(async (tx) => {
    await tx.$executeRawUnsafe('SELECT FROM head FOR NO KEY UPDATE');
    begun = Promise.allSettled([begin()]);
    await untilWaitingForLock(test.db.pool, 1);
    await withdrawEntry(tx, rules as WithdrawalRules, GONE, 'Unused.', 'desk');
    await beforeCommit?.();
  }, PATIENT);
  const [result] = (await begun) as [PromiseSettledResult<T>];
  return result;
}

const refusal = (noun: string) => ({
  status: 'rejected',
  reason: expect.objectContaining({
    message: expect.stringContaining(`names the ${noun} “${GONE}”, which was withdrawn`),
  }),
});

async function* itemsOf(items: readonly Pick<ImportItem, 'kind' | 'value'>[]) {
  for (const [i, item] of items.entries())
    yield { ...item, place: { file: 'a.jsonl', line: i + 1 } } as ImportItem;
}

const load = (...items: readonly Pick<ImportItem, 'kind' | 'value'>[]) =>
  runImport(test.db.prisma, itemsOf(items), { by: 'desk' });

const save =
  (saveAll: (tx: Transaction, patches: readonly Patch[], by: string) => Promise<unknown>, patch: Patch) =>
  () =>
    write((tx) => saveAll(tx, [patch], 'desk'));

describe('an actor that is withdrawn while a writer that has looked it up waits', () => {
  it.each([
    ['a statement', () => recordStatement(test.db.prisma, statementInput({ speakers: [GONE] }), 'desk')],
    [
      'a list of statements',
      () =>
        write((tx) =>
          recordStatements(tx, [statementInput(), statementInput({ addressees: [GONE] })], 'desk'),
        ),
    ],
    [
      'an actor',
      save(saveActors, {
        slug: 'member',
        name: 'Member',
        kind: 'PERSON',
        affiliations: [{ in: GONE, role: 'Member' }],
      }),
    ],
    ['an event', save(saveEvents, { slug: 'talks', participants: [GONE] })],
    ['a source', save(saveSources, { slug: 'first-source', publisher: GONE })],
  ])('is not referred to by %s', async (_, begin) => {
    await makeActor();
    expect(await withdrawMeanwhile(ACTOR, begin as () => Promise<unknown>)).toMatchObject(refusal('actor'));
  });

  it('is not referred to by a revision', async () => {
    await makeActor();
    const { id } = await record({ prisma: test.db.prisma });
    const revise = () => write((tx) => reviseStatement(tx, id, { addressees: [GONE] }, null, 'desk'));
    expect(await withdrawMeanwhile(ACTOR, revise)).toMatchObject(refusal('actor'));
  });

  it('is not referred to by a statement in which it replaces another one', async () => {
    await makeActor();
    const { id } = await record({ prisma: test.db.prisma });
    const rename = () =>
      write((tx) =>
        renameInStatements(tx, [id], (content) => ({ ...content, speakers: [GONE] }), 'The same.', 'desk'),
      );
    expect(await withdrawMeanwhile(ACTOR, rename)).toMatchObject(refusal('actor'));
  });

  it('is not referred to by what is imported', async () => {
    for (const [kind, value] of [
      ['statement', statementInput({ speakers: [GONE] })],
      ['actor', { slug: 'new', name: 'New', kind: 'PERSON', affiliations: [{ in: GONE, role: 'Member' }] }],
      ['event', { slug: 'summit', participants: [GONE] }],
    ] as const) {
      await makeActor();
      const result = await withdrawMeanwhile(ACTOR, () => load({ kind, value }));
      const reason = expect.stringContaining(`“${GONE}”, which was withdrawn`);
      expect(result, kind).toMatchObject({ value: { refused: 1, refusals: [{ reason }] } });
    }
  });

  it('is not referred to by a revision that is imported', async () => {
    await makeActor();
    const value = statementInput({ slug: 'imported' });
    await load({ kind: 'statement', value });
    const result = await withdrawMeanwhile(ACTOR, () =>
      load({ kind: 'statement', value: { ...value, speakers: [GONE] } }),
    );
    expect(result).toMatchObject({ value: { refused: 1 } });
  });

  it('does not keep writers from other entries', async () => {
    await makeActor();
    const begin = () => recordStatement(test.db.prisma, statementInput(), 'desk');
    expect(await withdrawMeanwhile(ACTOR, begin)).toMatchObject({
      status: 'fulfilled',
      value: { created: true },
    });
  });
});

describe('a topic that is withdrawn while a writer that has looked it up waits', () => {
  it.each([
    ['a topic', save(saveTopics, { slug: 'trade', parent: GONE })],
    [
      'a statement',
      () => recordStatement(test.db.prisma, statementInput({ topics: [{ topic: GONE }] }), 'desk'),
    ],
  ])('is not referred to by %s', async (_, begin) => {
    await makeTopic();
    expect(await withdrawMeanwhile(TOPIC, begin as () => Promise<unknown>)).toMatchObject(refusal('topic'));
  });
});

describe('a write that a withdrawal has overtaken', () => {
  it('is tried again between withdrawals', async () => {
    await makeActor();
    const { prisma, pool } = test.db;
    let begun = 0;
    let ended = 0;
    const begin = () =>
      transact(prisma, async (tx) => {
        begun += 1;
        return recordStatements(tx, [statementInput()], 'desk').finally(() => {
          ended += 1;
        });
      });
    let next: Promise<void> | undefined;
    const beginNext = async () => {
      next = prisma.$transaction(async (tx) => {
        await lockWithdrawals(tx);
        await until('the first attempt', () => ended === 1);
        await untilWaitingForLock(pool, 1);
        expect(begun).toBe(1);
      }, PATIENT);
      await untilWaitingForLock(pool, 2);
    };
    const recorded = await withdrawMeanwhile(ACTOR, begin, beginNext);
    await next;
    expect(recorded).toMatchObject({ status: 'fulfilled' });
    expect(begun).toBe(2);
  });
});
