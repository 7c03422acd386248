import { performance } from 'node:perf_hooks';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { untilWaitingForLock } from '../../support/locks.ts';
import { bearer, countPaid, startTestService, type TestService } from '../../support/service.ts';
import { until } from '../../support/until.ts';
import { makeWorld, statementInput } from '../../support/world.ts';

const PER_MINUTE = 3_000_000;
/** Long enough that a mutation reaches its SQL on a busy machine. */
const TIMEOUT_MS = 1_000;

let test: TestDatabase;
let service: TestService;
beforeAll(async () => {
  test = await createTestDatabase({ seeded: false });
  await makeWorld(test.db.prisma);
  service = await startTestService(test.url, {
    OPERATION_TIMEOUT_MS: String(TIMEOUT_MS),
    RECORDER_COST_PER_MINUTE: String(PER_MINUTE),
  });
});
afterAll(async () => {
  await service.stop();
  await test.drop();
});

const TOPIC = 'mutation ($input: SaveTopicInput!) { saveTopic(input: $input) { position } }';
const STATEMENT =
  'mutation ($input: [RecordStatementInput!]!) { recordStatements(input: $input) { created } }';

it.each([
  ['transaction', TOPIC, { slug: 'slow', name: 'Slow' }],
  ['statement', STATEMENT, [statementInput({ slug: 'slow-statement' })]],
])(
  'a %s that goes on after the timeout of its mutation is charged when it ends',
  async (what, query, input) => {
    const token = await bearer(test.db, 'recorder', `recorder of a ${what}`);
    const locked = await test.db.pool.connect();
    await locked.query('BEGIN; SELECT FROM head FOR UPDATE');
    const asked = service.ask(query, { input }, token);
    await untilWaitingForLock(test.db.pool, 1);
    expect((await asked).errors).toMatchObject([{ extensions: { limit: 'OPERATION_TIMEOUT_MS' } }]);
    const paid = countPaid(service);
    const waitedMs = 1_000;
    // SQL is charged for the time in which the event loop is idle, which is little on a busy machine.
    const { idleTime } = performance.nodeTiming;
    await until('an idle event loop', () => performance.nodeTiming.idleTime - idleTime > waitedMs);
    await locked.query('ROLLBACK');
    locked.release();
    await until('the charge for the SQL after the timeout', () => paid() > (waitedMs * 1_000) / 4);
  },
);
