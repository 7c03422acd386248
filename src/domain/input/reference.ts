import type { InputPath } from '../../base/errors.ts';
import type { ActorKind } from '../../db/generated/enums.ts';
import { type Queryable, sqlOf } from '../../db/sql.ts';
import type { Fault } from './fault.ts';
import type { LinkEnd } from './link.ts';
import { readRedirects } from './redirect.ts';

/** The types of entry that inputs refer to by slug. */
export type Noun = 'actor' | 'topic' | 'source' | 'event' | 'statement';

interface Reference {
  readonly noun: Noun;
  readonly slug: string;
  readonly path: InputPath;
}

/** An entry that inputs refer to, with the parts that rules need. */
export interface Target {
  readonly id: number;
  /** Actors: the present slug, where the input has a former one. */
  readonly slug?: string;
  /** Actors: what decides for whom they speak. */
  readonly actor?: SpeakingActor;
  /** Topics: whether a statement can take a stance on it. */
  readonly hasProposition?: boolean;
  /** Sources: length in code points; null if not known. */
  readonly length?: number | null;
  /** Sources: day of publication, `YYYY-MM-DD`; null if not known. */
  readonly publishedOn?: string | null;
  /** The parts of statements that the rules of links need. */
  readonly linkEnd?: LinkEnd;
  /** Statements: position of the latest change, in decimal. */
  readonly position?: string;
  /** Position of the record in which it was looked up; left out for an entry that is not in the record yet. */
  readonly seen?: bigint;
}

/** An actor, with the sides that it can speak for and its offices. Days are `YYYY-MM-DD`, both included; null is open. */
export interface SpeakingActor {
  readonly kind: ActorKind;
  readonly sides: readonly (Period & { readonly id: number })[];
  readonly offices: readonly (Period & { readonly inId: number; readonly role: string })[];
}
interface Period {
  readonly from: string | null;
  readonly to: string | null;
}

interface TargetRow {
  noun: Noun;
  slug: string;
  id: number;
  kind: ActorKind | null;
  sides: SpeakingActor['sides'] | null;
  offices: SpeakingActor['offices'] | null;
  withdrawn: boolean;
  merged: boolean;
  proposition: boolean | null;
  length: number | null;
  published: string | null;
  end: (LinkEnd & { position: string }) | null;
  seen: bigint;
}

/**
 * SQL for one of the texts of a parameter. PostgreSQL does not see how many they are, so it keeps one plan. It would otherwise plan for the
 * texts of each run, which takes three times as long as the look-up of one statement.
 */
const anyOf = (parameter: number): string => `ANY (ARRAY(SELECT unnest($${parameter}::text[])))`;

const FIND_NOUNS = `
  SELECT 'actor' AS noun, slug, id, withdrawal_reason IS NOT NULL AS withdrawn, merged_into_id IS NOT NULL AS merged, kind,
    (SELECT json_agg(json_build_object('id', side_id, 'from', "from", 'to', "to"))
      FROM actor_side WHERE actor_id = actor.id) AS sides,
    (SELECT json_agg(json_build_object('inId', in_id, 'role', role, 'from', "from", 'to', "to"))
      FROM affiliation WHERE actor_id = actor.id) AS offices,
    NULL::boolean AS proposition, NULL::int AS length, NULL::text AS published, NULL::json AS "end"
    FROM actor WHERE slug = ${anyOf(1)}
  UNION ALL
  SELECT 'topic', slug, id, withdrawal_reason IS NOT NULL, false, NULL, NULL, NULL, proposition IS NOT NULL, NULL, NULL, NULL
    FROM topic WHERE slug = ${anyOf(2)}
  UNION ALL
  SELECT 'source', slug, id, withdrawal_reason IS NOT NULL, false, NULL, NULL, NULL, NULL, length, published_on::text, NULL
    FROM source WHERE slug = ${anyOf(3)}
  UNION ALL
  SELECT 'event', slug, id, withdrawal_reason IS NOT NULL, false, NULL, NULL, NULL, NULL, NULL, NULL, NULL
    FROM event WHERE slug = ${anyOf(4)}`;

const FIND_STATEMENTS = `
  SELECT 'statement', slug, id, false, false, NULL, NULL, NULL, NULL, NULL, NULL, json_build_object('position', position::text,
      'said', json_build_object('edtf', said_edtf, 'earliest', said_earliest, 'latest', said_latest),
      'speakers', ARRAY(SELECT actor.slug FROM statement_speaker x JOIN actor ON actor.id = x.actor_id
        WHERE x.statement_id = statement.id))
    FROM statement WHERE slug = ${anyOf(5)}`;

/** Targets, and the position of the record in which they are found. */
const findSql = (found: string): string =>
  `SELECT found.*, (SELECT position FROM head) AS seen FROM (${found}) AS found`;
const FIND_TARGETS = findSql(FIND_NOUNS);
/** The same with statements. Most inputs link to none. */
const FIND_TARGETS_AND_STATEMENTS = findSql(`${FIND_NOUNS} UNION ALL ${FIND_STATEMENTS}`);

const NOUNS: readonly Noun[] = ['actor', 'topic', 'source', 'event', 'statement'];

const byNoun = <T>(make: () => T): Record<Noun, T> => ({
  actor: make(),
  topic: make(),
  source: make(),
  event: make(),
  statement: make(),
});

/** Targets that are known without a look-up. Statements are not kept, because they change. */
export interface KnownTargets {
  get(noun: Noun, slug: string): Target | undefined;
  set(noun: Noun, slug: string, target: Target): void;
}

/** Collects the slugs that inputs refer to, finds all of them with one SQL statement, and reports the unknown ones. */
export class References {
  readonly #slugs = byNoun(() => new Set<string>());
  readonly #requested: Reference[] = [];
  readonly #found = byNoun(() => new Map<string, Target>());
  /** The slugs of withdrawn entries, with their nouns. */
  readonly #withdrawn = new Set<string>();

  readonly #known: KnownTargets | null;

  /** @param known targets that are not looked up; null for none. */
  constructor(known: KnownTargets | null = null) {
    this.#known = known;
  }

  /** @param path its place in the input, for `faults`. A list of statements has thousands and reports its faults itself. */
  want(noun: Noun, slug: string, path?: InputPath): void {
    this.#slugs[noun].add(slug);
    if (path) this.#requested.push({ noun, slug, path });
  }

  async find(db: Queryable): Promise<void> {
    const [actor, topic, source, event, statement] = NOUNS.map((noun) => this.#unknown(noun));
    const slugs = [actor, topic, source, event];
    if ([...slugs, statement].every((list) => list?.length === 0)) return;
    const rows =
      statement?.length === 0
        ? await sqlOf(db).rows<TargetRow>(FIND_TARGETS, ...slugs)
        : await sqlOf(db).rows<TargetRow>(FIND_TARGETS_AND_STATEMENTS, ...slugs, statement);
    const merged = rows.filter((row) => row.merged).map(({ slug }) => slug);
    for (const row of rows) {
      if (row.merged) continue;
      if (row.withdrawn) {
        this.#withdrawn.add(`${row.noun} ${row.slug}`);
        continue;
      }
      const target: Target = {
        id: row.id,
        seen: row.seen,
        ...(row.kind !== null && {
          actor: { kind: row.kind, sides: row.sides ?? [], offices: row.offices ?? [] },
        }),
        ...(row.proposition !== null && { hasProposition: row.proposition }),
        ...(row.noun === 'source' && { length: row.length, publishedOn: row.published }),
        ...(row.end !== null && { linkEnd: row.end, position: row.end.position }),
      };
      this.#found[row.noun].set(row.slug, target);
      this.#known?.set(row.noun, row.slug, target);
    }
    if (merged.length > 0) await this.#findMerged(db, merged);
  }

  /** Finds the actors that former slugs lead to. */
  async #findMerged(db: Queryable, former: readonly string[]): Promise<void> {
    const redirects = await readRedirects(db, former);
    const present = new References(this.#known);
    for (const slug of redirects.values()) present.want('actor', slug);
    await present.find(db);
    for (const [slug, to] of redirects) {
      const target = present.get('actor', to);
      if (!target) continue;
      this.#found.actor.set(to, target);
      this.#found.actor.set(slug, { ...target, slug: to });
    }
  }

  /** The present slug of an actor that `find` has found; any other slug unchanged. */
  readonly presentSlug = (slug: string): string => this.get('actor', slug)?.slug ?? slug;

  /** The wanted slugs of a noun that must be looked up. */
  #unknown(noun: Noun): string[] {
    const slugs = [...this.#slugs[noun]];
    if (!this.#known) return slugs;
    return slugs.filter((slug) => {
      const target = this.#known?.get(noun, slug);
      if (target) this.#found[noun].set(slug, target);
      return target === undefined;
    });
  }

  /**
   * A list for the SQL that appends changes. Its first item says when the entries that it refers to were looked up, so that nothing is
   * written if one of them was withdrawn since.
   */
  withSeen<Item extends object>(items: readonly Item[]): (Item & { readonly seen?: string | undefined })[] {
    const positions = NOUNS.flatMap((noun) =>
      [...this.#found[noun].values()].flatMap(({ seen }) => seen ?? []),
    );
    if (positions.length === 0) return [...items];
    const seen = positions.reduce((first, position) => (position < first ? position : first));
    return items.map((item, i) => (i === 0 ? { ...item, seen: String(seen) } : item));
  }

  /** Announces an entry that will be in the record. An entry that `find` has found takes precedence. */
  expect(noun: Noun, slug: string, target: Omit<Target, 'id'> = {}): void {
    if (!this.get(noun, slug)) this.#found[noun].set(slug, { ...target, id: Number.NaN });
  }

  /** A fault for every reference with a path whose entry was not found. */
  faults(): Fault[] {
    return this.#requested
      .filter((wanted) => !this.get(wanted.noun, wanted.slug))
      .map(({ noun, slug, path }) => this.fault(noun, slug, path));
  }

  /** The fault of naming an entry that was not found. */
  fault(noun: Noun, slug: string, path: InputPath): Fault {
    const missing = `${noun} ${slug}`;
    if (this.#withdrawn.has(missing))
      return {
        path,
        message: `names the ${noun} “${slug}”, which was withdrawn. Save it to make it current again`,
      };
    return { path, message: `names the ${noun} “${slug}”, which the record does not have`, missing };
  }

  get(noun: Noun, slug: string): Target | undefined {
    return this.#found[noun].get(slug);
  }

  /** The id of an entry that `find` has found. Any other slug is a bug. */
  id(noun: Noun, slug: string): number {
    return this.found(noun, slug).id;
  }

  /** An entry that `find` has found. Any other slug is a bug. */
  found(noun: Noun, slug: string): Target {
    const target = this.get(noun, slug);
    if (!target) throw new Error(`reference to the ${noun} ${slug} was not checked`);
    return target;
  }
}
