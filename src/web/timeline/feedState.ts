import type { CombinedError } from 'urql';
import { readStatement, type StatementCardData, type StatementCardRef } from '../cards/statementFragment.ts';
import type { RecordChange } from '../live/useFollow.ts';

type Mark = 'New' | 'Revised' | 'Retracted';

interface FeedItem {
  readonly statement: StatementCardData;
  /** What has happened to it while the page was open. */
  readonly mark?: Mark;
}

/** What happened while the connection was lost. */
export interface Missed {
  readonly since: Date;
  /** Null while the missed changes arrive. */
  readonly until: Date | null;
  readonly items: readonly { readonly statement: StatementCardData; readonly mark: Mark }[];
}

export interface FeedState {
  readonly items: readonly FeedItem[];
  /** Where the next page starts; null before the first one. */
  readonly end: string | null;
  readonly hasMore: boolean;
  readonly total: number | null;
  /** From where the feed is followed; null until the first page is there. */
  readonly start: string | null;
  /** The last change that the feed contains. */
  readonly cursor: string | null;
  readonly busy: boolean;
  readonly error: CombinedError | null;
  readonly missed: Missed | null;
}

interface FeedPage {
  readonly cursor: string;
  readonly total: number;
  readonly end: string | null;
  readonly hasMore: boolean;
  readonly statements: readonly StatementCardRef[];
}

type FeedAction =
  | { readonly type: 'asked' }
  | { readonly type: 'answered'; readonly page: FeedPage }
  | { readonly type: 'counted'; readonly total: number }
  | { readonly type: 'failed'; readonly error: CombinedError }
  | { readonly type: 'changed'; readonly change: RecordChange; readonly missedSince: Date | null }
  | { readonly type: 'caughtUp'; readonly since: Date }
  | { readonly type: 'read' }
  | { readonly type: 'restarted' };

export const EMPTY_FEED: FeedState = {
  items: [],
  end: null,
  hasMore: false,
  total: null,
  start: null,
  cursor: null,
  busy: true,
  error: null,
  missed: null,
};

/** The feed after something has happened. */
export function feedReducer(state: FeedState, action: FeedAction): FeedState {
  switch (action.type) {
    case 'asked':
      return { ...state, busy: true, error: null };
    case 'answered':
      return addPage(state, action.page);
    case 'counted':
      return { ...state, total: action.total };
    case 'failed':
      return { ...state, busy: false, error: action.error };
    case 'changed':
      return applyChange(state, action.change, action.missedSince);
    case 'caughtUp': {
      const missed = state.missed ?? { since: action.since, items: [] };
      return { ...state, missed: { ...missed, until: new Date() } };
    }
    case 'read':
      return { ...state, missed: null };
    case 'restarted':
      return EMPTY_FEED;
  }
}

function addPage(state: FeedState, page: FeedPage): FeedState {
  const known = new Set(state.items.map(({ statement }) => statement.id));
  const fresh = page.statements.map(readStatement).filter(({ id }) => !known.has(id));
  return {
    ...state,
    items: [...state.items, ...fresh.map((statement) => ({ statement }))],
    end: page.end ?? state.end,
    hasMore: page.hasMore,
    total: page.total,
    start: state.start ?? page.cursor,
    cursor: state.cursor ?? page.cursor,
    busy: false,
    error: null,
  };
}

/**
 * Whether the total must be read again after a change. A revised statement can begin or cease to match the filter, and a
 * change does not say which. An addition is counted when it arrives.
 */
export const changesTotal = (kind: RecordChange['kind']): boolean => kind !== 'STATEMENT_ADDED';

const MARKS: Partial<Record<RecordChange['kind'], Mark>> = {
  STATEMENT_ADDED: 'New',
  STATEMENT_REVISED: 'Revised',
  STATEMENT_RETRACTED: 'Retracted',
};

/**
 * A revised statement that is not in the list has begun to match the filter. One that is in the list stays, marked, even if
 * it no longer matches, so that nothing vanishes while it is read.
 */
function applyChange(state: FeedState, change: RecordChange, missedSince: Date | null): FeedState {
  const next = { ...state, cursor: change.cursor };
  const mark = MARKS[change.kind];
  if (!change.statement || !mark) return next;
  const statement = readStatement(change.statement);
  const missed = missedSince ? addMissed(state.missed, missedSince, { statement, mark }) : state.missed;
  const at = state.items.findIndex((item) => item.statement.id === statement.id);
  if (at >= 0) {
    const kept = state.items[at]?.mark === 'New' && mark === 'Revised' ? 'New' : mark;
    const isRepeated = state.items[at]?.statement.position === statement.position;
    const item = isRepeated ? state.items[at] : { statement, mark: kept };
    return { ...next, items: state.items.with(at, item as FeedItem), missed };
  }
  if (mark === 'Retracted') return { ...next, missed };
  const total = mark === 'New' && state.total !== null ? state.total + 1 : state.total;
  const place = placeOf(state.items, statement);
  const isBeyond = place === state.items.length && state.hasMore;
  const items = isBeyond ? state.items : state.items.toSpliced(place, 0, { statement, mark });
  return { ...next, items, total, missed };
}

function addMissed(missed: Missed | null, since: Date, item: Missed['items'][number]): Missed {
  const isSame = missed?.since.getTime() === since.getTime();
  return { since, until: null, items: [...(isSame ? missed.items : []), item] };
}

/** Its index in the list: newest first by the earliest possible day, then last recorded first. */
function placeOf(items: readonly FeedItem[], statement: StatementCardData): number {
  const place = items.findIndex(({ statement: other }) => {
    if (other.said.earliest !== statement.said.earliest) return other.said.earliest < statement.said.earliest;
    return other.recordedAt <= statement.recordedAt;
  });
  return place < 0 ? items.length : place;
}
