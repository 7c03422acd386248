import type { Stance, StatementAct, StatementMode, StatementStatus } from '../db/generated/enums.ts';

/**
 * What a filter needs to know of a statement, as it stood at one moment. The log keeps it with every change of a
 * statement, so that a subscription decides by the log alone, live or replayed, and always alike.
 */
export interface Facets {
  readonly status: StatementStatus;
  readonly mode: StatementMode;
  readonly act: StatementAct;
  readonly sourceId: number;
  readonly speakerIds: readonly number[];
  readonly addresseeIds: readonly number[];
  readonly attributedToIds: readonly number[];
  readonly topics: readonly { readonly id: number; readonly stance: Stance | null }[];
  readonly eventIds: readonly number[];
  /** First and last day it can have been said on, `YYYY-MM-DD`. */
  readonly earliest: string;
  readonly latest: string;
  /** What full-text search looks in. */
  readonly text: string;
  readonly quote: string | null;
}

/** `before` is null for an addition. */
export interface FacetsChange {
  readonly before: Facets | null;
  readonly after: Facets;
}
