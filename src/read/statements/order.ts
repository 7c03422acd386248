import type { Keys, KeyType } from '../page.ts';
import type { SqlParameters } from '../sql.ts';
import { type SqlAlias, STATEMENT } from './conditions/kind/sql.ts';
import type { StatementRow } from './row.ts';

export type StatementOrder = 'SAID_ON_DESC' | 'SAID_ON_ASC' | 'RECORDED_DESC' | 'RELEVANCE';

/** One level of an order. */
export interface Key {
  readonly sql: string;
  readonly cast: string;
  readonly descending: boolean;
  readonly of: (row: RankedRow) => string | number;
}

/** A row with the values that decide its place in a list. */
export type RankedRow = StatementRow & {
  readonly rank?: number;
  /** Position of its addition, as text. */
  readonly recorded?: string;
  readonly parentId?: number;
  /** Length of the whole list, on each of its rows. */
  readonly total?: number;
};

const idOf = ({ id }: RankedRow): number => id;
const saidOf = ({ saidEarliest }: RankedRow): string => saidEarliest;
const recordedOf = ({ recorded }: RankedRow): number => Number(recorded);
const rankOf = ({ rank }: RankedRow): number => rank ?? 0;

/** The sort keys of an order of the statements at `alias`, the last one unique. */
export function keysOf(order: StatementOrder, rank: string, alias: SqlAlias = STATEMENT): readonly Key[] {
  const idKey = { sql: alias.id, cast: 'int', of: idOf };
  const saidKey = { sql: `${alias.row}.said_earliest`, cast: 'date', of: saidOf };
  switch (order) {
    case 'SAID_ON_DESC':
      return [
        { ...saidKey, descending: true },
        { ...idKey, descending: true },
      ];
    case 'SAID_ON_ASC':
      return [
        { ...saidKey, descending: false },
        { ...idKey, descending: false },
      ];
    case 'RECORDED_DESC':
      return [{ sql: 's.added_position', cast: 'bigint', descending: true, of: recordedOf }];
    case 'RELEVANCE':
      return [
        { sql: rank, cast: 'float4', descending: true, of: rankOf },
        { ...saidKey, descending: true },
        { ...idKey, descending: true },
      ];
  }
}

export const KEY_TYPES: Record<StatementOrder, readonly KeyType[]> = {
  SAID_ON_DESC: ['day', 'id'],
  SAID_ON_ASC: ['day', 'id'],
  RECORDED_DESC: ['position'],
  RELEVANCE: ['rank', 'day', 'id'],
};

/** SQL condition: the statement comes after (or before) the item with these keys. All keys have one direction. */
export function beyond(
  keys: readonly Key[],
  values: Keys,
  forward: boolean,
  parameters: SqlParameters,
): string {
  const placed = keys.map((key, i) => `${parameters.add(values[i])}::${key.cast}`);
  const descending = keys[0]?.descending === forward;
  const left = keys.map((key) => key.sql).join(', ');
  return `(${left}) ${descending ? '<' : '>'} (${placed.join(', ')})`;
}
