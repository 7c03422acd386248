import { ReadoutError } from '../../base/errors.ts';
import { type Page, type PageArguments, parsePage } from '../page.ts';
import type { Condition } from './condition.ts';
import { parseFilter, type StatementFilterInput } from './filter.ts';
import { KEY_TYPES, type StatementOrder } from './order.ts';
import { OWN_FIELDS, type StatementField } from './row.ts';

/** The request for a list of statements, checked. */
export interface StatementListRequest {
  readonly condition: Condition;
  readonly order: StatementOrder;
  readonly page: Page;
  /** What RELEVANCE ranks by. */
  readonly search: string | null;
  readonly selection: StatementSelection;
}

/** The part of a list of statements that the operation selects. */
export interface StatementSelection {
  /** Of each statement. */
  readonly fields: readonly StatementField[];
  /** Whether the whole list is counted. */
  readonly counted: boolean;
  /** Whether it selects statements of the page. */
  readonly listed: boolean;
  /** Whether the operation selects `pageInfo`, for which one statement more is read. */
  readonly pageInfo: boolean;
}

export interface StatementListArguments extends PageArguments {
  readonly filter?: StatementFilterInput | null | undefined;
  readonly orderBy?: StatementOrder | null | undefined;
}

const EVERYTHING: StatementSelection = { fields: OWN_FIELDS, counted: false, listed: true, pageInfo: true };

/** @throws ReadoutError INVALID_INPUT or LIMIT_EXCEEDED that names the argument. */
export function parseStatementList(
  args: StatementListArguments,
  selection: StatementSelection = EVERYTHING,
): StatementListRequest {
  const order = args.orderBy ?? 'SAID_ON_DESC';
  const search = args.filter?.search?.trim() || null;
  if (order === 'RELEVANCE' && search === null) {
    throw new ReadoutError('INVALID_INPUT', 'The order RELEVANCE needs “search” in the filter.', ['orderBy']);
  }
  const page = parsePage(args, order, KEY_TYPES[order]);
  return { condition: parseFilter(args.filter), order, page, search, selection };
}
