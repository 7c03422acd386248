import { expect, it } from 'vitest';
import { VERSION } from '../../src/config/version.ts';
import { saveActor } from '../support/saves.ts';

import { useSeededRecord } from '../support/seeded.ts';

const record = useSeededRecord();
const RECORD =
  '{ record { position cursor digest genesis epoch statements actors topics sources events version } }';

it('the record has its position and the numbers of its entries', async () => {
  const { record: found } = await record.ask<{ record: Record<string, unknown> }>(RECORD);
  expect(found).toEqual({
    position: '64',
    cursor: `64.${String(found.digest).slice(0, 16)}`,
    digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    genesis: expect.stringMatching(/^[0-9a-f]{64}$/),
    epoch: String(found.genesis).slice(0, 8),
    statements: 25,
    actors: 16,
    topics: 17,
    sources: 1,
    events: 5,
    version: VERSION,
  });
});

it('the record counts one more after one more was written', async () => {
  const input = { name: 'Germany', kind: 'STATE' };
  await record.database.db.prisma.$transaction((tx) => saveActor(tx, input, 'test'));
  const { record: found } = await record.ask<{ record: unknown }>(RECORD);
  expect(found).toMatchObject({ actors: 17 });
  const { rows } = await record.database.db.pool.query('SELECT position::text FROM head');
  expect(rows).toEqual([{ position: '65' }]);
});
