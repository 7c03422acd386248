import type { InputPath } from '../../../../base/errors.ts';
import type { SubjectKind } from '../../../../log/addedSlugs.ts';
import type { MatchableFacets } from '../../../../log/change.ts';
import type { SlugKind } from '../../../memory/slugs.ts';
import type { SqlParameters } from '../../../sql.ts';
import type { FilterFields, InputOf } from './field.ts';
import type { DrivingTable, SqlContext } from './sql.ts';

/** The ids of slugs, by kind. Unknown slugs are left out. */
export type Names = Readonly<Record<SubjectKind, ReadonlyMap<string, number>>>;

/** The ids that these slugs have. */
export function idsOf(ids: ReadonlyMap<string, number>, slugs: readonly string[]): ReadonlySet<number> {
  return new Set(slugs.flatMap((slug) => ids.get(slug) ?? []));
}

/**
 * Whether a statement, as the log describes it, meets a condition.
 * @param found the searches of the filter that find the statement; null before the searches have run.
 * @returns null where that depends on a search that has not run.
 */
export type Matcher = (facets: MatchableFacets, found: ReadonlySet<string> | null) => boolean | null;

/** Receives a slug of a condition, and whether the topics below it count too. */
export type TakeName = (kind: SubjectKind, slug: string, below: boolean) => void;

/**
 * What to look for in the column of a driving table: the values themselves, the ids of slugs, or actors that SQL selects as
 * (value, since, until), each on the days from `since` to `until`.
 */
export type DrivingValues =
  | { readonly values: readonly string[] }
  | { readonly kind: SlugKind; readonly slugs: readonly string[] }
  | { readonly actorsSql: (parameters: SqlParameters) => string };

/** Where a filter is found in the input. */
interface FilterPosition {
  readonly path: InputPath;
  /** False for a filter in `not` or `any`. */
  readonly isOutermost: boolean;
}

/** A condition as data. Its type names its kind. */
interface ConditionShape {
  readonly type: string;
}

/** Names of the properties of a condition that are lists. */
type ListName<C> = { [Name in keyof C]-?: C[Name] extends readonly unknown[] ? Name : never }[keyof C];

/** The list of a condition. A statement meets the condition if it meets one of the items, and never if the list is empty. */
interface ConditionList<C extends ConditionShape> {
  readonly name: ListName<C> & string;
  /** Whether a statement can meet the item at all. Items that none can meet are removed. Null: all can be met. */
  readonly isPossible: ((item: never) => boolean) | null;
}

/**
 * One kind of condition in a filter: its fields in `StatementFilter` and all that the service does with it. A new kind is one file
 * with one such object, and a line in `kinds.ts`. Parts that do not apply are null.
 */
export interface ConditionKind<
  C extends ConditionShape,
  Fields extends FilterFields,
  Input = InputOf<Fields>,
> {
  readonly type: C['type'];
  /** The fields of `StatementFilter` that the condition is made of. */
  readonly fields: Fields;
  /**
   * The conditions that a filter has in these fields; none where nothing is given. Lists are not longer than FILTER_LIST_MAX.
   * @throws ReadoutError INVALID_INPUT or LIMIT_EXCEEDED that names the field.
   */
  readonly parse: (input: Input, position: FilterPosition) => readonly C[];
  /** Its list. Alternatives that differ only in their lists are merged into one condition. Null: it has none. */
  readonly list: ConditionList<C> | null;
  /** Distinguishes conditions whose SQL differs by more than their values. Null: all have the same SQL. */
  readonly variantOf: ((condition: C) => string) | null;
  /** Whether its SQL reads `s`, the statement itself, and not only its driving table. */
  readonly needsStatement: boolean;
  /** SQL that is true where the statement meets the condition. */
  readonly sql: (condition: C, context: SqlContext) => string;
  /**
   * How it can drive a list: the table that finds its statements in the order of their dates, and the values to look for. See
   * `drivingTable.ts`. `planner`: PostgreSQL chooses how to read a list with this condition, and again for each value. Null: it can't drive one.
   */
  readonly driving:
    | ((condition: C) => { readonly table: DrivingTable; readonly wanted: DrivingValues })
    | 'planner'
    | null;
  /** The first day, `YYYY-MM-DD`, of the condition. A statement whose latest day is before it does not meet the condition. Null: no first day. */
  readonly firstDay: ((condition: C) => string) | null;
  /** Decides in the process what `sql` decides in PostgreSQL. */
  readonly matcher: (condition: C, names: Names) => Matcher;
  /** The text that PostgreSQL must search for before the matcher can decide. Null: none. */
  readonly search: ((condition: C) => string) | null;
  /** Calls `take` for each slug of the condition. Null: it names nothing. */
  readonly names: ((condition: C, take: TakeName) => void) | null;
  /**
   * Marks select the few subscriptions that a change can concern. `required`: a statement that meets the condition carries at least one
   * of these. `carried`: those of a statement. Null: marks can't decide the condition.
   */
  readonly marks: {
    readonly required: (condition: C, names: Names) => ReadonlySet<string>;
    readonly carried: (facets: MatchableFacets) => readonly string[];
  } | null;
}

/** The marks of the slugs that the record has. */
export function marksOfSlugs(
  prefix: string,
  ids: ReadonlyMap<string, number>,
  slugs: readonly string[],
): ReadonlySet<string> {
  return new Set(slugs.filter((slug) => ids.has(slug)).map((slug) => `${prefix} ${ids.get(slug)}`));
}

/** The conditions of a filter that does not use the fields of a kind, and the marks of a kind that has none. */
export const NONE: readonly never[] = [];
