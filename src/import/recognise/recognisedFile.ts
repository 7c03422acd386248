import { heapBytesOf, isObject } from '../../base/object.ts';
import { TimeSlice } from '../../base/steps.ts';
import type { ImportItem, Item, ItemSource, Place } from '../item.ts';
import { Omissions } from '../read/omissions.ts';
import { dateOf } from '../read/periods.ts';
import { freeSlug, joinActor, patchOf, readForActors, recogniseActor } from './actor.ts';
import { isReadableActor, readableMentions } from './form.ts';
import type { FoundActorCounts } from './foundActors.ts';
import { type ActorContent, KnownActor } from './knownActor.ts';
import type { ActorLookUp } from './lookUp.ts';
import { readForMentions, recogniseMention } from './mention.ts';
import { mentionsOf, withActors } from './references.ts';

/** Statements, and mentions, that are looked up together. */
const STATEMENTS_PER_LOOK_UP = 500;
const MENTIONS_PER_LOOK_UP = 1_000;
/** Actors of a file that wait for its other actors, to which they can refer. */
const WAITING_ACTORS_MAX = 100_000;
/** Estimated bytes of the actors, or of the statements, that wait. */
const WAITING_BYTES_MAX = 33_554_432;

/** The number of mentions of a statement without an actor. */
const unresolvedOf = (item: Item): number =>
  item.kind === 'statement'
    ? readableMentions(item.value).filter(({ actor }) => actor === undefined).length
    : 0;

/** Recognises the actors of one file of an import, and puts them in place of the slugs that the file uses. */
export class RecognisedFile {
  readonly #lookUp: ActorLookUp;
  readonly #map: ReadonlyMap<string, string>;
  readonly #found: FoundActorCounts;
  /** Null for a file whose actors pass as they are. */
  readonly #recognised: { readonly collection: string | null } | null;
  readonly #omissions = new Omissions();
  /** Actors whose slug is another one in the record, by slug of the file. Null where it is not certain who is meant. */
  readonly #renamed = new Map<string, string | null>();
  /** Names of the actors that are not certain, by slug of the file. */
  readonly #uncertain = new Map<string, string>();
  /** Slugs of the record that actors of the file have. */
  readonly #taken = new Set<string>();
  #waitingActors: ImportItem[] = [];
  #waitingItems: Item[] = [];
  #waitingBytes = 0;
  #waitingMentions = 0;

  constructor(
    lookUp: ActorLookUp,
    map: ReadonlyMap<string, string>,
    found: FoundActorCounts,
    recognised: { readonly collection: string | null } | null,
  ) {
    this.#lookUp = lookUp;
    this.#map = map;
    this.#found = found;
    this.#recognised = recognised;
  }

  async *take(item: Item): ItemSource {
    if (item.kind === 'actor' && this.#recognised) {
      this.#waitingActors.push(item);
      const isLarge = this.#countWaiting(item);
      if (isLarge || this.#waitingActors.length === WAITING_ACTORS_MAX) yield* this.#flushActors();
      return;
    }
    if (this.#waitingActors.length > 0 && item.kind !== 'unread') yield* this.#flushActors();
    if (item.kind === 'actor' && isReadableActor(item.value))
      this.#lookUp.remember(new KnownActor(item.value, false, true));
    const renamed = this.#renamedItem(item);
    const unresolved = unresolvedOf(renamed);
    if (this.#waitingItems.length === 0 && unresolved === 0) {
      yield renamed;
      return;
    }
    this.#waitingItems.push(renamed);
    this.#waitingMentions += unresolved;
    const isLarge = this.#countWaiting(item) || this.#waitingMentions >= MENTIONS_PER_LOOK_UP;
    if (isLarge || this.#waitingItems.length === STATEMENTS_PER_LOOK_UP || item.kind === 'source')
      yield* this.#flushStatements();
  }

  /** Counts the memory of a waiting item. @returns whether the waiting items are too large together. */
  #countWaiting(item: Item): boolean {
    this.#waitingBytes += heapBytesOf(item);
    return this.#waitingBytes > WAITING_BYTES_MAX;
  }

  /** Yields what waits, and what was left out of the file. */
  async *end(): ItemSource {
    yield* this.#flushActors();
    yield* this.#flushStatements();
    yield* this.#omissions.items();
  }

  async *#flushActors(): ItemSource {
    const waiting = this.#waitingActors;
    this.#waitingActors = [];
    this.#waitingBytes = 0;
    const slice = new TimeSlice();
    const contents = waiting.flatMap(({ value }) => (isReadableActor(value) ? [value] : []));
    for (let i = 0; i < contents.length; i += STATEMENTS_PER_LOOK_UP) {
      await slice.end();
      await readForActors(this.#lookUp, contents.slice(i, i + STATEMENTS_PER_LOOK_UP), this.#map);
    }
    const collection = this.#recognised?.collection ?? null;
    const ofCollection =
      collection === null
        ? new Set<string>()
        : await this.#lookUp.addedBy(
            collection,
            contents.map(({ slug }) => slug),
          );
    const known = new Map<ImportItem, KnownActor | null>();
    for (const item of waiting) {
      await slice.end();
      if (isReadableActor(item.value)) known.set(item, this.#recognise(item.value, item.place, ofCollection));
    }
    for (const item of waiting) {
      await slice.end();
      const { value, place } = item;
      if (!isReadableActor(value)) yield item;
      else if (!this.#uncertain.has(value.slug))
        yield { ...item, value: this.#actorValue(value, place, known.get(item) ?? null) };
    }
  }

  /** The actor that one of the file is; null for a new one, and for one that is not certain, which stays a mention. */
  #recognise(content: ActorContent, place: Place, ofCollection: ReadonlySet<string>): KnownActor | null {
    const recognised = recogniseActor(
      this.#lookUp,
      content,
      this.#map,
      (slug) => ofCollection.has(slug),
      (slug) => this.#taken.has(slug),
    );
    if (recognised === 'uncertain') {
      const name = content.name ?? content.slug;
      this.#uncertain.set(content.slug, name);
      this.#renamed.set(content.slug, null);
      this.#omissions.add('actors of whom the record has several, and who stay mentions', place);
      return null;
    }
    const slug = recognised === 'new' ? freeSlug(this.#lookUp, content) : recognised.actor.slug;
    this.#taken.add(slug);
    if (slug !== content.slug) this.#renamed.set(content.slug, slug);
    if (recognised !== 'new') {
      if (recognised.isByName) this.#found.add(content.name ?? content.slug, slug, 'name', place);
      return recognised.actor;
    }
    this.#lookUp.remember(new KnownActor({ ...content, slug }, false, true));
    return null;
  }

  #actorValue(value: ActorContent, place: Place, known: KnownActor | null): object {
    const slug = this.#renamed.get(value.slug) ?? value.slug;
    const given = { ...(this.#withActors(value, place) as ActorContent), slug };
    if (!known) {
      this.#lookUp.remember(new KnownActor(given, false, true));
      return given;
    }
    // Another actor of the file can be the same one, after a merge.
    const { content, isRecorded } = this.#lookUp.get(known.slug) ?? known;
    const joined = joinActor(content, given);
    this.#lookUp.remember(new KnownActor(joined, isRecorded, true));
    return isRecorded ? patchOf(content, joined) : joined;
  }

  #withActors(value: unknown, place: Place): unknown {
    if (this.#renamed.size === 0) return value;
    const rename = (slug: string) => this.#renamed.get(slug) ?? (this.#renamed.has(slug) ? null : slug);
    return withActors(value, rename, (field) => {
      if (field !== 'speakers')
        this.#omissions.add(`references in “${field}” to actors of whom the record has several`, place);
    });
  }

  #renamedItem(item: Item): Item {
    if (this.#renamed.size === 0 || !('value' in item)) return item;
    const { kind, value, place } = item;
    const renamed = this.#withActors(value, place);
    return kind === 'statement'
      ? { ...item, value: this.#withMentions(renamed, value) }
      : { ...item, value: renamed };
  }

  /** A statement in which speakers who are not certain are mentions. @param before with the slugs of the file. */
  #withMentions(statement: unknown, before: unknown): unknown {
    if (!isObject(statement) || !isObject(before)) return statement;
    const speakers = Array.isArray(before.speakers) ? before.speakers : [];
    const unresolved = speakers.flatMap((slug: unknown) => {
      const as = typeof slug === 'string' ? this.#uncertain.get(slug) : undefined;
      return as === undefined ? [] : [{ as }];
    });
    const mentions = mentionsOf(before).map((mention) => {
      const { actor } = mention;
      if (actor === undefined || !this.#renamed.has(actor)) return mention;
      const { actor: _, ...rest } = mention;
      const slug = this.#renamed.get(actor);
      return typeof slug === 'string' ? { ...mention, actor: slug } : rest;
    });
    const all = [...unresolved, ...mentions];
    return all.length > 0 ? { ...statement, mentions: all } : statement;
  }

  async *#flushStatements(): ItemSource {
    const waiting = this.#waitingItems;
    this.#waitingItems = [];
    this.#waitingBytes = 0;
    this.#waitingMentions = 0;
    const statements = waiting.flatMap((item) =>
      item.kind === 'statement' ? readableMentions(item.value) : [],
    );
    await readForMentions(
      this.#lookUp,
      statements.filter(({ actor }) => actor === undefined),
    );
    const slice = new TimeSlice();
    for (const item of waiting) {
      await slice.end();
      yield item.kind === 'statement' ? this.#resolved(item) : item;
    }
  }

  #resolved(item: ImportItem): ImportItem {
    const { value } = item;
    const given = readableMentions(value);
    if (!isObject(value) || given.length === 0) return item;
    const said = typeof value.said === 'string' ? (dateOf(value.said) ?? undefined) : undefined;
    const speakers: string[] = [];
    const recognised: string[] = [];
    const mentions = given.flatMap((mention) => {
      const { identifier, ...rest } = mention;
      if (rest.actor !== undefined) return [rest];
      const { slug: actor, rule = null } = recogniseMention(this.#lookUp, mention, this.#map, said) ?? {};
      if (actor !== undefined && rule) this.#found.add(rest.as ?? '', actor, rule, item.place);
      // An identifier is not a word of the source.
      const isWritten = rest.as !== undefined && rest.as !== identifier?.value;
      if (actor !== undefined && !isWritten) speakers.push(actor);
      if (actor !== undefined && isWritten) recognised.push(rest.as ?? '');
      if (actor !== undefined) return isWritten ? [{ ...rest, actor }] : [];
      return [{ as: rest.as ?? identifier?.value }];
    });
    const before = Array.isArray(value.speakers) ? (value.speakers as unknown[]) : [];
    const { mentions: _, ...fields } = value;
    return {
      ...item,
      ...(recognised.length > 0 && { recognised }),
      value: {
        ...fields,
        ...(before.length + speakers.length > 0 && { speakers: [...before, ...speakers] }),
        ...(mentions.length > 0 && { mentions }),
      },
    };
  }
}
