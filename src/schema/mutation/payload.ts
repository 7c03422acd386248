import type { Warning } from '../../domain/warning.ts';
import type { StatementRow } from '../../read/statements/row.ts';
import { builder, type Context } from '../builder/builder.ts';
import { WarningCodeEnum } from '../builder/enums.ts';
import { StatementRef } from '../statement/ref.ts';

/** The end of the log after a mutation. */
export interface Written {
  readonly position: bigint;
  readonly cursor: string;
}

export const WrittenRef = builder.interfaceRef<Written>('Written').implement({
  description: 'The fields that every payload has: the position in the log after the mutation.',
  fields: (t) => ({
    position: t.expose('position', {
      type: 'Position',
      description:
        'Position of the change. If nothing differed, the position of the last change of the record.',
    }),
    cursor: t.exposeString('cursor', {
      description:
        'The position as a cursor. A client that has read or followed the record up to it has this change.',
    }),
  }),
});

const WarningRef = builder.objectRef<Warning>('Warning').implement({
  description: 'Something odd about an input that was accepted. The record does not keep it.',
  fields: (t) => ({
    code: t.expose('code', { type: WarningCodeEnum, description: 'What is odd.' }),
    message: t.exposeString('message', { description: 'The same in a sentence, with what to check.' }),
    path: t.stringList({
      description:
        'Path of the odd field, `["input", "said"]`. The index of a list is a step in decimal: `["input", "3", "said"]`.',
      resolve: ({ path }) => path.map(String),
    }),
  }),
});

export interface Warned {
  readonly warnings: readonly Warning[];
}

const WARNINGS: [typeof WarningRef] = [WarningRef];
/** The options of the field `warnings` of a payload. */
export const warningsField = (description: string) => ({
  type: WARNINGS,
  description,
  resolve: ({ warnings }: Warned) => warnings,
});

export interface StatementWritten extends Written {
  /** Id of the statement. It is read only where the client selects it. */
  readonly id: number;
}

/** A statement after a mutation. */
async function writtenStatement(id: number, { load }: Context): Promise<StatementRow> {
  const row = await load.statement.load(id);
  if (!row) throw new Error(`statement ${id} was written and is not in the record`);
  return row;
}

/** The resolver of the field `statement` of a payload. */
const resolveStatement = ({ id }: StatementWritten, _: object, context: Context): Promise<StatementRow> =>
  writtenStatement(id, context);

export const RecordStatementPayload = builder
  .objectRef<StatementWritten & Warned & { created: boolean }>('RecordStatementPayload')
  .implement({
    description: 'A statement that was recorded now or before.',
    interfaces: [WrittenRef],
    fields: (t) => ({
      statement: t.field({
        type: StatementRef,
        description: 'The statement.',
        resolve: resolveStatement,
      }),
      created: t.exposeBoolean('created', {
        description: 'False if the same key was used before for the same content.',
      }),
      warnings: t.field(
        warningsField(
          'What is odd about the statement, but allowed; empty if nothing is. Repeating a `key` gives them again.',
        ),
      ),
    }),
  });

export const RecordStatementsPayload = builder
  .objectRef<Written & Warned & { ids: readonly number[]; created: number }>('RecordStatementsPayload')
  .implement({
    description: 'Statements that were recorded now or before.',
    interfaces: [WrittenRef],
    fields: (t) => ({
      statements: t.field({
        type: [StatementRef],
        description: 'The statements, in the order of the input.',
        resolve: ({ ids }, _, context) => Promise.all(ids.map((id) => writtenStatement(id, context))),
      }),
      created: t.exposeInt('created', { description: 'Number of statements that were recorded now.' }),
      warnings: t.field(
        warningsField(
          'What is odd about the statements, but allowed, in their order; empty if nothing is. Repeating a `key` gives them again.',
        ),
      ),
    }),
  });

export const ReviseStatementPayload = builder
  .objectRef<StatementWritten & Warned>('ReviseStatementPayload')
  .implement({
    description: 'A statement that was revised.',
    interfaces: [WrittenRef],
    fields: (t) => ({
      statement: t.field({
        type: StatementRef,
        description: 'The statement as it is now.',
        resolve: resolveStatement,
      }),
      warnings: t.field(
        warningsField(
          'What is odd about the statement as it is now, but allowed; empty if nothing is. Fields that the revision left out count too.',
        ),
      ),
    }),
  });

const statementPayload = (name: string, description: string) =>
  builder.objectRef<StatementWritten>(name).implement({
    description,
    interfaces: [WrittenRef],
    fields: (t) => ({
      statement: t.field({
        type: StatementRef,
        description: 'The statement as it is now.',
        resolve: resolveStatement,
      }),
    }),
  });

export const RetractStatementPayload = statementPayload(
  'RetractStatementPayload',
  'A statement that was retracted.',
);
export const LinkStatementsPayload = statementPayload(
  'LinkStatementsPayload',
  'The later one of two statements that were linked.',
);
