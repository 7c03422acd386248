import { brandWithType, type SchemaTypes as PothosTypes } from '@pothos/core';
import { ReadoutError } from '../../base/errors.ts';
import { builder, type Context } from './builder.ts';

/** Ids of one `nodes`. @limit ids */
export const NODES_MAX = 100;
const ID_MAX = 2 ** 31 - 1;
const NOUNS = {
  Actor: 'actor',
  Topic: 'topic',
  Source: 'source',
  Event: 'event',
  Collection: 'collection',
  Statement: 'statement',
} as const;

type TypeName = keyof typeof NOUNS;

/** The type and row id of a global id; null if the service did not make it. */
export function parseGlobalId(id: string): { type: TypeName; id: number } | null {
  const match = /^([A-Z][a-z]+):([1-9]\d{0,9})$/.exec(Buffer.from(id, 'base64').toString('utf8'));
  if (!match || !((match[1] as string) in NOUNS) || Number(match[2]) > ID_MAX) return null;
  return { type: match[1] as TypeName, id: Number(match[2]) };
}

/** The object with a global id, or null. Objects that are requested together are read together. */
async function loadNode(globalId: string, { load }: Context): Promise<object | null> {
  const parsed = parseGlobalId(globalId);
  if (!parsed) return null;
  const row = await load.existing(NOUNS[parsed.type]).load(parsed.id);
  if (!row) return null;
  const node = { ...row };
  brandWithType<PothosTypes>(node, parsed.type as never);
  return node;
}

builder.queryFields((t) => ({
  node: t.field({
    type: builder.nodeInterfaceRef(),
    nullable: true,
    description: 'The object with this `id`; null if there is none.',
    args: { id: t.arg.id({ required: true, description: 'An `id` from an answer of this service.' }) },
    resolve: (_, { id }, context) => loadNode(String(id), context) as never,
  }),
  nodes: t.field({
    type: [builder.nodeInterfaceRef()],
    nullable: { list: false, items: true },
    description: 'The objects with these ids, in their order. Null for each id without an object.',
    args: {
      ids: t.arg.idList({
        required: true,
        description: `Ids from answers of this service, at most ${NODES_MAX}.`,
      }),
    },
    resolve: (_, { ids }, context) => {
      if (ids.length > NODES_MAX) {
        throw new ReadoutError(
          'LIMIT_EXCEEDED',
          `“ids” may have at most ${NODES_MAX} items, and has ${ids.length}.`,
          ['ids'],
          { limit: 'NODES_MAX', max: NODES_MAX },
        );
      }
      return ids.map((id) => loadNode(String(id), context)) as never;
    },
  }),
}));
