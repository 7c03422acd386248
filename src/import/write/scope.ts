import type { Prisma } from '../../db/client.ts';
import { transact } from '../../db/transaction.ts';
import { saveCollection, saveCollections } from '../../domain/collection.ts';
import type { Patch } from '../../domain/save.ts';
import type { Tally } from '../report.ts';
import type { Seen } from './gone.ts';
import type { Targets } from './targets.ts';

/** Begins the keys of statements of no collection that have neither key nor slug. */
const KEY_PREFIX = 'import';

/** What the parts of one import share. */
export class Scope {
  readonly prisma: Prisma;
  readonly by: string;
  readonly dryRun: boolean;
  /** Whether entries that the record has stay as they are. */
  readonly keepExisting: boolean;
  readonly targets: Targets;
  readonly tally: Tally;
  /** The entries that the import has. */
  readonly seen: Seen;
  /** Slug of the collection; null for none. */
  collection: string | null = null;
  /** Its id; null for none, and where a dry run would add it. */
  collectionId: number | null = null;

  constructor(
    parts: Pick<Scope, 'prisma' | 'by' | 'dryRun' | 'keepExisting' | 'targets' | 'tally' | 'seen'>,
  ) {
    this.prisma = parts.prisma;
    this.by = parts.by;
    this.dryRun = parts.dryRun;
    this.keepExisting = parts.keepExisting;
    this.targets = parts.targets;
    this.tally = parts.tally;
    this.seen = parts.seen;
  }

  /** The key of a statement that has neither key nor slug, by the digest of its content. */
  readonly keyOf = (digest: string): string => `${this.collection ?? KEY_PREFIX}:${digest}`;

  /**
   * Adds or changes the collection of the import. A new one without a title is called by its slug.
   * @throws ReadoutError INVALID_INPUT.
   */
  async openCollection(given: Patch): Promise<void> {
    const { slug } = given;
    const isKnown = typeof slug === 'string' && (await this.prisma.collection.count({ where: { slug } })) > 0;
    const patch = isKnown ? given : { title: slug, ...given };
    const { id } = await transact(this.prisma, async (tx) => {
      if (!this.dryRun) return saveCollection(tx, patch, this.by);
      const [saved] = await saveCollections(tx, [patch], this.by, {
        dryRun: true,
        pathOf: () => ['collection'],
      });
      return saved as NonNullable<typeof saved>;
    });
    this.collectionId = Number.isNaN(id) ? null : id;
    this.collection =
      typeof slug === 'string'
        ? slug
        : ((await this.prisma.collection.findFirst({ where: { id } }))?.slug ?? null);
  }
}
