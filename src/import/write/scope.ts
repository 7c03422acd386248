import type { Prisma } from '../../db/client.ts';
import { transact } from '../../db/transaction.ts';
import { saveCollections } from '../../domain/collection.ts';
import { makeSlug } from '../../domain/input/slug.ts';
import type { Patch } from '../../domain/save/rules.ts';
import type { ImportItem } from '../item.ts';
import type { Review } from '../recognise/review.ts';
import type { Tally } from '../report.ts';
import { SeenEntries } from './seen.ts';
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
  /** Counts the mentions without an actor; null where they are not counted. */
  readonly review: Review | null;
  readonly targets: Targets;
  readonly tally: Tally;
  /** The entries that the import has. */
  readonly seen: SeenEntries;
  /** Its statements with the anchors that a file has placed in its texts. */
  readonly placed = new SeenEntries();
  /** Whether the anchors of the following statements are placed in the texts that their sources get from the same file. */
  isPlaced = false;
  /** The sources whose texts the import changes. */
  readonly changedTexts = new Map<number, bigint | null>();
  /** Slug of the collection of the following entries; null for none. */
  collection: string | null = null;
  /** Whether everything belongs to it, whatever later headers and lines say. */
  isOnlyCollection = false;
  /** Slugs of the collections that the import or its headers have named. */
  readonly opened = new Set<string>();
  /** Ids of the collections of its entries, by slug; null where a dry run would add it. */
  readonly #collectionIds = new Map<string, number | null>();

  constructor(
    parts: Pick<Scope, 'prisma' | 'by' | 'dryRun' | 'keepExisting' | 'review' | 'targets' | 'tally' | 'seen'>,
  ) {
    this.prisma = parts.prisma;
    this.by = parts.by;
    this.dryRun = parts.dryRun;
    this.keepExisting = parts.keepExisting;
    this.review = parts.review;
    this.targets = parts.targets;
    this.tally = parts.tally;
    this.seen = parts.seen;
  }

  /** The entries of the record and of the dry run, for its checks; null in an import that writes. */
  get dryRunTargets(): Targets | null {
    return this.dryRun ? this.targets : null;
  }

  /** Ids of the collections that the import or its headers have named, without those that a dry run would add. */
  get openedIds(): number[] {
    return [...this.opened].flatMap((slug) => this.#collectionIds.get(slug) ?? []);
  }

  /** Slug of the collection that an entry belongs to; null for none. */
  collectionOf({ collection }: Pick<ImportItem, 'collection'>): string | null {
    return this.isOnlyCollection || collection === undefined ? this.collection : collection;
  }

  /** Ids of the collections that entries belong to, in their order. Those that the record does not have are added. */
  async collectionIdsOf(entries: readonly Pick<ImportItem, 'collection'>[]): Promise<(number | null)[]> {
    const slugs = entries.map((entry) => this.collectionOf(entry));
    for (const slug of new Set(slugs))
      if (slug !== null && !this.#collectionIds.has(slug)) await this.saveCollection({ slug });
    return slugs.map((slug) => (slug === null ? null : (this.#collectionIds.get(slug) ?? null)));
  }

  /** The key of a statement that has neither key nor slug, by the digest of its content. */
  keyOf(digest: string, entry: Pick<ImportItem, 'collection'>): string {
    return `${this.collectionOf(entry) ?? KEY_PREFIX}:${digest}`;
  }

  /** Adds or changes a collection, to which the following entries belong. @throws ReadoutError INVALID_INPUT. */
  async openCollection(given: Patch): Promise<void> {
    this.collection = await this.saveCollection(given);
    this.opened.add(this.collection);
  }

  /**
   * Adds or changes a collection. A new one without a title is called by its slug.
   * @returns its slug.
   * @throws ReadoutError INVALID_INPUT.
   */
  async saveCollection(given: Patch): Promise<string> {
    const isKnown =
      typeof given.slug === 'string' &&
      (await this.prisma.collection.count({ where: { slug: given.slug } })) > 0;
    const patch = isKnown ? given : { title: given.slug, ...given };
    const [saved] = await transact(this.prisma, (tx) =>
      saveCollections(tx, [patch], this.by, { dryRun: this.dryRun, pathOf: () => ['collection'] }),
    );
    const { id } = saved as NonNullable<typeof saved>;
    const slug = String(given.slug ?? makeSlug(String(given.title)));
    this.#collectionIds.set(slug, Number.isNaN(id) ? null : id);
    return slug;
  }
}
