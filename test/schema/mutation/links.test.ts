import { describe, expect, it } from 'vitest';
import type { Queryable, Transaction } from '../../../src/db/sql.ts';
import { retry, transact } from '../../../src/db/transaction.ts';
import { INPUT_MAX } from '../../../src/domain/input/field.ts';
import { recordStatements } from '../../../src/domain/statement/record/record.ts';
import { linkStatements, reviseStatement } from '../../../src/domain/statement/revise.ts';
import type { TestDatabase } from '../../support/database.ts';
import { waitingForLock } from '../../support/locks.ts';
import { until } from '../../support/until.ts';
import { type TestRecorder, useService } from '../../support/useService.ts';
import { record, statementInput } from '../../support/world.ts';

let test: TestDatabase;
let recorder: TestRecorder;

useService('world', (used) => {
  ({ test, recorder } = used);
});

const RECORD = `mutation ($input: RecordStatementInput!) { recordStatement(input: $input) { statement { slug } } }`;
const RECORD_MANY = `mutation ($input: [RecordStatementInput!]!) { recordStatements(input: $input) { created } }`;
const REVISE = `mutation ($input: ReviseStatementInput!) {
  reviseStatement(input: $input) { statement { slug text links { kind } } } }`;
const LINK = `mutation ($input: LinkStatementsInput!) {
  linkStatements(input: $input) { statement { slug links { kind statement { slug } } } } }`;
const RETRACT = `mutation ($input: RetractStatementInput!) { retractStatement(input: $input) { position } }`;

const run = (query: string, input: unknown): Promise<unknown> => recorder.data(query, { input });

/** Code and path of the error that a mutation must have. */
async function refusal(
  query: string,
  input: unknown,
): Promise<{ code: unknown; path: unknown; message: string }> {
  const { extensions, message } = await recorder.refusal(query, { input });
  return { code: extensions?.code, path: extensions?.inputPath, message };
}

let serial = 0;
/** Records a statement and gives its slug. */
async function said(on: string, fields: Record<string, unknown> = {}): Promise<string> {
  serial += 1;
  const slug = `link-end-${serial}`;
  await record(test.db, { slug, text: `Statement ${serial} of this test.`, said: on, ...fields });
  return slug;
}

describe('linkStatements', () => {
  const idOf = (type: string, id: number) => Buffer.from(`${type}:${id}`).toString('base64');

  it.each([
    ['an id of nothing', idOf('Statement', 999_999)],
    ['an id of something else', idOf('Actor', 1)],
    ['a slug of nothing', 'no-such-statement'],
  ])('refuses %s at either end, under the field that names it', async (_, wrong) => {
    const right = await said('2025-07-01');
    expect(await refusal(LINK, { from: right, to: wrong, kind: 'ECHOES' })).toMatchObject({
      code: 'NOT_FOUND',
      path: ['input', 'to'],
    });
    expect(await refusal(LINK, { from: wrong, to: right, kind: 'ECHOES' })).toMatchObject({
      code: 'NOT_FOUND',
      path: ['input', 'from'],
    });
  });

  it('refuses to change a retracted statement, under the field that names it', async () => {
    const [from, to] = [await said('2025-07-01'), await said('2025-07-01')];
    await run(RETRACT, { id: from, reason: 'Wrong.' });
    expect(await refusal(LINK, { from, to, kind: 'ECHOES' })).toMatchObject({
      code: 'CONFLICT',
      path: ['input', 'from'],
    });
  });

  it('refuses a link beyond the hundredth, under the statement that has them', async () => {
    const targets = Array.from({ length: INPUT_MAX.links + 1 }, (_, i) => `many-${i}`);
    for (const slug of targets) await record(test.db, { slug, text: `Target ${slug}.` });
    const last = targets.pop();
    const from = await said('2025-07-01', { links: targets.map((to) => ({ to, kind: 'ECHOES' })) });
    expect(await refusal(LINK, { from, to: last, kind: 'ECHOES' })).toMatchObject({
      code: 'LIMIT_EXCEEDED',
      path: ['input', 'from'],
    });
  });

  it('names its own fields if a rule of links is broken', async () => {
    const [earlier, later] = [await said('2025-07-01'), await said('2025-07-05', { speakers: ['boris'] })];
    expect(await refusal(LINK, { from: earlier, to: later, kind: 'ECHOES' })).toMatchObject({
      code: 'INVALID_INPUT',
      path: ['input', 'to'],
    });
    expect(await refusal(LINK, { from: later, to: earlier, kind: 'SHIFTS_FROM' })).toMatchObject({
      code: 'INVALID_INPUT',
      path: ['input', 'kind'],
    });
  });
});

describe('a link leads to an earlier statement', () => {
  it.each([
    ['days apart', '2025-07-01', '2025-07-03'],
    ['in another month', '2025-06', '2025-08'],
    ['in another year', '2023', '2025-01-01'],
  ])('and is refused to one that was said later: %s', async (_, on, later) => {
    const to = await said(later);
    const links = [{ to, kind: 'REPLIES_TO' }];
    const error = await refusal(RECORD, statementInput({ said: on, links }));
    expect(error).toMatchObject({ code: 'INVALID_INPUT', path: ['input', 'links', 0, 'to'] });
    expect(error.message).toContain(to);
  });

  it.each([
    ['of the same day', '2025-07-01', '2025-07-01'],
    ['of the next day, which it still is elsewhere', '2025-07-01', '2025-07-02'],
    ['of a span that begins earlier', '2025-07-01', '2025-06/2025-08'],
    ['of a date that is approximate', '2025-07-01', '2025-08~'],
    ['where its own date is uncertain', '2024?', '2025-07-01'],
  ])('and is taken to one %s', async (_, on, other) => {
    const to = await said(other);
    await run(
      RECORD,
      statementInput({ text: `Said ${on} ${other}.`, said: on, links: [{ to, kind: 'REPLIES_TO' }] }),
    );
  });

  it('also among the items of a list, in whatever order they are recorded', async () => {
    const late = statementInput({ slug: 'late-item', said: '2025-07-09' });
    const early = (links: unknown[]) =>
      statementInput({ slug: 'early-item', text: 'Early.', said: '2025-07-01', links });
    const wrong = [late, early([{ to: 'late-item', kind: 'ECHOES' }])];
    expect(await refusal(RECORD_MANY, wrong)).toMatchObject({
      code: 'INVALID_INPUT',
      path: ['input', 1, 'links', 0, 'to'],
    });
    await run(RECORD_MANY, [late, early([])]);
    await run(LINK, { from: 'late-item', to: 'early-item', kind: 'ECHOES' });
  });

  it('and a revision of a date can’t turn that round, at either end', async () => {
    const to = await said('2025-07-01');
    const from = await said('2025-07-05', { links: [{ to, kind: 'ECHOES' }] });
    expect(await refusal(REVISE, { id: from, said: '2025-06-01' })).toMatchObject({
      code: 'INVALID_INPUT',
      path: ['input', 'links', 0, 'to'],
    });
    const error = await refusal(REVISE, { id: to, said: '2025-08' });
    expect(error).toMatchObject({ code: 'INVALID_INPUT', path: ['input', 'said'] });
    expect(error.message).toContain(from);
    await run(REVISE, { id: to, said: '2025-08~' });
    await run(REVISE, { id: to, said: '2025-07-04' });
  });

  it('and one that was recorded before the rule does not stop a revision of something else', async () => {
    const [from, to] = [await said('2025-07-01'), await said('2025-07-09')];
    await test.db.pool.query(
      `INSERT INTO statement_link SELECT a.id, b.id, 'SHIFTS_FROM' FROM statement a, statement b WHERE a.slug = $1 AND b.slug = $2`,
      [from, to],
    );
    await run(REVISE, { id: from, text: 'Only other words.' });
    await run(REVISE, { id: to, text: 'Only other words here.' });
  });
});

describe('SHIFTS_FROM', () => {
  it('needs a speaker of both statements', async () => {
    const to = await said('2025-07-01', { speakers: ['boris', 'clara'] });
    const shift = (speakers: string[]) =>
      statementInput({
        text: `A shift of ${speakers}.`,
        speakers,
        said: '2025-07-02',
        links: [{ to, kind: 'SHIFTS_FROM' }],
      });
    expect(await refusal(RECORD, shift(['anna']))).toMatchObject({
      code: 'INVALID_INPUT',
      path: ['input', 'links', 0, 'kind'],
    });
    await run(RECORD, shift(['anna', 'clara']));
    expect(await refusal(REVISE, { id: to, speakers: ['boris'] })).toMatchObject({
      code: 'INVALID_INPUT',
      path: ['input', 'speakers'],
    });
    await run(REVISE, { id: to, speakers: ['clara'] });
  });

  it('joins no two statements both ways, nor over others', async () => {
    const [a, b, c] = [await said('2025'), await said('2025'), await said('2025')];
    await run(LINK, { from: b, to: a, kind: 'SHIFTS_FROM' });
    expect(await refusal(LINK, { from: a, to: b, kind: 'SHIFTS_FROM' })).toMatchObject({
      code: 'INVALID_INPUT',
      path: ['input', 'to'],
    });
    await run(LINK, { from: c, to: b, kind: 'SHIFTS_FROM' });
    expect(await refusal(REVISE, { id: a, links: [{ to: c, kind: 'SHIFTS_FROM' }] })).toMatchObject({
      code: 'INVALID_INPUT',
      path: ['input', 'links', 0, 'to'],
    });
    await run(LINK, { from: a, to: b, kind: 'ECHOES' });
  });

  /** Runs two writes: the second begins before the transaction of the first one ends, and waits for a lock. */
  async function concurrently(
    first: (tx: Transaction) => Promise<unknown>,
    second: () => Promise<unknown>,
  ): Promise<unknown> {
    let outcome: Promise<unknown> = Promise.resolve();
    await test.db.prisma.$transaction(async (tx) => {
      await first(tx);
      outcome = second();
      outcome.catch(() => undefined); // it is awaited below
      await until('a write that waits for a lock', () => waitingForLock(test.db.pool));
    });
    return outcome;
  }

  it('leads to no later statement when that one is revised at the same time', async () => {
    const idOfSlug = async (slug: string): Promise<number> =>
      (await test.db.prisma.statement.findUniqueOrThrow({ where: { slug } })).id;
    const writeLink: Record<string, (db: Queryable, from: string, to: string) => Promise<unknown>> = {
      recorded: (db, _, to) =>
        recordStatements(
          db,
          [statementInput({ text: `To ${to}.`, said: '2024-01-01', links: [{ to, kind: 'ECHOES' }] })],
          'Rita',
        ),
      linked: async (db, from, to) =>
        linkStatements(db, await idOfSlug(from), { to, kind: 'ECHOES' }, 'Rita'),
      revised: async (db, from, to) =>
        reviseStatement(db, await idOfSlug(from), { links: [{ to, kind: 'ECHOES' }] }, null, 'Rita'),
    };
    for (const [how, write] of Object.entries(writeLink)) {
      const ends = async () => [await said('2024-01-01'), await said('2023-01-01')] as const;
      const redate = async (db: Queryable, slug: string) =>
        reviseStatement(db, await idOfSlug(slug), { said: '2025-01-01' }, null, 'Rita');
      const [from, to] = await ends();
      const link = () =>
        how === 'recorded'
          ? retry(() => write(test.db.prisma, from, to))
          : transact(test.db.prisma, (tx) => write(tx, from, to));
      await expect(
        concurrently((tx) => redate(tx, to), link),
        `${how} second`,
      ).rejects.toThrow(/was said later/);
      const [other, target] = await ends();
      const revise = () => transact(test.db.prisma, (tx) => redate(tx, target));
      await expect(
        concurrently((tx) => write(tx, other, target), revise),
        `${how} first`,
      ).rejects.toThrow(/is later than/);
    }
  });

  it('closes no cycle with concurrent links', async () => {
    for (let round = 0; round < 5; round += 1) {
      const ends = [await said('2025'), await said('2025'), await said('2025')];
      const answers = await Promise.all(
        ends.map((from, i) =>
          recorder.answer(LINK, { input: { from, to: ends[(i + 1) % 3], kind: 'SHIFTS_FROM' } }),
        ),
      );
      const codes = answers.map(({ errors }) => errors?.[0]?.extensions?.code ?? 'linked').sort();
      expect(codes).toEqual(['INVALID_INPUT', 'linked', 'linked']);
    }
  });
});
