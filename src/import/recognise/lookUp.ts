import { LRUCache } from 'lru-cache';
import { latinForm } from '../../base/latin.ts';
import { heapBytesOf } from '../../base/object.ts';
import { mapInSteps } from '../../base/steps.ts';
import type { Queryable } from '../../db/sql.ts';
import { ACTOR } from '../../domain/actor.ts';
import { readRedirects } from '../../domain/input/redirect.ts';
import { readContents } from '../../domain/save/former.ts';
import { type ActorContent, comparedName, type Identifier, identifierKey, KnownActor } from './knownActor.ts';

/*
 * The caches are bounded by bytes only. With a maximal number of entries they would allocate room for all of them at once: some 50 ms of one
 * turn of the event loop for each import.
 */

/**
 * Estimated bytes of the actors of the import and of the record that the recognition of one import keeps in memory; the least recently used
 * go first.
 */
const ACTORS_HELD_BYTES_MAX = 67_108_864;
/** Estimated bytes of the names, identifiers and offices whose actors it keeps. */
const KEYS_HELD_BYTES_MAX = 33_554_432;
/** Bytes of a key in the cache, without its characters. */
const KEY_BYTES = 128;
/** Bytes of a slug of a key. */
const SLUG_BYTES = 96;

/** $1 Latin forms, $2 the same without blanks, which is one of the words by which names are indexed. */
const FIND_NAMED = `
SELECT x.latin AS key, array_agg(DISTINCT actor.slug) AS slugs
FROM unnest($1::text[], $2::text[]) AS x(latin, word)
  JOIN search_name s ON s.noun = 'actor' AND s.words @> ARRAY[x.word] AND s.latin = x.latin
  JOIN actor ON actor.id = s.subject_id
GROUP BY 1`;

/** $1 schemes, $2 values. */
const FIND_IDENTIFIED = `
SELECT x.scheme || ' ' || x.value AS key, array_agg(actor.slug) AS slugs
FROM unnest($1::text[], $2::text[]) AS x(scheme, value)
  JOIN actor_identifier i USING (scheme, value) JOIN actor ON actor.id = i.actor_id
GROUP BY 1`;

/** $1 slugs of states, organisations and bodies, $2 roles. */
const FIND_HOLDERS = `
SELECT x.slug || ' ' || x.role AS key, array_agg(DISTINCT actor.slug) AS slugs
FROM unnest($1::text[], $2::text[]) AS x(slug, role)
  JOIN actor place ON place.slug = x.slug
  JOIN affiliation f ON f.in_id = place.id AND fold_case(f.role) = fold_case(x.role)
  JOIN actor ON actor.id = f.actor_id AND actor.withdrawal_reason IS NULL
GROUP BY 1`;

/** $1 slug of a collection, $2 slugs of actors. */
const FIND_ADDED = `
SELECT actor.slug FROM actor JOIN collection ON collection.id = actor.collection_id
WHERE collection.slug = $1 AND actor.slug = ANY ($2::text[])`;

/** An office: the slug of what it is an office of, and the role. */
export interface Office {
  readonly of: string;
  readonly role: string;
}

const officeKey = ({ of, role }: Office): string => `${of} ${comparedName(role)}`;

type KeyKind = 'name' | 'identifier' | 'office';

/** Finds actors of the record and of the import itself, many at a time. */
export class ActorLookUp {
  readonly #db: Queryable;
  readonly #actors = new LRUCache<string, KnownActor | { readonly none: true }>({
    maxSize: ACTORS_HELD_BYTES_MAX,
    sizeCalculation: (actor) => heapBytesOf(actor),
  });
  /** Slugs of actors of the record, by kind of key and key. */
  readonly #recorded = new LRUCache<string, readonly string[]>({
    maxSize: KEYS_HELD_BYTES_MAX,
    sizeCalculation: (slugs, key) => KEY_BYTES + key.length + SLUG_BYTES * slugs.length,
  });
  /** Slugs of actors of the import, which the record may not have yet. */
  readonly #imported = new LRUCache<string, Set<string>>({
    maxSize: KEYS_HELD_BYTES_MAX,
    sizeCalculation: (slugs, key) => KEY_BYTES + key.length + SLUG_BYTES * slugs.size,
  });

  constructor(db: Queryable) {
    this.#db = db;
  }

  /** Remembers an actor of the import as it will be. */
  remember(actor: KnownActor): void {
    const { slug, content } = actor;
    this.#actors.set(slug, actor);
    const add = (kind: KeyKind, key: string): void => {
      const name = `${kind} ${key}`;
      const slugs = this.#imported.get(name) ?? new Set();
      this.#imported.set(name, slugs.add(slug));
    };
    for (const name of actor.names) add('name', latinForm(name));
    for (const identifier of content.identifiers ?? []) add('identifier', identifierKey(identifier));
    for (const { in: of, role } of content.affiliations ?? []) add('office', officeKey({ of, role }));
  }

  /** Reads actors by their names, so that `named` finds them. */
  async readNamed(names: Iterable<string>): Promise<void> {
    const keys = this.#missing('name', await mapInSteps([...new Set(names)], latinForm));
    await this.#read('name', keys, FIND_NAMED, [keys, keys.map((key) => key.replaceAll(' ', ''))]);
  }

  /** Reads actors by their identifiers, so that `identified` finds them. */
  async readIdentified(identifiers: Iterable<Identifier>): Promise<void> {
    const byKey = new Map([...identifiers].map((identifier) => [identifierKey(identifier), identifier]));
    const keys = this.#missing('identifier', [...byKey.keys()]);
    const wanted = keys.map((key) => byKey.get(key) as Identifier);
    await this.#read('identifier', keys, FIND_IDENTIFIED, [
      wanted.map(({ scheme }) => scheme),
      wanted.map(({ value }) => value),
    ]);
  }

  /** Reads the holders of offices, so that `holders` finds them. */
  async readHolders(offices: Iterable<Office>): Promise<void> {
    const byKey = new Map([...offices].map((office) => [officeKey(office), office]));
    const keys = this.#missing('office', [...byKey.keys()]);
    const wanted = keys.map((key) => byKey.get(key) as Office);
    await this.#read('office', keys, FIND_HOLDERS, [
      wanted.map(({ of }) => of),
      wanted.map(({ role }) => comparedName(role)),
    ]);
  }

  /** Reads actors by their slugs, so that `get` finds them. */
  async readSlugs(slugs: Iterable<string>): Promise<void> {
    const missing = [...new Set(slugs)].filter((slug) => !this.#actors.has(slug));
    if (missing.length === 0) return;
    const redirects = await readRedirects(this.#db, missing);
    const present = (slug: string): string => redirects.get(slug) ?? slug;
    const found = await readContents(this.#db, ACTOR, missing.map(present));
    for (const slug of missing) {
      const former = found.get(present(slug))?.content;
      // An actor that was withdrawn becomes current again by a save of all of it, as a new one does.
      const { withdrawalReason, ...content } = former ?? { slug, withdrawalReason: undefined };
      const known = this.#actors.get(present(slug));
      const actor =
        known instanceof KnownActor
          ? known
          : former && new KnownActor(content as ActorContent, withdrawalReason === undefined, false);
      this.#actors.set(slug, actor ?? { none: true });
    }
  }

  /** Which of these actors a collection has added, with those that the import adds to it. */
  async addedBy(collection: string, slugs: readonly string[]): Promise<Set<string>> {
    if (slugs.length === 0) return new Set();
    const rows = await this.#db.$queryRawUnsafe<{ slug: string }[]>(FIND_ADDED, collection, slugs);
    return new Set([
      ...rows.map(({ slug }) => slug),
      ...slugs.filter((slug) => this.get(slug)?.isRecorded === false),
    ]);
  }

  /** An actor that was read or remembered; for a former slug, the actor that it leads to. */
  get(slug: string): KnownActor | undefined {
    const actor = this.#actors.get(slug);
    if (!(actor instanceof KnownActor)) return undefined;
    const present = actor.slug === slug ? actor : this.#actors.get(actor.slug);
    return present instanceof KnownActor ? present : actor; // as it was remembered last
  }

  /** The actors with this name or alias, exactly, that were read or remembered. */
  named(name: string): KnownActor[] {
    const compared = comparedName(name);
    return this.#found('name', latinForm(name)).filter((actor) => actor.hasName(compared));
  }

  identified(identifier: Identifier): KnownActor[] {
    const key = identifierKey(identifier);
    return this.#found('identifier', key).filter(({ content }) =>
      content.identifiers?.some((own) => identifierKey(own) === key),
    );
  }

  /** The actors that ever had an office. */
  holders(office: Office): KnownActor[] {
    return this.#found('office', officeKey(office));
  }

  #found(kind: KeyKind, key: string): KnownActor[] {
    const name = `${kind} ${key}`;
    const slugs = new Set([...(this.#recorded.get(name) ?? []), ...(this.#imported.get(name) ?? [])]);
    return [...slugs].flatMap((slug) => this.get(slug) ?? []);
  }

  #missing(kind: KeyKind, keys: readonly string[]): string[] {
    return [...new Set(keys)].filter((key) => key !== '' && !this.#recorded.has(`${kind} ${key}`));
  }

  async #read(
    kind: KeyKind,
    keys: readonly string[],
    sql: string,
    values: readonly unknown[],
  ): Promise<void> {
    if (keys.length === 0) return;
    const rows = await this.#db.$queryRawUnsafe<{ key: string; slugs: string[] }[]>(sql, ...values);
    const found = new Map(rows.map(({ key, slugs }) => [key, slugs]));
    for (const key of keys) this.#recorded.set(`${kind} ${key}`, found.get(key) ?? []);
    await this.readSlugs(rows.flatMap(({ slugs }) => slugs));
  }
}
