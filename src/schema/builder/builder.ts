import SchemaBuilder from '@pothos/core';
import RelayPlugin from '@pothos/plugin-relay';
import { GraphQLError, GraphQLScalarType, Kind, type ValueNode } from 'graphql';
import { ReadoutError } from '../../base/errors.ts';
import type { Database } from '../../db/client.ts';
import type { Actor, Collection, Event, Topic } from '../../db/generated/client.ts';
import type { Identity } from '../../domain/access/identity.ts';
import { parseDay } from '../../domain/input/date.ts';
import type { Head } from '../../log/cursor.ts';
import type { Loaders } from '../../read/loading/loaders.ts';
import type { SourceRow } from '../../read/memory/catalog.ts';
import { PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX } from '../../read/page.ts';

/** The argument of every resolver. Each operation and each delivered change has its own. */
export interface Context {
  readonly db: Database;
  /** Reads by id. A mutation replaces them, so that its payload has what it wrote. */
  load: Loaders;
  readonly identity: Identity;
  /** The head of the log before any data of this operation was read. */
  readonly head: Head;
  /** Counts bytes that are read for the answer. @throws ReadoutError LIMIT_EXCEEDED if there are too many. */
  readonly memory?: { take(bytes: number): void };
  /** Waits until this process has seen a change (null: the last change). Returns the end of the log. */
  settle(position: bigint | null): Promise<{ position: bigint; cursor: string }>;
}

export interface SchemaTypes {
  Context: Context;
  DefaultFieldNullability: false;
  DefaultEdgesNullability: false;
  DefaultNodeNullability: false;
  /** Types that can be named before they are defined. */
  Objects: { Actor: Actor; Topic: Topic; Source: SourceRow; Event: Event; Collection: Collection };
  Scalars: {
    ID: { Input: string; Output: string | number };
    Date: { Input: string; Output: string };
    DateTime: { Input: Date; Output: Date };
    Position: { Input: string; Output: string | bigint };
  };
}

const PAGE_NOTE = `at most ${PAGE_SIZE_MAX}`;

export const builder = new SchemaBuilder<SchemaTypes>({
  plugins: [RelayPlugin],
  defaultFieldNullability: false,
  relay: {
    clientMutationId: 'omit',
    cursorType: 'String',
    nodeQueryOptions: false,
    nodesQueryOptions: false,
    edgesFieldOptions: {
      nullable: false,
      description: 'The items of this page, each with its cursor, in the order of the list.',
    },
    nodeFieldOptions: { nullable: false, description: 'The item.' },
    cursorFieldOptions: {
      description: 'Position of the item in this list, for `after` and `before`; opaque.',
    },
    pageInfoFieldOptions: {
      description: 'Whether there are items before and after this page, and its first and last cursor.',
    },
    nodesOnConnection: {
      description: 'The items of this page without their cursors, in the order of the list.',
    },
    idFieldOptions: {
      description: 'Identifies the object across all types, for `node` and for caches; opaque.',
    },
    nodeTypeOptions: { description: 'An object with an `id`, by which it can be read again.' },
    pageInfoTypeOptions: { description: 'The place of a page in its list, as Relay defines it.' },
    hasNextPageFieldOptions: { description: 'Whether there are items after this page.' },
    hasPreviousPageFieldOptions: { description: 'Whether there are items before this page.' },
    startCursorFieldOptions: { description: 'Cursor of the first item; null if the page is empty.' },
    endCursorFieldOptions: { description: 'Cursor of the last item; null if the page is empty.' },
    firstArgOptions: {
      description: `Number of items from the beginning, ${PAGE_NOTE}. ${PAGE_SIZE_DEFAULT} if neither first nor last is given.`,
    },
    lastArgOptions: { description: `Number of items from the end, ${PAGE_NOTE}. Not together with first.` },
    afterArgOptions: { description: 'Only items after this cursor.' },
    beforeArgOptions: { description: 'Only items before this cursor.' },
  },
});

/** Refuses a literal or variable of a scalar. The code tells the client that the fault is in its input. */
function refuse(message: string, literal?: ValueNode): never {
  throw new GraphQLError(message, { nodes: literal, extensions: { code: 'INVALID_INPUT' } });
}

const fromText = <T>(type: string, parse: (text: string, literal?: ValueNode) => T) => ({
  parseValue: (value: unknown): T =>
    typeof value === 'string' ? parse(value) : refuse(`${type} must be a string.`),
  parseLiteral: (node: ValueNode): T =>
    node.kind === Kind.STRING ? parse(node.value, node) : refuse(`${type} must be a string.`, node),
});

builder.addScalarType(
  'Date',
  new GraphQLScalarType<string, string>({
    name: 'Date',
    description: 'A calendar day, `YYYY-MM-DD`.',
    serialize: (value) => String(value),
    ...fromText('Date', (text, literal) => {
      try {
        return parseDay(text);
      } catch (error) {
        return refuse(error instanceof ReadoutError ? error.message : String(error), literal);
      }
    }),
  }),
);

builder.addScalarType(
  'DateTime',
  new GraphQLScalarType<Date, string>({
    name: 'DateTime',
    description: 'A time in RFC 3339, UTC, with milliseconds, such as `2025-07-04T16:20:00.000Z`.',
    serialize: (value) => (value as Date).toISOString(),
    ...fromText('DateTime', (text, literal) => {
      const moment = new Date(text);
      return Number.isNaN(moment.getTime())
        ? refuse(`“${text}” is not a time such as 2025-07-04T16:20:00Z.`, literal)
        : moment;
    }),
  }),
);

builder.addScalarType(
  'Position',
  new GraphQLScalarType<string, string>({
    name: 'Position',
    description:
      'Number of a change in the log: 1, 2, 3 … without gaps, as a decimal string because it can exceed 2^53. ' +
      'For `after` of a subscription, give a cursor, or "0" for the beginning.',
    serialize: (value) => String(value),
    parseValue: (value) =>
      typeof value === 'string' || (typeof value === 'number' && Number.isSafeInteger(value))
        ? String(value)
        : refuse('Position must be a string such as "42", or a cursor.'),
    parseLiteral: (node) =>
      node.kind === Kind.STRING || node.kind === Kind.INT
        ? node.value
        : refuse('Position must be a string such as "42", or a cursor.'),
  }),
);

builder.queryType({ description: 'Reads the record.' });
