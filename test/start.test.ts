import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { createTestDatabase, type TestDatabase } from './support/database.ts';
import { ADDED, TestSocket } from './support/follow.ts';
import { startTestService } from './support/service.ts';
import { makeWorld, record } from './support/world.ts';

const STARTS = 12;

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase({ seeded: false });
  await makeWorld(test.db.prisma);
});
afterAll(() => test.drop());

it('changes that are committed while a service starts are no fault, and none of them is missed', async () => {
  let writing = true;
  const write = async (name: string): Promise<void> => {
    for (let i = 0; writing; i += 1) await record(test.db, { text: `${name} ${i}.` });
  };
  const writers = ['One', 'Two'].map(write);
  onTestFinished(async () => {
    writing = false;
    await Promise.all(writers);
  });
  for (let i = 0; i < STARTS; i += 1) {
    const service = await startTestService(test.url);
    const socket = new TestSocket(service.origin);
    const received = socket.follow({ query: ADDED, variables: { after: '0' } });
    const { position } = await record(test.db, { text: `Start ${i}.` });
    await received.reached(position);
    expect(received.hasUnbrokenChain()).toBe(true);
    await socket.close();
    await service.stop();
    expect({ masked: service.masked, notices: service.notices }).toEqual({ masked: [], notices: [] });
  }
});
