import { expect, it } from 'vitest';
import { sha256 } from '../../src/domain/anchor.ts';
import { INPUT_MAX } from '../../src/domain/input/field.ts';
import { TestSocket } from '../support/follow.ts';
import type { TestService } from '../support/service.ts';
import { until } from '../support/until.ts';
import { type TestRecorder, useService } from '../support/useService.ts';
import { statementInput } from '../support/world.ts';

/** Statements with the longest quote: together 0.8 MB in UTF-8, less than a reader may leave unread. */
const COUNT = 20;
const LAST_WORD = 'armistice';

let service: TestService;
let recorder: TestRecorder;

useService('world', (used) => {
  ({ service, recorder } = used);
});

/** A quote of exactly the greatest length in code points, some of them outside the basic plane, with the word at its end. */
function longQuote(number: number): string {
  const end = ` ${number} ${LAST_WORD}`;
  const words = 'Переговоры продолжаются 🕊 '.repeat(INPUT_MAX.quote / 20);
  return [...words].slice(0, INPUT_MAX.quote - end.length).join('') + end;
}

it('the longest quotes are recorded, found by their last word, read as a page, and delivered to a search', async () => {
  const quotes = Array.from({ length: COUNT }, (_, i) => longQuote(i));
  const socket = new TestSocket(service.origin);
  const received = socket.follow({
    query: `subscription { statementAdded(filter: { search: "${LAST_WORD}" }) {
      cursor previous position statement { slug quote anchors { exact } } } }`,
  });
  await socket.ready();
  await until('the reader', () => service.hub.counts.readers === 1);

  const input = quotes.map((quote, i) => ({
    ...statementInput({ slug: `long-${i}`, quote, mode: 'DIRECT' }),
    anchors: i === 0 ? [{ start: 0, end: INPUT_MAX.quote, digest: sha256(quote), exact: quote }] : [],
  }));
  const { errors } = await recorder.answer(
    'mutation ($input: [RecordStatementInput!]!) { recordStatements(input: $input) { created } }',
    { input },
  );
  expect(errors, 'the statements were refused').toBeUndefined();

  await received.count(COUNT);
  expect(received.failures).toEqual([]);
  const delivered = received.changes.map(
    ({ statement }) => statement as unknown as { quote: string; anchors: { exact: string }[] },
  );
  expect(delivered.map(({ quote }) => quote)).toEqual(quotes);
  expect(delivered[0]?.anchors).toEqual([{ exact: quotes[0] }]);

  interface Page {
    readonly statements: { readonly totalCount: number; readonly nodes: { readonly quote: string }[] };
  }
  const { data } = await service.ask<Page>(
    `{ statements(filter: { search: "${LAST_WORD}" }, first: 100) { totalCount nodes { quote } } }`,
  );
  expect(data?.statements.totalCount).toBe(COUNT);
  expect(new Set(data?.statements.nodes.map(({ quote }) => quote))).toEqual(new Set(quotes));
  await socket.close();
});
