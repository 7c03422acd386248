import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase({ seeded: false });
});
afterAll(() => test.drop());

/** Scripts that have cases. */
const HAS_CASE = /^[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Armenian}]$/u;
/** Letters of 2024, which the Unicode tables of PostgreSQL may not have. */
const NEW_LETTERS = /[\u1c89\u1c8a]/;

it('folds the case of a role in PostgreSQL as subscriptions do, in every script', async () => {
  const letters = Array.from({ length: 0x2000 }, (_, i) => String.fromCodePoint(i)).filter(
    (letter) => HAS_CASE.test(letter) && !NEW_LETTERS.test(letter) && letter !== letter.toLowerCase(),
  );
  expect(letters.length).toBeGreaterThan(500);
  const roles = [
    ...letters,
    'PRÉSIDENT',
    'ПРЕЗИДЕНТ',
    'ΠΡΌΕΔΡΟΣ',
    'ՆԱԽԱԳԱՀ',
    'BAŞBAKAN',
    'İçişleri',
    'Straße',
    '主席',
    'رئيس',
  ];
  const { rows } = await test.db.pool.query<{ role: string }>(
    'SELECT fold_case(role) AS role FROM unnest($1::text[]) WITH ORDINALITY AS given (role, n) ORDER BY n',
    [roles],
  );
  expect(rows.map(({ role }) => role)).toEqual(roles.map((role) => role.toLowerCase()));
});
