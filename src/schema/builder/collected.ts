import type { Change } from '../../db/generated/client.ts';
import { builder, type Context } from './builder.ts';

/** The options of the field `collection` of a noun. */
export const COLLECTION_OPTIONS = {
  type: 'Collection',
  nullable: true,
  description:
    'The collection that added it; null if none did. A later collection with the same entry does not change that.',
  resolve: ({ collectionId }: { readonly collectionId: number | null }, _: object, { load }: Context) =>
    collectionId === null ? null : load.collection.load(collectionId),
} as const;

/** An entry that can be withdrawn. */
interface Withdrawable {
  readonly withdrawalReason: string | null;
  readonly position: bigint;
}

const WithdrawalRef = builder
  .objectRef<Pick<Change, 'at' | 'by'> & { readonly reason: string }>('Withdrawal')
  .implement({
    description: 'The withdrawal of an actor, topic, source or event, or the retraction of a collection.',
    fields: (t) => ({
      reason: t.exposeString('reason', { description: 'Why it was withdrawn.' }),
      at: t.expose('at', { type: 'DateTime', description: 'When it was withdrawn.' }),
      by: t.exposeString('by', { description: 'The recorder who withdrew it.' }),
    }),
  });

/** The withdrawal of an entry; null if it is current. */
async function withdrawalOf(
  { withdrawalReason, position }: Withdrawable,
  _: object,
  { load }: Context,
): Promise<{ reason: string; at: Date; by: string } | null> {
  if (withdrawalReason === null) return null;
  const { at, by } = await load.change.load(String(position));
  return { reason: withdrawalReason, at, by };
}

/** The options of the field `withdrawal` of a noun. */
export const WITHDRAWAL_OPTIONS = {
  type: WithdrawalRef,
  nullable: true,
  description:
    'Its withdrawal; null if it is current. A withdrawn entry is in no list and no search, and nothing current refers to it. A save makes it current again, with only what the input has.',
  resolve: withdrawalOf,
} as const;

/** The condition of rows that are current. */
export const CURRENT = { withdrawalReason: null } as const;
