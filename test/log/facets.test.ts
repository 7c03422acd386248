import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StatementAct } from '../../src/db/generated/enums.ts';
import { recordStatements } from '../../src/domain/statement/record/record.ts';
import { retractStatement } from '../../src/domain/statement/retract.ts';
import { reviseStatement } from '../../src/domain/statement/revise.ts';
import { facetsVersion, LATER_FACETS, type RecordedFacets } from '../../src/log/facets.ts';
import { verifyDatabase } from '../../src/verify/history.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { ADDED, CHANGED, type Received, TestSocket } from '../support/follow.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { makeWorld, statementInput } from '../support/world.ts';

/*
 * The log as it would be if the facet `act` had been added last: entries from before do not have it. They are written by
 * the service and then lose the facet, with the trigger off that refuses it.
 */
const ACT = { version: 100, row: 's.act', revision: `r.content ->> 'act'` };
const FORGET_ACT = `ALTER TABLE change DISABLE TRIGGER change_append_only;
  UPDATE change SET facets = (facets #- '{after,act}' #- '{after,version}')
    #- CASE jsonb_typeof(facets -> 'before') WHEN 'object' THEN '{before,act}' ELSE '{none}' END::text[]
    #- CASE jsonb_typeof(facets -> 'before') WHEN 'object' THEN '{before,version}' ELSE '{none}' END::text[]
    WHERE facets IS NOT NULL;
  ALTER TABLE change ENABLE TRIGGER change_append_only`;

let test: TestDatabase;
let service: TestService;
let socket: TestSocket;
const ids = new Map<string, number>();

async function say(slug: string, act: StatementAct): Promise<void> {
  const [recorded] = await recordStatements(test.db.prisma, [statementInput({ slug, act })], 'test');
  ids.set(slug, recorded?.id as number);
}
const revise = (slug: string, act: StatementAct) =>
  test.db.prisma.$transaction((tx) => reviseStatement(tx, ids.get(slug) as number, { act }, null, 'test'));
const retract = (slug: string) =>
  test.db.prisma.$transaction((tx) => retractStatement(tx, ids.get(slug) as number, 'Wrong.', 'test'));

async function list(filter: object): Promise<string[]> {
  const { data } = await service.ask<{ statements: { nodes: { slug: string }[] } }>(
    `query ($filter: StatementFilter) { statements(filter: $filter, first: 100) { nodes { slug } } }`,
    { filter },
  );
  return data?.statements.nodes.map(({ slug }) => slug).sort() ?? [];
}

const follow = (query: string, acts: readonly StatementAct[], after: string | null): Received =>
  socket.follow({ query, variables: { filter: { acts }, after } });
const told = ({ changes }: Received) => changes.map(({ kind, statement }) => `${kind} ${statement.slug}`);

async function recorded(): Promise<{ before: RecordedFacets | null; after: RecordedFacets }[]> {
  const { rows } = await test.db.pool.query(
    'SELECT facets FROM change WHERE facets IS NOT NULL ORDER BY position',
  );
  return rows.map(({ facets }) => facets);
}

beforeAll(async () => {
  test = await createTestDatabase({ seeded: false });
  await makeWorld(test.db.prisma);
  for (const act of Object.values(StatementAct)) await say(`only-${act.toLowerCase()}`, act);
  await say('kept', 'WARN');
  await say('revised', 'WARN');
  await revise('revised', 'STATE');
  await revise('revised', 'DENY');
  await say('retracted', 'STATE');
  await revise('retracted', 'WARN');
  await retract('retracted');
  await test.db.pool.query(FORGET_ACT);
  Object.assign(LATER_FACETS, { act: ACT });
  service = await startTestService(test.url);
  socket = new TestSocket(service.origin);
});
afterAll(async () => {
  await socket.close();
  await service.stop();
  await test.drop();
});

describe('a facet that was added after entries of the log were written', () => {
  it('is in none of them, and they are of the version before', async () => {
    const facets = await recorded();
    expect(facets.length).toBe(Object.values(StatementAct).length + 7);
    for (const { before, after } of facets) {
      for (const side of [before ?? {}, after]) expect(Object.keys(side)).not.toContain('act');
      expect(after.version).toBeUndefined();
    }
    expect(facetsVersion()).toBe(100);
  });

  it('is read from the record, so that a replay finds what a list finds', async () => {
    for (const act of Object.values(StatementAct)) {
      const added = follow(ADDED, [act], '0');
      const unrevised = (slug: string) => slug !== 'revised' && slug !== 'retracted';
      const listed = (await list({ acts: [act] })).filter(unrevised);
      await added.count(listed.length);
      expect(added.slugs.filter(unrevised).sort(), act).toEqual(listed);
    }
  });

  it('is that of the time of the entry where a statement was revised or retracted since', async () => {
    const [warned, denied] = [follow(CHANGED, ['WARN'], '0'), follow(CHANGED, ['DENY'], '0')];
    await Promise.all([warned.count(6), denied.count(2)]);
    expect(told(warned)).toEqual([
      'STATEMENT_ADDED only-warn',
      'STATEMENT_ADDED kept',
      'STATEMENT_ADDED revised',
      'STATEMENT_REVISED revised',
      'STATEMENT_REVISED retracted',
      'STATEMENT_RETRACTED retracted',
    ]);
    expect(told(denied)).toEqual(['STATEMENT_ADDED only-deny', 'STATEMENT_REVISED revised']);
  });

  it('is right in changes of old statements, live and replayed alike, and in the list that follows', async () => {
    const cursor = (await service.ask<{ record: { cursor: string } }>('{ record { cursor } }')).data?.record
      .cursor as string;
    const live = follow(CHANGED, ['WARN'], cursor);
    await say('new', 'WARN');
    await revise('kept', 'THREATEN');
    await retract('only-warn');
    await live.count(3);
    const expected = ['STATEMENT_ADDED new', 'STATEMENT_REVISED kept', 'STATEMENT_RETRACTED only-warn'];
    expect(told(live)).toEqual(expected);
    const replayed = follow(CHANGED, ['WARN'], cursor);
    await replayed.count(3);
    expect(told(replayed)).toEqual(expected);
    expect(await list({ acts: ['WARN'] })).toEqual(['new']);
    const [added, revised, retracted] = (await recorded()).slice(-3);
    expect(added?.after).toMatchObject({ act: 'WARN', version: 100 });
    expect(revised?.before).not.toHaveProperty('act'); // copied from the log, in its version
    expect(revised?.after).toMatchObject({ act: 'THREATEN', version: 100 });
    expect(retracted?.after).not.toHaveProperty('act');
  });

  it('is no fault to those who check the history', async () => {
    const client = new pg.Client({ connectionString: test.url });
    await client.connect();
    try {
      expect((await verifyDatabase(client, null, () => undefined)).mismatches).toEqual([]);
    } finally {
      await client.end();
    }
  });
});
