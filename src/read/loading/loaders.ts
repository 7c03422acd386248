import type { InputPath } from '../../base/errors.ts';
import type { Database } from '../../db/client.ts';
import type { Actor, Collection, Event, Topic } from '../../db/generated/client.ts';
import { isSlug } from '../../domain/input/slug.ts';
import { type MaybePromise, mapMaybe } from '../maybePromise.ts';
import { type Catalog, type SourceRow, WITHOUT_TEXT } from '../memory/catalog.ts';
import { ArgumentLoader, Loader, RowLoader } from '../memory/loader.ts';
import { SlugLoader } from '../memory/slugs.ts';
import { UnknownSlugs } from '../memory/unknownSlugs.ts';
import { readStatementsById } from '../statements/list.ts';
import { countCodings, readCodings } from './codings.ts';
import { ComparisonLoaders } from './comparisons.ts';
import {
  readAddresseeIds,
  readAffiliations,
  readAliases,
  readAnchors,
  readAttribution,
  readBehalfIds,
  readChanges,
  readCollectionsAdded,
  readEventIds,
  readFormerSlugs,
  readIdentifiers,
  readLinks,
  readMentions,
  readOffices,
  readRetracting,
  readSideIds,
  readSourceTexts,
  readSpeakerIds,
  readTopics,
  readWords,
} from './parts.ts';
import {
  countPositionsOfActors,
  countPositionsOnTopics,
  readPositionsOfActors,
  readPositionsOnTopics,
  readSpeakerAccounts,
} from './positions.ts';
import { StatementListLoaders } from './statementLists.ts';
import {
  countChildren,
  countCollected,
  countEntryRevisions,
  countLinkedFrom,
  countMembers,
  countParticipants,
  countRevisions,
  readChildren,
  readEntryRevisions,
  readInTextOrder,
  readLinkedFrom,
  readMembers,
  readParticipants,
  readRevisions,
} from './sublists.ts';

/** What a slug names, beside statements. */
interface Rows {
  readonly actor: Actor;
  readonly topic: Topic;
  readonly source: SourceRow;
  readonly event: Event;
  readonly collection: Collection;
}

type LoadedNoun = keyof Rows | 'statement';

/** Binds functions that read from the database. A class of its own, so that the fields of `Loaders` can use it. */
class DatabaseLoaders {
  protected readonly db: Database;
  protected readonly catalog: Catalog;

  constructor(db: Database, catalog: Catalog) {
    this.db = db;
    this.catalog = catalog;
  }

  /** @param read returns the value, or an error, for each of the keys, in their order. */
  protected loader<Key, Value>(
    read: (db: Database, keys: readonly Key[]) => Promise<readonly (Value | Error)[]>,
  ): Loader<Key, Value> {
    return new Loader((keys) => read(this.db, keys));
  }

  /** @param read returns the value for each of the ids, in their order. */
  protected argumentLoader<Arguments extends object, Value>(
    read: (db: Database, ids: readonly number[], given: Arguments) => Promise<readonly Value[]>,
  ): ArgumentLoader<Arguments, Value> {
    return new ArgumentLoader((ids, given) => read(this.db, ids, given));
  }
}

/**
 * Reads by id for one operation, or one delivered change. Everything that is requested in the same tick is read with one SQL
 * statement, so that no list, however deep, costs a query for each of its items.
 */
export class Loaders extends DatabaseLoaders {
  #statementLists: StatementListLoaders | undefined;
  #existing: Map<LoadedNoun, Loader<number, object | null>> | undefined;
  #comparison: ComparisonLoaders | undefined;

  readonly slugs = new SlugLoader(this.db, this.catalog.slugs);
  /** The slugs that the operation names and the record may not have. */
  readonly unknown = new UnknownSlugs(this.catalog.slugs, this.slugs);
  readonly languages = this.catalog.languages;
  readonly actor = new RowLoader(this.catalog.actor, (ids) =>
    this.db.prisma.actor.findMany({ where: { id: { in: ids } } }),
  );
  readonly topic = new RowLoader(this.catalog.topic, (ids) =>
    this.db.prisma.topic.findMany({ where: { id: { in: ids } } }),
  );
  readonly source = new RowLoader(this.catalog.source, (ids) =>
    this.db.prisma.source.findMany({ where: { id: { in: ids } }, omit: WITHOUT_TEXT }),
  );
  readonly event = new RowLoader(this.catalog.event, (ids) =>
    this.db.prisma.event.findMany({ where: { id: { in: ids } } }),
  );
  readonly collection = new RowLoader(this.catalog.collection, (ids) =>
    this.db.prisma.collection.findMany({ where: { id: { in: ids } } }),
  );
  readonly statement = this.loader(readStatementsById);
  readonly change = this.loader(readChanges);
  readonly added = this.loader(readCollectionsAdded);
  readonly retracting = this.loader(readRetracting);
  readonly collectionCount = this.argumentLoader(countCollected);
  readonly sourceText = this.loader(readSourceTexts);
  readonly statementIdsInTextOrder = this.argumentLoader(readInTextOrder);

  readonly aliases = this.loader(readAliases);
  readonly formerSlugs = this.loader(readFormerSlugs);
  readonly affiliations = this.loader(readAffiliations);
  readonly members = this.argumentLoader(readMembers);
  readonly memberCount = this.loader(countMembers);
  readonly children = this.argumentLoader(readChildren);
  readonly childCount = this.loader(countChildren);
  readonly participants = this.argumentLoader(readParticipants);
  readonly participantCount = this.loader(countParticipants);

  readonly speakerIds = this.loader(readSpeakerIds);
  readonly mentions = this.loader(readMentions);
  readonly addresseeIds = this.loader(readAddresseeIds);
  readonly behalfIds = this.loader(readBehalfIds);
  readonly offices = this.loader(readOffices);
  readonly sideIds = this.loader(readSideIds);
  readonly eventIds = this.loader(readEventIds);
  readonly topics = this.loader(readTopics);
  readonly attribution = this.loader(readAttribution);
  readonly anchors = this.loader(readAnchors);
  readonly words = this.loader(readWords);
  readonly links = this.loader(readLinks);
  readonly linkedFrom = this.argumentLoader(readLinkedFrom);
  readonly linkedFromCount = this.loader(countLinkedFrom);
  readonly codings = this.argumentLoader(readCodings);
  readonly codingCount = this.loader(countCodings);
  readonly revisions = this.argumentLoader(readRevisions);
  readonly revisionCount = this.loader(countRevisions);

  readonly identifiers = this.argumentLoader(readIdentifiers);
  readonly entryRevisions = this.argumentLoader(readEntryRevisions);
  readonly entryRevisionCount = this.argumentLoader(countEntryRevisions);

  readonly accountOfSpeaker = this.argumentLoader(readSpeakerAccounts);
  readonly positionsOfActor = this.argumentLoader(readPositionsOfActors);
  readonly positionCountOfActor = this.argumentLoader(countPositionsOfActors);
  readonly positionsOnTopic = this.argumentLoader(readPositionsOnTopics);
  readonly positionCountOnTopic = this.argumentLoader(countPositionsOnTopics);

  /** Made on first use: few operations compare. */
  get comparison(): ComparisonLoaders {
    this.#comparison ??= new ComparisonLoaders(this.db);
    return this.#comparison;
  }

  /** Made on first use, too. */
  get statementLists(): StatementListLoaders {
    this.#statementLists ??= new StatementListLoaders(this.db, this.languages, (ids) => this.#subtrees(ids));
    return this.#statementLists;
  }

  /** Rows by an id that a client sent; null if there is none. */
  existing(noun: LoadedNoun): Loader<number, object | null> {
    if (noun === 'statement') return this.statement;
    this.#existing ??= new Map();
    const known = this.#existing.get(noun);
    if (known) return known;
    const delegate = this.db.prisma[noun] as unknown as {
      findMany(args: object): Promise<{ id: number }[]>;
    };
    const loader = new Loader<number, object | null>(async (ids) => {
      const rows = new Map(
        (
          await delegate.findMany({
            where: { id: { in: [...ids] } },
            ...(noun === 'source' && { omit: WITHOUT_TEXT }),
          })
        ).map((row) => [row.id, row]),
      );
      return ids.map((id) => rows.get(id) ?? null);
    });
    this.#existing.set(noun, loader);
    return loader;
  }

  /**
   * The row that an argument names; null, with a warning in the answer, if the record has none.
   * @param path of the argument.
   */
  named<Kind extends keyof Rows>(
    kind: Kind,
    slug: string,
    path: InputPath = ['slug'],
  ): MaybePromise<Rows[Kind] | null> {
    this.unknown.take(kind, slug, path);
    return isSlug(slug) ? this.find(kind, slug) : null;
  }

  /** The row of a slug; null if the record has none. */
  find<Kind extends keyof Rows>(kind: Kind, slug: string): MaybePromise<Rows[Kind] | null> {
    const loader = this[kind] as unknown as RowLoader<Rows[Kind]>;
    return mapMaybe(this.slugs.ids(kind, [slug]), ([ids]) =>
      ids?.[0] === undefined ? null : loader.load(ids[0]),
    );
  }

  /** The ids of each topic and of all topics below it. */
  async #subtrees(ids: readonly number[]): Promise<readonly (readonly number[])[]> {
    const topics = await this.topic.all(ids);
    return this.slugs.ids(
      'subtree',
      topics.map(({ slug }) => slug),
    );
  }
}
