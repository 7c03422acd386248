import { ChangeKind } from '../db/generated/enums.ts';
import { type ChainLink, readChain } from '../log/chain.ts';
import { names, otherHistory, parseCursor } from '../log/cursor.ts';
import { readDigest } from '../log/head.ts';
import { PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX, parsePage } from '../read/page.ts';
import { builder, type Context } from './builder/builder.ts';

export const ChangeKindEnum = builder.enumType('ChangeKind', {
  description: 'The kind of a change of the record. Subscriptions deliver the changes of statements.',
  values: {
    STATEMENT_ADDED: { value: ChangeKind.STATEMENT_ADDED, description: 'A statement was recorded.' },
    STATEMENT_REVISED: {
      value: ChangeKind.STATEMENT_REVISED,
      description: 'A statement was revised or linked. Its former content is in `revisions`.',
    },
    STATEMENT_RETRACTED: {
      value: ChangeKind.STATEMENT_RETRACTED,
      description: 'A statement was retracted. The reason is in `retraction`.',
    },
    ACTOR_ADDED: { value: ChangeKind.ACTOR_ADDED, description: 'An actor was saved for the first time.' },
    ACTOR_REVISED: {
      value: ChangeKind.ACTOR_REVISED,
      description: 'An actor was changed, or became current again.',
    },
    TOPIC_ADDED: { value: ChangeKind.TOPIC_ADDED, description: 'A topic was saved for the first time.' },
    TOPIC_REVISED: {
      value: ChangeKind.TOPIC_REVISED,
      description: 'A topic was changed, or became current again.',
    },
    SOURCE_ADDED: { value: ChangeKind.SOURCE_ADDED, description: 'A source was saved for the first time.' },
    SOURCE_REVISED: {
      value: ChangeKind.SOURCE_REVISED,
      description: 'A source was changed, or became current again.',
    },
    EVENT_ADDED: { value: ChangeKind.EVENT_ADDED, description: 'An event was saved for the first time.' },
    EVENT_REVISED: {
      value: ChangeKind.EVENT_REVISED,
      description: 'An event was changed, or became current again.',
    },
    ACTOR_WITHDRAWN: {
      value: ChangeKind.ACTOR_WITHDRAWN,
      description: 'An actor that nothing referred to was withdrawn.',
    },
    TOPIC_WITHDRAWN: {
      value: ChangeKind.TOPIC_WITHDRAWN,
      description: 'A topic that nothing referred to was withdrawn.',
    },
    SOURCE_WITHDRAWN: {
      value: ChangeKind.SOURCE_WITHDRAWN,
      description: 'A source that nothing referred to was withdrawn.',
    },
    EVENT_WITHDRAWN: {
      value: ChangeKind.EVENT_WITHDRAWN,
      description: 'An event that nothing referred to was withdrawn.',
    },
    COLLECTION_ADDED: {
      value: ChangeKind.COLLECTION_ADDED,
      description: 'A collection was saved for the first time.',
    },
    COLLECTION_REVISED: {
      value: ChangeKind.COLLECTION_REVISED,
      description: 'A collection was changed, or became current again.',
    },
    COLLECTION_RETRACTED: {
      value: ChangeKind.COLLECTION_RETRACTED,
      description: 'A collection was retracted, after all its statements.',
    },
  } as const,
});

const ChangeRef = builder.objectRef<ChainLink>('Change').implement({
  description:
    'One entry of the log. The digests form a chain that any client can recompute from these fields; docs/history.md defines it.',
  fields: (t) => ({
    position: t.expose('position', { type: 'Position', description: 'Position in the log.' }),
    kind: t.field({ type: ChangeKindEnum, description: 'Kind of the change.', resolve: ({ kind }) => kind }),
    at: t.field({
      type: 'DateTime',
      description: 'Time of the change; never earlier than the previous change.',
      resolve: ({ at }) => new Date(at),
    }),
    by: t.exposeString('by', { description: 'The recorder who made it.' }),
    noun: t.exposeString('noun', {
      description: 'Type of its subject: “statement”, “actor”, “topic”, “source”, “event” or “collection”.',
    }),
    slug: t.exposeString('slug', { description: 'Slug of its subject.' }),
    reason: t.exposeString('why', {
      nullable: true,
      description:
        'Why the actors of its subject were merged, split or resolved; null for other changes. The digest does not cover it.',
    }),
    contentDigest: t.exposeString('contentDigest', {
      nullable: true,
      description:
        'SHA-256, in hexadecimal, of the content of its subject after the change; null for a change older than content digests.',
    }),
    digest: t.exposeString('digest', {
      nullable: true,
      description:
        'SHA-256, in hexadecimal, of the previous digest and this change; null if it was written to the tables directly.',
    }),
  }),
});

/** The position after which a list of changes begins. A cursor is checked. */
async function startOf(after: string, { db, head }: Context): Promise<bigint> {
  const given = parseCursor(after, ['after']);
  if (given.digest === null || names(given, head)) return given.position;
  const digest = await readDigest(db.pool, given.position);
  if (digest === null || !names(given, { position: given.position, digest }))
    throw otherHistory(after, ['after']);
  return given.position;
}

builder.queryFields((t) => ({
  changes: t.field({
    type: [ChangeRef],
    description: 'The log: the changes, oldest first, up to the position of `record`.',
    args: {
      after: t.arg({
        type: 'Position',
        description:
          'Only changes after this position or cursor. Default: from the beginning. A cursor of another history is RESYNC.',
      }),
      first: t.arg.int({
        description: `Number of changes, at most ${PAGE_SIZE_MAX}. Default: ${PAGE_SIZE_DEFAULT}.`,
      }),
    },
    resolve: async (_, { after, first }, context) => {
      const { size } = parsePage({ first }, 'CHANGES', []);
      const start = await startOf(after ?? '0', context);
      return size === 0 ? [] : readChain(context.db.pool, start, context.head.position, size);
    },
  }),
}));
