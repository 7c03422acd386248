import { describe, expect, it } from 'vitest';
import type { StatementCardData, StatementCardRef } from '../../../src/web/cards/statementFragment.ts';
import type { RecordChange } from '../../../src/web/live/useFollow.ts';
import {
  changesTotal,
  EMPTY_FEED,
  type FeedState,
  feedReducer,
} from '../../../src/web/timeline/feedState.ts';

type Kind = RecordChange['kind'];

/** A statement of which only the order matters. */
function statement(id: string, earliest: string, recordedAt = '2025-08-01T00:00:00.000Z', position = '1') {
  return {
    id,
    position,
    recordedAt,
    said: { edtf: earliest, earliest, latest: earliest },
  } as StatementCardData;
}
const asRef = (data: StatementCardData) => data as unknown as StatementCardRef;

function feedOf(statements: StatementCardData[], hasMore = false): FeedState {
  return feedReducer(EMPTY_FEED, {
    type: 'answered',
    page: { cursor: '1.e', total: statements.length, end: 'x', hasMore, statements: statements.map(asRef) },
  });
}
function change(
  state: FeedState,
  kind: Kind,
  data: StatementCardData,
  missedSince: Date | null = null,
): FeedState {
  const delivered = { cursor: '2.e', previous: '1.e', kind, at: '', by: '', statement: data };
  return feedReducer(state, { type: 'changed', change: delivered as unknown as RecordChange, missedSince });
}
const ids = ({ items }: FeedState) =>
  items.map(({ statement: { id }, mark }) => (mark ? `${id} ${mark}` : id));

describe('the feed', () => {
  const feed = feedOf([
    statement('c', '2025-07-03'),
    statement('b', '2025-07-02'),
    statement('a', '2025-07-01'),
  ]);

  it('puts a new statement where the order has it', () => {
    const added = change(feed, 'STATEMENT_ADDED', statement('x', '2025-07-02', '2025-08-02T00:00:00.000Z'));
    expect(ids(added)).toEqual(['c', 'x New', 'b', 'a']);
    expect(added.total).toBe(4);
    expect(added.cursor).toBe('2.e');
  });

  it('puts the oldest last only where the list is whole', () => {
    const old = statement('x', '2024-01-01');
    expect(ids(change(feed, 'STATEMENT_ADDED', old))).toEqual(['c', 'b', 'a', 'x New']);
    expect(ids(change(feedOf([statement('a', '2025-07-01')], true), 'STATEMENT_ADDED', old))).toEqual(['a']);
  });

  it('replaces what was revised or retracted, and marks it', () => {
    const revised = change(feed, 'STATEMENT_REVISED', statement('b', '2025-07-02', undefined, '2'));
    expect(ids(revised)).toEqual(['c', 'b Revised', 'a']);
    const retracted = change(revised, 'STATEMENT_RETRACTED', statement('b', '2025-07-02', undefined, '3'));
    expect(ids(retracted)).toEqual(['c', 'b Retracted', 'a']);
    expect(retracted.items[1]?.statement.position).toBe('3');
  });

  it('takes up a statement that a revision has brought into the filter', () => {
    expect(ids(change(feed, 'STATEMENT_REVISED', statement('x', '2025-07-04')))).toEqual([
      'x Revised',
      'c',
      'b',
      'a',
    ]);
  });

  it('has its total counted again after a revision and a retraction, and counts additions as they come', () => {
    expect(changesTotal('STATEMENT_REVISED')).toBe(true);
    expect(changesTotal('STATEMENT_RETRACTED')).toBe(true);
    expect(changesTotal('STATEMENT_ADDED')).toBe(false);
    expect(feedReducer(feed, { type: 'counted', total: 2 }).total).toBe(2);
  });

  it('recognises what it has already loaded', () => {
    expect(ids(change(feed, 'STATEMENT_ADDED', statement('b', '2025-07-02')))).toEqual(['c', 'b', 'a']);
  });

  it('loads no statement twice that came live before its page', () => {
    const more = feedReducer(feed, {
      type: 'answered',
      page: {
        cursor: '9.e',
        total: 4,
        end: 'y',
        hasMore: false,
        statements: [statement('a', '2025-07-01'), statement('0', '2025-06-01')].map(asRef),
      },
    });
    expect(ids(more)).toEqual(['c', 'b', 'a', '0']);
    expect(more.cursor).toBe('1.e'); // the pages are followed from the first one
  });

  it('gathers what was missed', () => {
    const since = new Date(0);
    const first = change(feed, 'STATEMENT_ADDED', statement('x', '2025-07-04'), since);
    const second = change(first, 'STATEMENT_RETRACTED', statement('a', '2025-07-01', undefined, '5'), since);
    const done = feedReducer(second, { type: 'caughtUp', since });
    expect(done.missed?.items.map(({ mark }) => mark)).toEqual(['New', 'Retracted']);
    expect(done.missed?.until).not.toBeNull();
    expect(feedReducer(done, { type: 'read' }).missed).toBeNull();
  });
});
