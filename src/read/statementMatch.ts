import DataLoader from 'dataloader';
import type { Database } from '../db/client.ts';
import type { Facets } from '../log/facets.ts';
import { Reads } from './batch.ts';
import { readSlugs, type SlugKind } from './slugs.ts';
import { query } from './sql.ts';
import type { Condition } from './statementFilter.ts';
import { isNever } from './statementSimplification.ts';

/** Reads that deciding on changes needs, each kind with one SQL statement for all that ask in the same tick. */
export class MatchLoaders {
  readonly #db: Database;
  readonly #ids = new Map<SlugKind, Reads<string, number[]>>();
  #searches: DataLoader<{ facets: Facets; search: string }, boolean> | undefined;

  constructor(db: Database) {
    this.#db = db;
  }

  async ids(kind: SlugKind, slugs: readonly string[]): Promise<Set<number>> {
    const known = this.#ids.get(kind);
    const reads = known ?? new Reads<string, number[]>((wanted) => readSlugs(this.#db, kind, wanted));
    if (!known) this.#ids.set(kind, reads);
    return new Set((await Promise.all(slugs.map((slug) => reads.load(slug)))).flat());
  }

  search(facets: Facets, search: string): Promise<boolean> {
    this.#searches ??= new DataLoader((wanted) => readMatches(this.#db, wanted), { cache: false });
    return this.#searches.load({ facets, search });
  }
}

async function readMatches(
  db: Database,
  wanted: readonly { facets: Facets; search: string }[],
): Promise<boolean[]> {
  const rows = await query<{ found: boolean }>(
    db,
    `SELECT to_tsvector('readout_english', text || ' ' || coalesce(quote, '')) @@ websearch_to_tsquery('readout_english', search) AS found
     FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS wanted (text, quote, search, n) ORDER BY n`,
    [
      wanted.map(({ facets }) => facets.text),
      wanted.map(({ facets }) => facets.quote),
      wanted.map(({ search }) => search),
    ],
  );
  return rows.map((row) => row.found);
}

/** Whether a statement, as the log describes it, meets a filter: at once, or after a search in its words. */
export type Matcher = (facets: Facets, loaders: MatchLoaders) => boolean | Promise<boolean>;

/**
 * Prepares a filter to decide in the process what `toSql` decides in PostgreSQL. Slugs and the topic tree are those
 * of now; prepare again when they change.
 */
export async function prepareMatcher(condition: Condition, loaders: MatchLoaders): Promise<Matcher> {
  switch (condition.type) {
    case 'current':
      return (facets) => facets.status === 'CURRENT';
    case 'actors': {
      const ids = await loaders.ids('actor', condition.slugs);
      const field = `${condition.role}Ids` as const;
      return (facets) => facets[field].some((id) => ids.has(id));
    }
    case 'topics': {
      const { slugs, subtopics } = condition;
      const ids = await loaders.ids(subtopics ? 'subtree' : 'topic', slugs);
      return (facets) => facets.topics.some((topic) => ids.has(topic.id));
    }
    case 'sources': {
      const ids = await loaders.ids('source', condition.slugs);
      return (facets) => ids.has(facets.sourceId);
    }
    case 'events': {
      const ids = await loaders.ids('event', condition.slugs);
      return (facets) => facets.eventIds.some((id) => ids.has(id));
    }
    case 'modes':
      return (facets) => condition.values.includes(facets.mode);
    case 'acts':
      return (facets) => condition.values.includes(facets.act);
    case 'stances':
      return (facets) =>
        facets.topics.some(({ stance }) => stance !== null && condition.values.includes(stance));
    case 'positions': {
      const wanted = await Promise.all(
        condition.positions.map(async ({ topic, stance }) => ({
          stance,
          ids: await loaders.ids('topic', [topic]),
        })),
      );
      return (facets) =>
        facets.topics.some((topic) =>
          wanted.some(({ ids, stance }) => stance === topic.stance && ids.has(topic.id)),
        );
    }
    case 'saidFrom':
      return (facets) => facets.latest >= condition.day;
    case 'saidTo':
      return (facets) => facets.earliest <= condition.day;
    case 'search':
      return (facets, at) => at.search(facets, condition.text);
    case 'not': {
      const inner = await prepareMatcher(condition.condition, loaders);
      return (facets, at) => {
        const met = inner(facets, at);
        return typeof met === 'boolean' ? !met : met.then((value) => !value);
      };
    }
    case 'all':
      return combine(await prepareAll(condition.conditions, loaders), false);
    case 'any':
      return combine(await prepareAll(condition.conditions, loaders), true);
  }
}

/** Conditions that need a search come last, so that one which decides without saves it. */
function prepareAll(conditions: readonly Condition[], loaders: MatchLoaders): Promise<Matcher[]> {
  const ordered = [...conditions].sort((a, b) => Number(needsSearch(a)) - Number(needsSearch(b)));
  return Promise.all(ordered.map((condition) => prepareMatcher(condition, loaders)));
}

function needsSearch(condition: Condition): boolean {
  if (condition.type === 'not') return needsSearch(condition.condition);
  if (condition.type === 'all' || condition.type === 'any') return condition.conditions.some(needsSearch);
  return condition.type === 'search';
}

/** True as soon as one matcher gives `decisive`, for `any`; false as soon as one gives it, for `all`. */
function combine(matchers: readonly Matcher[], decisive: boolean): Matcher {
  const from = (i: number, facets: Facets, at: MatchLoaders): boolean | Promise<boolean> => {
    for (let k = i; k < matchers.length; k += 1) {
      const met = (matchers[k] as Matcher)(facets, at);
      if (met === decisive) return decisive;
      if (typeof met !== 'boolean')
        return met.then((value) => (value === decisive ? decisive : from(k + 1, facets, at)));
    }
    return !decisive;
  };
  return (facets, at) => from(0, facets, at);
}

/** Whether the filter names things by slug, so that its matcher must be prepared anew when things are added. */
export function namesThings(condition: Condition): boolean {
  switch (condition.type) {
    case 'actors':
    case 'topics':
    case 'sources':
    case 'events':
    case 'positions':
      return true;
    case 'not':
      return namesThings(condition.condition);
    case 'all':
    case 'any':
      return condition.conditions.some(namesThings);
    default:
      return false;
  }
}

/**
 * Marks that a statement must carry to meet the filter: at least one of them, or null where that can't be said. They
 * find the few subscriptions that a change can concern among the many that it can't.
 */
export async function requiredMarks(
  condition: Condition,
  loaders: MatchLoaders,
): Promise<Set<string> | null> {
  switch (condition.type) {
    case 'all': {
      const marks = await Promise.all(condition.conditions.map((inner) => requiredMarks(inner, loaders)));
      return marks.filter((set) => set !== null).sort((a, b) => a.size - b.size)[0] ?? null;
    }
    case 'actors':
      return marked(condition.role, await loaders.ids('actor', condition.slugs));
    case 'topics':
      return marked('topic', await loaders.ids(condition.subtopics ? 'subtree' : 'topic', condition.slugs));
    case 'sources':
      return marked('source', await loaders.ids('source', condition.slugs));
    case 'events':
      return marked('event', await loaders.ids('event', condition.slugs));
    default:
      return isNever(condition) ? new Set() : null;
  }
}

function marked(prefix: string, ids: Set<number>): Set<string> {
  return new Set([...ids].map((id) => `${prefix} ${id}`));
}

/** The marks that a statement carries. */
export function marksOf(facets: Facets): string[] {
  return [
    ...facets.speakerIds.map((id) => `speaker ${id}`),
    ...facets.addresseeIds.map((id) => `addressee ${id}`),
    ...facets.attributedToIds.map((id) => `attributedTo ${id}`),
    ...facets.topics.map(({ id }) => `topic ${id}`),
    ...facets.eventIds.map((id) => `event ${id}`),
    `source ${facets.sourceId}`,
  ];
}
