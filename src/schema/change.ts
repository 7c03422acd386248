import { ChangeKind } from '../db/generated/enums.ts';
import { type ChainLink, readChain } from '../log/chain.ts';
import { names, otherHistory, parseCursor } from '../log/cursor.ts';
import { readDigest } from '../log/head.ts';
import { PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX, parsePage } from '../read/page.ts';
import { builder, type Context } from './builder.ts';

export const ChangeKindEnum = builder.enumType('ChangeKind', {
  description: 'What a change of the record did. Subscriptions deliver those of statements.',
  values: {
    STATEMENT_ADDED: { value: ChangeKind.STATEMENT_ADDED, description: 'A statement was recorded.' },
    STATEMENT_REVISED: {
      value: ChangeKind.STATEMENT_REVISED,
      description: 'A statement was revised or linked; what it said before is in its `revisions`.',
    },
    STATEMENT_RETRACTED: {
      value: ChangeKind.STATEMENT_RETRACTED,
      description: 'A statement was retracted; why is in its `retraction`.',
    },
    ACTOR_ADDED: { value: ChangeKind.ACTOR_ADDED, description: 'An actor was saved for the first time.' },
    ACTOR_REVISED: { value: ChangeKind.ACTOR_REVISED, description: 'An actor was replaced.' },
    TOPIC_ADDED: { value: ChangeKind.TOPIC_ADDED, description: 'A topic was saved for the first time.' },
    TOPIC_REVISED: { value: ChangeKind.TOPIC_REVISED, description: 'A topic was replaced.' },
    SOURCE_ADDED: { value: ChangeKind.SOURCE_ADDED, description: 'A source was saved for the first time.' },
    SOURCE_REVISED: { value: ChangeKind.SOURCE_REVISED, description: 'A source was replaced.' },
    EVENT_ADDED: { value: ChangeKind.EVENT_ADDED, description: 'An event was saved for the first time.' },
    EVENT_REVISED: { value: ChangeKind.EVENT_REVISED, description: 'An event was replaced.' },
  } as const,
});

const ChangeRef = builder.objectRef<ChainLink>('Change').implement({
  description:
    'One entry of the log. The digests make a chain that anybody can compute again from these fields; docs/history.md defines it.',
  fields: (t) => ({
    position: t.expose('position', { type: 'Position', description: 'Position in the log.' }),
    kind: t.field({ type: ChangeKindEnum, description: 'What was done.', resolve: ({ kind }) => kind }),
    at: t.field({
      type: 'DateTime',
      description: 'When; never earlier than the change before.',
      resolve: ({ at }) => new Date(at),
    }),
    by: t.exposeString('by', { description: 'The recorder who did it.' }),
    noun: t.exposeString('noun', {
      description: 'What was changed: “statement”, “actor”, “topic”, “source” or “event”.',
    }),
    slug: t.exposeString('slug', { description: 'Slug of what was changed.' }),
    contentDigest: t.exposeString('contentDigest', {
      nullable: true,
      description:
        'SHA-256, in hexadecimal, of what it says after the change; null where the change is older than the digests.',
    }),
    digest: t.exposeString('digest', {
      nullable: true,
      description:
        'SHA-256, in hexadecimal, of the digest before and of this change; null where it was written past the service.',
    }),
  }),
});

/** The position that a list of changes begins after, checked where it is a cursor. */
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
    description: 'The log: what was changed, oldest first, up to where `record` stands.',
    args: {
      after: t.arg({
        type: 'Position',
        description:
          'Only what came after this position or cursor; left out, from the beginning. A cursor of another history is RESYNC.',
      }),
      first: t.arg.int({
        description: `At most so many, ${PAGE_SIZE_MAX} at most; ${PAGE_SIZE_DEFAULT} where it is left out.`,
      }),
    },
    resolve: async (_, { after, first }, context) => {
      const { size } = parsePage({ first }, 'CHANGES', []);
      const start = await startOf(after ?? '0', context);
      return size === 0 ? [] : readChain(context.db.pool, start, context.head.position, size);
    },
  }),
}));
