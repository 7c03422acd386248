import { ReadoutError } from '../../base/errors.ts';
import type { Transaction } from '../../db/sql.ts';
import { transact, writeAtOnce } from '../../db/transaction.ts';
import { requireRecorder } from '../../domain/access/identity.ts';
import { INPUT_MAX } from '../../domain/input/field.ts';
import { recordStatement } from '../../domain/statement/record/group.ts';
import { recordStatements } from '../../domain/statement/record/record.ts';
import { retractStatement } from '../../domain/statement/retract.ts';
import { linkStatements, type Revised, reviseStatement } from '../../domain/statement/revise.ts';
import { warningsAt } from '../../domain/warning.ts';
import { readStatementBy, readStatementsById } from '../../read/statements/list.ts';
import type { StatementRow } from '../../read/statements/row.ts';
import { builder, type Context } from '../builder/builder.ts';
import { parseGlobalId } from '../builder/node.ts';
import {
  LinkStatementsInput,
  RecordStatementInput,
  RetractStatementInput,
  ReviseStatementInput,
} from './input.ts';
import {
  LinkStatementsPayload,
  RecordStatementPayload,
  RecordStatementsPayload,
  RetractStatementPayload,
  ReviseStatementPayload,
  type StatementWritten,
} from './payload.ts';

/**
 * The statement that a client names by id or slug.
 * @throws ReadoutError NOT_FOUND.
 */
export async function namedStatement(
  { db }: Context,
  idOrSlug: string,
  path: (string | number)[],
): Promise<StatementRow> {
  const parsed = parseGlobalId(idOrSlug);
  const statement =
    parsed?.type === 'Statement'
      ? (await readStatementsById(db, [parsed.id]))[0]
      : await readStatementBy(db, 'slug', idOrSlug);
  if (!statement) {
    throw new ReadoutError(
      'NOT_FOUND',
      `The record has no statement “${idOrSlug}”. Give its id or its slug.`,
      path,
    );
  }
  return statement;
}

/** Changes a statement in a transaction. Returns the result of `write` with the end of the log after it. */
async function changed<T extends Revised>(
  context: Context,
  write: (tx: Transaction) => Promise<T>,
): Promise<Omit<T, 'position'> & StatementWritten> {
  const { position, ...result } = await transact(context.db.prisma, write);
  const written = await context.settle(position);
  return { ...result, ...written };
}

builder.mutationType({
  description:
    'Writes to the record. Every mutation needs a recorder’s token. It is written completely or not at all. A mutation that fails is null and has an error.',
  fields: (t) => ({
    recordStatement: t.field({
      type: RecordStatementPayload,
      nullable: true,
      description:
        'Records a statement. Safe to repeat with the same `key`. The same key with other content is a CONFLICT.',
      args: { input: t.arg({ type: RecordStatementInput, required: true, description: 'The statement.' }) },
      resolve: async (_, { input }, context) => {
        requireRecorder(context.identity);
        const { db, identity } = context;
        const recorded = await recordStatement(db.prisma, input, identity.name);
        const written = await context.settle(recorded.position);
        const { id, created, warnings } = recorded;
        return { ...written, id, created, warnings: warningsAt(['input'], warnings) };
      },
    }),
    recordStatements: t.field({
      type: RecordStatementsPayload,
      nullable: true,
      description: `Records up to ${INPUT_MAX.statements} statements, all or none. An item may link to an earlier item by its slug. An error names every faulty item.`,
      args: {
        input: t.arg({
          type: [RecordStatementInput],
          required: true,
          description: `The statements, at most ${INPUT_MAX.statements}.`,
        }),
      },
      resolve: async (_, { input }, context) => {
        requireRecorder(context.identity);
        const { db, identity } = context;
        const recorded = await writeAtOnce(db.prisma, (queryable) =>
          recordStatements(queryable, input, identity.name),
        );
        const last = recorded.reduce((max, { position }) => (position > max ? position : max), 0n);
        const written = await context.settle(recorded.length > 0 ? last : null);
        return {
          ...written,
          created: recorded.filter(({ created }) => created).length,
          ids: recorded.map(({ id }) => id),
          warnings: recorded.flatMap(({ warnings }, i) => warningsAt(['input', i], warnings)),
        };
      },
    }),
    reviseStatement: t.field({
      type: ReviseStatementPayload,
      nullable: true,
      description:
        'Revises a statement. Its former content is kept in its `revisions`. A retracted statement can’t be revised.',
      args: { input: t.arg({ type: ReviseStatementInput, required: true, description: 'The revision.' }) },
      resolve: async (_, { input }, context) => {
        requireRecorder(context.identity);
        const { id: idOrSlug, ifPosition, ...changes } = input;
        const { id } = await namedStatement(context, String(idOrSlug), ['input', 'id']);
        const revised = await changed(context, (tx) =>
          reviseStatement(tx, id, changes, ifPosition, context.identity.name),
        );
        return { ...revised, warnings: warningsAt(['input'], revised.warnings) };
      },
    }),
    retractStatement: t.field({
      type: RetractStatementPayload,
      nullable: true,
      description:
        'Retracts a statement. It stays, with the reason, and leaves lists unless they ask for it.',
      args: { input: t.arg({ type: RetractStatementInput, required: true, description: 'The retraction.' }) },
      resolve: async (_, { input }, context) => {
        requireRecorder(context.identity);
        const { id } = await namedStatement(context, String(input.id), ['input', 'id']);
        return changed(context, (tx) => retractStatement(tx, id, input.reason, context.identity.name));
      },
    }),
    linkStatements: t.field({
      type: LinkStatementsPayload,
      nullable: true,
      description:
        'Links a statement to an earlier one. It counts as a revision of the later statement. A link that exists already changes nothing.',
      args: { input: t.arg({ type: LinkStatementsInput, required: true, description: 'The link.' }) },
      resolve: async (_, { input }, context) => {
        requireRecorder(context.identity);
        const from = await namedStatement(context, String(input.from), ['input', 'from']);
        const to = await namedStatement(context, String(input.to), ['input', 'to']);
        const link = { to: to.slug, kind: input.kind };
        return changed(context, (tx) => linkStatements(tx, from.id, link, context.identity.name));
      },
    }),
  }),
});
