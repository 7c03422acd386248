import { type InputPath, ReadoutError } from '../../../base/errors.ts';
import { type Queryable, type Sql, sqlOf } from '../../../db/sql.ts';
import { OvertakenError } from '../../../db/transaction.ts';
import { type Fault, refuseFaults } from '../../input/fault.ts';
import { INPUT_MAX } from '../../input/field.ts';
import type { CollectionOfEach } from '../../save/save.ts';
import { statementWarnings, type Warning } from '../../warning.ts';
import type { Draft } from '../draft.ts';
import { addStatementsSql, type ListShape } from '../sql.ts';
import type { StatementItem } from './item.ts';
import { type Prepared, type PreparedList, prepareStatements } from './prepare.ts';

/** The result for one input: the statement that was recorded now, or the one that was recorded before with its key. */
export interface Recorded {
  readonly id: number;
  /** Position of its STATEMENT_ADDED. */
  readonly position: bigint;
  /** False if the same key was used before for the same content. */
  readonly created: boolean;
  /** What is odd about it now, also where the same key was used before. */
  readonly warnings: readonly Warning[];
  /** Whether it was retracted since its key was used. A new statement needs a new key and slug. */
  readonly isRetracted: boolean;
}

export interface RecordOptions {
  /** The path of the i-th input in the request. */
  readonly pathOf?: (i: number) => InputPath;
  /** Id of the collection that new statements belong to, or one for each. Default: none. A statement that was recorded before stays where it is. */
  readonly collection?: CollectionOfEach;
}

/** A statement that was written. */
export interface WrittenStatement {
  readonly id: number;
  readonly position: bigint;
}

const isPlain = ({ links, facets: { addresseeIds, behalfIds } }: Draft): boolean =>
  links.length + addresseeIds.length + behalfIds.length === 0;

function shapeOf(drafts: readonly Draft[]): ListShape {
  if (drafts.some(({ coding }) => coding)) return 'any';
  return drafts.every(isPlain) ? 'plain' : 'uncoded';
}

/**
 * Writes the drafts of a list, all or none, each with its log entry.
 * @param lock key of an advisory lock: the positions come after those of the transaction that holds it.
 * @returns id and position of each, in their order.
 * @throws OvertakenError if a statement that one of them links to has changed since it was checked; a serialization failure, for `retry`, if
 *   an entry was withdrawn since they were looked up.
 */
export async function writeDrafts(
  sql: Sql,
  { drafts, references }: Pick<PreparedList, 'drafts' | 'references'>,
  by: string,
  lock?: bigint,
): Promise<WrittenStatement[]> {
  if (drafts.length === 0) return [];
  const written = await sql.rows<WrittenStatement>(
    addStatementsSql(shapeOf(drafts), lock !== undefined),
    ...[JSON.stringify(references.withSeen(drafts)), by, ...(lock === undefined ? [] : [lock])],
  );
  if (written.length < drafts.length) {
    throw new OvertakenError(
      'A statement that this one links to was changed at the same time. Send it again.',
    );
  }
  return written;
}

/**
 * Records statements, all or none, each with its log entry. An item whose key was used before for the same content is
 * not recorded again. An item may link to an earlier item of the list by its slug.
 * @param inputs RecordStatementInputs, unchecked; at most `INPUT_MAX.statements`.
 * @returns one result for each input, in its order.
 * @throws ReadoutError INVALID_INPUT with every fault of every item; CONFLICT for a key with other content or a
 *   taken slug; LIMIT_EXCEEDED for a list that is too long; OvertakenError, for `retry`, if a statement that an
 *   item links to was changed in the meantime.
 */
export async function recordStatements(
  db: Queryable,
  inputs: readonly unknown[],
  by: string,
  { pathOf = (i) => ['input', i], collection = null }: RecordOptions = {},
): Promise<Recorded[]> {
  if (inputs.length > INPUT_MAX.statements) {
    throw new ReadoutError(
      'LIMIT_EXCEEDED',
      `At most ${INPUT_MAX.statements} statements can be recorded at once, and the list has ${inputs.length}. Send them in several requests.`,
      ['input'],
      { limit: 'INPUT_MAX.statements', max: INPUT_MAX.statements },
    );
  }
  const prepared = await prepareStatements(db, inputs, { pathOf, collection });
  const { results, items, references } = prepared;
  const faultsOf = (outcome: 'faulty' | 'differs'): Fault[] =>
    results.flatMap((result) => (result.outcome === outcome ? result.faults : []));
  refuseFaults(faultsOf('faulty'));
  refuseFaults(faultsOf('differs'), 'CONFLICT');
  const written = await writeDrafts(sqlOf(db), prepared, by);
  return items.map((item, i) => {
    const result = results[i] as Extract<Prepared, { readonly outcome: 'new' | 'known' }>;
    const warnings = statementWarnings((item as StatementItem).input, references);
    if (result.outcome === 'known' && result.row) {
      return {
        id: result.row.id,
        position: result.row.addedPosition,
        created: false,
        isRetracted: result.row.isRetracted,
        warnings,
      };
    }
    const { id, position } = written[result.draft as number] as WrittenStatement;
    return { id, position, created: result.outcome === 'new', isRetracted: false, warnings };
  });
}
