import { setImmediate } from 'node:timers/promises';
import type { Database } from '../../db/client.ts';
import type { Cancellation } from '../../db/pool/cancellation.ts';
import type { SubjectKind } from '../../log/addedSlugs.ts';
import type { Facets, SpanFacets } from '../../log/facets.ts';
import type { Catalog } from '../memory/catalog.ts';
import { SharedLoader } from '../memory/sharedLoader.ts';
import { readSlugs } from '../memory/slugs.ts';
import { query } from '../sql.ts';
import { basicConditions, type Condition } from './condition.ts';
import type { Names, TakeName } from './conditions/kind/kind.ts';
import { kindOf } from './conditions/kinds.ts';

/**
 * Maximum number of searches in one SQL statement. PostgreSQL needs about 15 ms for them if the statement is in English, and 70 ms in another
 * language.
 */
const SEARCHES_LENGTH_MAX = 2_000;

/** Maximum number of slugs in one SQL statement. What they stand for is taken in one turn of the event loop: some milliseconds. */
const SLUGS_LENGTH_MAX = 4_000;

/** Words to search for in a statement. */
interface Search {
  readonly facets: Facets & SpanFacets;
  readonly spansOf: number | null;
  readonly text: string;
}

/** The reads for matching changes, each kind with one SQL statement for all requests of the same tick. */
export class MatchLoaders {
  readonly #db: Database;
  readonly #catalog: Pick<Catalog, 'slugs' | 'tree'>;
  /** Slugs that are read next, and what they stand for. */
  readonly #wanted = new Map<SubjectKind, Set<string>>();
  #found: Promise<Names> | null = null;
  /** Feeds with the same search share its result. */
  readonly #searches = new Map<Search['facets'], Map<string, Search>>();
  readonly #matches: SharedLoader<Search, boolean>;

  /** @param meter measures the SQL of searches. */
  constructor(db: Database, catalog: Pick<Catalog, 'slugs' | 'tree'>, meter?: () => Cancellation) {
    this.#db = db;
    this.#catalog = catalog;
    this.#matches = new SharedLoader((wanted) => readMatches(db, wanted), SEARCHES_LENGTH_MAX, meter);
  }

  /** The ids of the slugs that a condition names. Where it includes subtopics, the tree of topics is loaded then, too. */
  async prepare(condition: Condition): Promise<Names> {
    const { slugs, tree } = this.#catalog;
    const names = newNames();
    let isComplete = true;
    let hasTree = true;
    eachName(condition, (kind, slug, below) => {
      hasTree &&= !below;
      const id = slugs.get(kind, slug)?.[0];
      if (id !== undefined) names[kind].set(slug, id);
      else {
        isComplete = false;
        this.#want(kind, slug);
      }
    });
    const [found] = await Promise.all([
      isComplete ? null : this.#found,
      hasTree ? null : tree.load(this.#db),
    ]);
    if (found) {
      eachName(condition, (kind, slug) => {
        const id = found[kind].get(slug);
        if (id !== undefined) names[kind].set(slug, id);
      });
    }
    return names;
  }

  /**
   * The searches that find a statement, and the time of SQL that they took.
   * @param spansOf id of the statement whose current spans count; null where the spans in the facets count, such as before a change.
   */
  async search(
    facets: Facets & SpanFacets,
    texts: readonly string[],
    spansOf: number | null,
  ): Promise<{ found: Set<string>; sqlMs: number }> {
    const results = await Promise.all(
      texts.map((text) => this.#matches.load(this.#search({ facets, text, spansOf }))),
    );
    return {
      found: new Set(texts.filter((_, i) => results[i]?.value)),
      sqlMs: results.reduce((sum, { sqlMs }) => sum + sqlMs, 0),
    };
  }

  /** The same object for the same search. */
  #search(wanted: Search): Search {
    const { facets, text } = wanted;
    const ofFacets = this.#searches.get(facets) ?? new Map<string, Search>();
    this.#searches.set(facets, ofFacets);
    const search = ofFacets.get(text) ?? wanted;
    ofFacets.set(text, search);
    return search;
  }

  /** Puts a slug on the list that is read after this turn of the event loop. One promise for each slug would take the memory of all of them. */
  #want(kind: SubjectKind, slug: string): void {
    if (this.#wanted.size === 0) {
      this.#found = setImmediate().then(() => {
        const wanted = new Map(this.#wanted);
        this.#wanted.clear();
        return this.#read(wanted);
      });
    }
    const slugs = this.#wanted.get(kind) ?? new Set();
    this.#wanted.set(kind, slugs.add(slug));
  }

  async #read(wanted: ReadonlyMap<SubjectKind, ReadonlySet<string>>): Promise<Names> {
    const { slugs: cache } = this.#catalog;
    const names = newNames();
    for (const [kind, all] of wanted) {
      const slugs = [...all];
      for (let start = 0; start < slugs.length; start += SLUGS_LENGTH_MAX) {
        const some = slugs.slice(start, start + SLUGS_LENGTH_MAX);
        const { version } = cache;
        const found = await readSlugs(this.#db, kind, some);
        for (const [i, ids] of found.entries()) {
          const slug = some[i] as string;
          if (ids.length > 0) cache.put(kind, slug, ids, version);
          if (ids[0] !== undefined) names[kind].set(slug, ids[0]);
        }
      }
    }
    return names;
  }
}

const newNames = () => ({
  actor: new Map<string, number>(),
  topic: new Map<string, number>(),
  source: new Map<string, number>(),
  event: new Map<string, number>(),
  collection: new Map<string, number>(),
});

/** Calls back for each slug of a condition. */
export function eachName(condition: Condition, take: TakeName): void {
  for (const basic of basicConditions(condition)) kindOf(basic).names?.(basic, take);
}

/** Each statement is parsed once, and each search once for each language of the statements, for any number of pairs. */
const MATCHES = `
  WITH given AS MATERIALIZED (
    SELECT item.n, item.text, item.quote, item.tag, coalesce(s.span_words, item.span_words) AS span_words,
      CASE WHEN s.span_words IS NULL THEN item.span_tag ELSE s.span_language END AS span_tag
    FROM unnest($1::text[], $2::text[], $3::text[], $7::int[], $8::text[], $9::text[])
      WITH ORDINALITY AS item (text, quote, tag, id, span_words, span_tag, n)
    LEFT JOIN statement s ON s.id = item.id),
  vector AS MATERIALIZED (
    SELECT n, CASE WHEN span_words IS NULL THEN search_vector(text, quote, tag)
        ELSE search_vector(text, quote, tag) || search_vector(NULL::text, span_words, span_tag) END AS words,
      array_remove(ARRAY[search_language(tag), nullif(search_language(span_tag), search_language(tag))], NULL) AS languages
    FROM given),
  pair AS MATERIALIZED (
    SELECT pair.n, vector.words, vector.languages, pair.search
    FROM unnest($5::int[], $6::int[]) WITH ORDINALITY AS pair (statement, search, n) JOIN vector ON vector.n = pair.statement),
  wanted AS MATERIALIZED (
    SELECT n, languages, CASE cardinality(languages)
      WHEN 0 THEN websearch_to_tsquery('readout_english', search_text(text))
      WHEN 1 THEN search_query_in(text, languages[1])
      ELSE search_query(text, languages) END AS words
    FROM unnest($4::text[]) WITH ORDINALITY AS search (text, n)
    JOIN (SELECT DISTINCT search, languages FROM pair) AS pair ON pair.search = n)
  SELECT pair.words @@ wanted.words AS found FROM pair JOIN wanted ON wanted.n = pair.search AND wanted.languages = pair.languages ORDER BY pair.n`;

async function readMatches(db: Database, pairs: readonly Search[]): Promise<boolean[]> {
  const [statements, texts] = [new Map<Search['facets'], number>(), new Map<string, number>()];
  const spansOf: (number | null)[] = [];
  for (const { facets, text, spansOf: id } of pairs) {
    if (!statements.has(facets)) {
      statements.set(facets, statements.size + 1);
      spansOf.push(id);
    }
    if (!texts.has(text)) texts.set(text, texts.size + 1);
  }
  const rows = await query<{ found: boolean }>(db, MATCHES, [
    [...statements.keys()].map(({ text }) => text),
    [...statements.keys()].map(({ quote }) => quote),
    [...statements.keys()].map(({ language }) => language),
    [...texts.keys()],
    pairs.map(({ facets }) => statements.get(facets)),
    pairs.map(({ text }) => texts.get(text)),
    spansOf,
    [...statements.keys()].map(({ spanWords = null }) => spanWords),
    [...statements.keys()].map(({ spanLanguage = null }) => spanLanguage),
  ]);
  return rows.map((row) => row.found);
}
