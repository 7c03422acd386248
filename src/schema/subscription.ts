import type { ChangeKind } from '../db/generated/enums.ts';
import type { LogEntry } from '../log/change.ts';
import type { Loaders } from '../read/loading/loaders.ts';
import type { Condition } from '../read/statements/condition.ts';
import { parseFilter, type StatementFilterInput } from '../read/statements/filter.ts';
import { type StatementRow, statementOfEntry } from '../read/statements/row.ts';
import { builder, type Context } from './builder/builder.ts';
import { ChangeKindEnum } from './change.ts';
import { StatementFilter } from './statement/filter.ts';
import { StatementRef, takeFilter } from './statement/ref.ts';

/** A change as it is delivered. `previous` is filled in for each reader. */
export interface DeliveredChange {
  readonly cursor: string;
  readonly previous: string;
  readonly entry: LogEntry;
}

/** The request of a subscription. The hub opens it; it is never iterated. */
export class LiveRequest implements AsyncIterable<DeliveredChange> {
  constructor(
    /** The kinds of change to deliver. Unless they are additions only, the state before a change is matched as well. */
    readonly kinds: ReadonlySet<ChangeKind>,
    readonly condition: Condition,
    /** The cursor to resume after, as the client gave it; null for the present. */
    readonly after: string | null,
  ) {}

  [Symbol.asyncIterator](): AsyncIterator<DeliveredChange> {
    throw new Error('a subscription is read through the hub');
  }
}

const ADDITIONS: ReadonlySet<ChangeKind> = new Set(['STATEMENT_ADDED']);
const STATEMENT_CHANGES: ReadonlySet<ChangeKind> = new Set([
  'STATEMENT_ADDED',
  'STATEMENT_REVISED',
  'STATEMENT_RETRACTED',
]);

const CURSOR =
  'Cursor of this change: its position and the beginning of its digest. Opaque; give it as `after` to resume after it.';
const PREVIOUS =
  'Cursor of the change delivered before this one on this stream; for the first change, the cursor at which the stream began. If it ' +
  'equals the last cursor that you have, no change between the two was missed.';
const STATEMENT =
  'The statement, read when the change is delivered. In a replay it can be newer than the change: see its `position` and `status`.';

/** The statement as it was read with the log, or read now if it has changed since. */
function statementOf({ entry }: DeliveredChange, { load }: Context): StatementRow | Promise<StatementRow> {
  return statementOfEntry(entry) ?? statementNow(entry, load);
}

async function statementNow({ position, statementId }: LogEntry, load: Loaders): Promise<StatementRow> {
  if (statementId === null) throw new Error(`change ${position} is not one of a statement`);
  const statement = await load.statement.load(statementId);
  if (!statement) throw new Error(`statement ${statementId} is not in the record`);
  return statement;
}

const StatementAdded = builder.objectRef<DeliveredChange>('StatementAdded').implement({
  description: 'A statement that was recorded.',
  fields: (t) => ({
    cursor: t.exposeString('cursor', { description: CURSOR }),
    previous: t.exposeString('previous', { description: PREVIOUS }),
    position: t.field({
      type: 'Position',
      description: 'Position of the change in the log.',
      resolve: ({ entry }) => entry.position,
    }),
    statement: t.field({
      type: StatementRef,
      description: STATEMENT,
      resolve: (change, _, context) => statementOf(change, context),
    }),
  }),
});

const RecordChange = builder.objectRef<DeliveredChange>('RecordChange').implement({
  description: 'A statement that was recorded, revised or retracted.',
  fields: (t) => ({
    cursor: t.exposeString('cursor', { description: CURSOR }),
    previous: t.exposeString('previous', { description: PREVIOUS }),
    position: t.field({
      type: 'Position',
      description: 'Position of the change in the log.',
      resolve: ({ entry }) => entry.position,
    }),
    kind: t.field({
      type: ChangeKindEnum,
      description: 'Kind of the change.',
      resolve: ({ entry }) => entry.kind,
    }),
    at: t.field({ type: 'DateTime', description: 'Time of the change.', resolve: ({ entry }) => entry.at }),
    by: t.string({ description: 'The recorder who made it.', resolve: ({ entry }) => entry.by }),
    statement: t.field({
      type: StatementRef,
      description: STATEMENT,
      resolve: (change, _, context) => statementOf(change, context),
    }),
  }),
});

const AFTER =
  'Where to resume: a cursor from `record { cursor }` or from a delivered change. "0" replays the record from its beginning. ' +
  'Without it the stream begins now. A cursor ahead of the record is the error POSITION_AHEAD, a cursor of another history RESYNC.';

interface LiveArguments {
  readonly filter?: StatementFilterInput | null | undefined;
  readonly after?: string | null | undefined;
}

/** Checks the arguments of a subscription, and takes the slugs in its filter. */
function liveRequest(
  kinds: ReadonlySet<ChangeKind>,
  { filter, after }: LiveArguments,
  load: Loaders,
): LiveRequest {
  const request = new LiveRequest(kinds, parseFilter(filter), after ?? null);
  takeFilter(filter, load);
  return request;
}

builder.subscriptionType({
  description: 'Subscriptions to the record, over WebSocket (graphql-transport-ws) or server-sent events.',
  fields: (t) => ({
    statementAdded: t.field({
      type: StatementAdded,
      description: 'Every statement that is recorded and then matches the filter, once and in order.',
      args: {
        filter: t.arg({
          type: StatementFilter,
          description: 'Which statements, with the same meaning as in `statements`.',
        }),
        after: t.arg({ type: 'Position', description: AFTER }),
      },
      subscribe: (_, args, { load }) => liveRequest(ADDITIONS, args, load),
      resolve: (change) => change,
    }),
    recordChanged: t.field({
      type: RecordChange,
      description:
        'Every addition, revision and retraction of a statement that matches the filter before or after the change, once and in ' +
        'order. A client can add statements that begin to match to its list and drop those that no longer do.',
      args: {
        filter: t.arg({
          type: StatementFilter,
          description: 'Which statements, with the same meaning as in `statements`.',
        }),
        after: t.arg({ type: 'Position', description: AFTER }),
      },
      subscribe: (_, args, { load }) => liveRequest(STATEMENT_CHANGES, args, load),
      resolve: (change) => change,
    }),
  }),
});
