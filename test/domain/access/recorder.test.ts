import { afterAll, beforeAll, expect, it } from 'vitest';
import { ownRecorderToken } from '../../../src/domain/access/recorder.ts';
import { listTokens, revokeToken } from '../../../src/domain/access/token.ts';
import { makeFolder } from '../../support/archive.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

let test: TestDatabase;
let folder: string;
let remove: () => Promise<void>;

beforeAll(async () => {
  test = await createTestDatabase({ seeded: false });
  ({ folder, remove } = await makeFolder());
});
afterAll(async () => {
  await test.drop();
  await remove();
});

it('the token of a data directory works again after its record was replaced, unless it was revoked', async () => {
  const { prisma } = test.db;
  const token = await ownRecorderToken(prisma, folder);
  await prisma.token.deleteMany();
  expect(await ownRecorderToken(prisma, folder)).toBe(token);
  expect(await listTokens(prisma)).toMatchObject([{ name: 'recorder', role: 'recorder', revokedAt: null }]);
  await revokeToken(prisma, 'recorder');
  expect(await ownRecorderToken(prisma, folder)).toBe(token);
  expect(await listTokens(prisma)).toMatchObject([{ revokedAt: expect.any(Date) }]);
});
