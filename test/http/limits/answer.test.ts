import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordStatements } from '../../../src/domain/statement/record/record.ts';
import { ANSWER_BYTES_MAX, DELIVERED_BYTES_MAX } from '../../../src/http/limits/answer.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { TestSocket } from '../../support/follow.ts';
import { bearer, startTestService, type TestService } from '../../support/service.ts';
import { until } from '../../support/until.ts';
import { makeWorld, record, statementInput } from '../../support/world.ts';

const QUOTE = 'q'.repeat(2_000);
const QUOTES = Array.from({ length: 90 }, (_, i) => `q${i}: quote`).join(' ');
const FRAGMENT = `fragment F on Statement { ${QUOTES} }`;

let test: TestDatabase;
let service: TestService;

beforeAll(async () => {
  test = await createTestDatabase({ seeded: false });
  await makeWorld(test.db.prisma);
  const inputs = Array.from({ length: 100 }, (_, i) =>
    statementInput({ text: `Statement ${i}`, quote: QUOTE, mode: 'DIRECT' }),
  );
  await recordStatements(test.db.prisma, inputs, 'test');
  service = await startTestService(test.url);
});
afterAll(async () => {
  expect(service.masked).toEqual([]);
  await service.stop();
  await test.drop();
});

const pages = (count: number): string =>
  `{ ${Array.from({ length: count }, (_, i) => `p${i}: statements(first: 100) { nodes { ...F } }`).join(' ')} } ${FRAGMENT}`;
const refused = (limit: string, max: number) => [{ extensions: { code: 'LIMIT_EXCEEDED', limit, max } }];

describe('an answer that the cost allows', () => {
  it('is refused before it is made where it is larger than its limit', async () => {
    const query = pages(4);
    const answer = await service.ask(query);
    expect(answer.errors).toMatchObject(refused('ANSWER_BYTES_MAX', ANSWER_BYTES_MAX));
    const socket = new TestSocket(service.origin);
    expect(await socket.follow({ query }).ended()).toMatchObject({
      type: 'errors',
      errors: refused('ANSWER_BYTES_MAX', ANSWER_BYTES_MAX),
    });
    await socket.close();
    expect(service.memory.bytes).toBe(0);
  });

  it('is given where it is just within it', async () => {
    const half = QUOTES.split(' ').slice(0, 120).join(' ');
    const query = `{ statements(first: 100) { nodes { ${half} } } }`;
    const { data, errors } = await service.ask(query);
    expect(errors).toBeUndefined();
    expect(JSON.stringify(data).length).toBeGreaterThan(0.9 * ANSWER_BYTES_MAX);
  });

  it('to a mutation says that what it wrote is written', async () => {
    const recorder = await bearer(test.db, 'recorder');
    const input = statementInput({ slug: 'written', text: 'It is written.', quote: QUOTE, mode: 'DIRECT' });
    const mutation = `mutation ($input: RecordStatementInput!) { recordStatement(input: $input) { statement {
      source { statements(first: 100) { nodes { ...F } } } } } } ${FRAGMENT}`;
    const answer = await service.ask(mutation, { input }, recorder);
    expect(answer.errors).toMatchObject(refused('ANSWER_BYTES_MAX', ANSWER_BYTES_MAX));
    expect(answer.errors?.[0]?.message).toContain('changes are written');
    const written = await service.ask('{ statement(slug: "written") { text } }');
    expect(written.data).toEqual({ statement: { text: 'It is written.' } });
  });
});

it('a change that would be too large is delivered as an error, and the next ones follow', async () => {
  const socket = new TestSocket(service.origin);
  const large = `subscription { statementAdded(filter: { speakers: ["boris"] }) { cursor statement {
    slug source { statements(first: 5) { nodes { ...F } } } } } } ${FRAGMENT}`;
  const received = socket.follow({ query: large });
  await until('a feed', () => service.hub.counts.feeds > 0);
  await record(test.db, { slug: 'too-large', speakers: ['boris'] });
  await record(test.db, { slug: 'small', speakers: ['boris'], source: 'second-source' });
  await received.count(1);
  expect(received.failures).toMatchObject([refused('DELIVERED_BYTES_MAX', DELIVERED_BYTES_MAX)]);
  expect(received.slugs).toEqual(['small']);
  await socket.close();
});
