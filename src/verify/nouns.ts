import type pg from 'pg';
import { ACTOR_CONTENT } from '../domain/actor.ts';
import { COLLECTION_CONTENT } from '../domain/collection.ts';
import {
  type ActorContent,
  actorDigest,
  type CollectionContent,
  collectionDigest,
  type EventContent,
  eventDigest,
  type SourceContent,
  sourceDigest,
  type TopicContent,
  topicDigest,
} from '../domain/content.ts';
import { EVENT_CONTENT } from '../domain/event.ts';
import { parseFuzzyDate } from '../domain/input/date.ts';
import { SOURCE_CONTENT } from '../domain/source.ts';
import { TOPIC_CONTENT } from '../domain/topic.ts';
import type { EntryNoun } from '../log/append.ts';
import { groupBy } from '../read/group.ts';
import type { Mismatch } from './chain.ts';

type PgClient = Pick<pg.ClientBase, 'query'>;

/** How the rows of a noun are read in the shape of its input. */
interface NounTable {
  readonly noun: EntryNoun;
  /** Page size. A source can be a megabyte. */
  readonly pageLength: number;
  /** JSON of the row `t` */
  readonly content: string;
  readonly digestOf: (content: never) => string;
  /** Checks columns that depend on the content. Returns a fault, or null. */
  readonly derived?: (content: never, row: NounRow) => string | null;
}

interface NounRow {
  readonly id: number;
  readonly slug: string;
  readonly position: string;
  readonly content: never;
  readonly earliest?: string;
  readonly latest?: string;
  /** Of aliases and affiliations: date in EDTF and the day beside it, of beginnings and of ends. */
  readonly dates?: readonly (readonly [string | null, string | null, string | null, string | null])[] | null;
  /** Of actors: whether their sides are those that follow from the affiliations. */
  readonly sidesFollow?: boolean;
}

interface EntryChange {
  readonly id: number;
  readonly position: string;
  readonly kind: string;
  readonly at: Date;
  readonly by: string;
  readonly contentDigest: string | null;
}

/** A former version of an entry. */
interface EntryRevision {
  readonly id: number;
  readonly number: number;
  readonly position: string;
  readonly at: Date;
  readonly by: string;
  readonly content: never;
}

const NOUN_TABLES: readonly NounTable[] = [
  {
    noun: 'actor',
    pageLength: 200,
    content: ACTOR_CONTENT,
    digestOf: (content: ActorContent) => actorDigest(content),
    derived: (_, { dates, sidesFollow }) => {
      const isRight = (dates ?? []).every(
        ([from, earliest, to, latest]) =>
          (from === null || parseFuzzyDate(from).earliest === earliest) &&
          (to === null || parseFuzzyDate(to).latest === latest),
      );
      if (!isRight) return 'its days are not those of its dates';
      return sidesFollow ? null : 'its sides are not those of its affiliations';
    },
  },
  {
    noun: 'topic',
    pageLength: 200,
    content: TOPIC_CONTENT,
    digestOf: (content: TopicContent) => topicDigest(content),
  },
  {
    noun: 'source',
    pageLength: 10,
    content: SOURCE_CONTENT,
    digestOf: (content: SourceContent) => sourceDigest(content),
  },
  {
    noun: 'event',
    pageLength: 200,
    content: EVENT_CONTENT,
    digestOf: (content: EventContent) => eventDigest(content),
    derived: ({ date }: EventContent, row) => {
      const { earliest, latest } = parseFuzzyDate(date);
      return earliest === row.earliest && latest === row.latest ? null : 'its days are not those of its date';
    },
  },
  {
    noun: 'collection',
    pageLength: 10,
    content: COLLECTION_CONTENT,
    digestOf: (content: CollectionContent) => collectionDigest(content),
  },
];

const DATED_PART = `SELECT actor_id, from_edtf, "from", to_edtf, "to"`;
const SIDE = '(ordinal, side_id, "from", "to")';
/** Columns that depend on the content. */
const DAYS: Readonly<Partial<Record<NounTable['noun'], string>>> = {
  event: ', t.earliest::text, t.latest::text',
  actor: `, (SELECT json_agg(json_build_array(from_edtf, "from", to_edtf, "to"))
    FROM (${DATED_PART} FROM actor_alias UNION ALL ${DATED_PART} FROM affiliation) AS part WHERE actor_id = t.id) AS dates,
    ARRAY(SELECT ${SIDE} FROM actor_side WHERE actor_id = t.id ORDER BY 1)
      = ARRAY(SELECT ${SIDE} FROM sides_of(ARRAY[t.id]) ORDER BY 1) AS "sidesFollow"`,
};

/** Actors, topics, sources, events and collections, and their revisions, whose content differs from what their changes wrote. */
export async function checkNouns(client: PgClient): Promise<Mismatch[]> {
  const mismatches: Mismatch[] = [];
  for (const table of NOUN_TABLES) {
    const changes = await readChanges(client, table);
    for (let rows = await readPage(client, table, 0); rows.length > 0; ) {
      const ids = rows.map(({ id }) => id);
      const revisions = groupBy(await readRevisions(client, table, ids), ({ id }) => id);
      for (const row of rows) {
        const mismatch = mismatchOf(table, row, changes.get(row.id) ?? [], revisions.get(row.id) ?? []);
        if (mismatch) mismatches.push(mismatch);
      }
      rows = await readPage(client, table, ids.at(-1) as number);
    }
  }
  return mismatches;
}

/** The changes of each entry, oldest first. */
async function readChanges(client: PgClient, { noun }: NounTable): Promise<Map<number, EntryChange[]>> {
  const { rows } = await client.query<EntryChange>(
    `SELECT ${noun}_id AS id, position::text, kind::text, at, by, encode(content_digest, 'hex') AS "contentDigest"
     FROM change WHERE ${noun}_id IS NOT NULL ORDER BY change.position`,
  );
  return groupBy(rows, ({ id }) => id);
}

async function readRevisions(
  client: PgClient,
  { noun }: NounTable,
  ids: readonly number[],
): Promise<EntryRevision[]> {
  const { rows } = await client.query<EntryRevision>(
    `SELECT ${noun}_id AS id, number, position::text, at, by, content
     FROM ${noun}_revision WHERE ${noun}_id = ANY ($1::int[]) ORDER BY ${noun}_id, number`,
    [ids],
  );
  return rows;
}

async function readPage(
  client: PgClient,
  { noun, pageLength, content }: NounTable,
  after: number,
): Promise<NounRow[]> {
  const days = DAYS[noun] ?? '';
  const { rows } = await client.query<NounRow>(
    `SELECT t.id, t.slug, t.position::text, json_strip_nulls(${content}) AS content${days}
     FROM ${noun} t WHERE t.id > $1 ORDER BY t.id LIMIT ${pageLength}`,
    [after],
  );
  return rows;
}

function mismatchOf(
  table: NounTable,
  row: NounRow,
  changes: readonly EntryChange[],
  revisions: readonly EntryRevision[],
): Mismatch | null {
  const { noun, digestOf, derived } = table;
  const name = `the ${noun} “${row.slug}”`;
  const last = changes.at(-1);
  if (!last) return { position: null, fault: `no change wrote ${name}` };
  const position = BigInt(last.position);
  if (last.contentDigest !== null && digestOf(row.content) !== last.contentDigest) {
    return { position, fault: `${name} differs from what this change wrote` };
  }
  const former = revisionMismatch(table, changes, revisions);
  if (former) return { ...former, fault: `${name}: ${former.fault}` };
  if (row.position !== '0' && !changes.some((change) => change.position === row.position))
    return {
      position,
      fault: `${name}: its row has position ${row.position}, which none of its changes has`,
    };
  const fault = derived?.(row.content, row);
  return fault ? { position, fault: `${name}: ${fault}` } : null;
}

/**
 * The first change whose former content is not the revision that it has. Changes that are older than the first revision may lack theirs: a
 * former version of the service kept none.
 */
function revisionMismatch(
  { digestOf }: NounTable,
  changes: readonly EntryChange[],
  revisions: readonly EntryRevision[],
): Mismatch | null {
  const first = changes.findIndex(({ position }) => position === revisions[0]?.position);
  const kept = new Set(revisions.map(({ position }) => position));
  // A change without a content digest was not written by the service, so it kept no former version.
  const expected = (first < 0 ? [] : changes.slice(first)).filter(
    ({ position, contentDigest }) => contentDigest !== null || kept.has(position),
  );
  const count = Math.max(expected.length, revisions.length);
  for (let i = 0; i < count; i += 1) {
    const change = expected[i];
    const revision = revisions[i];
    const at = BigInt((change ?? revision)?.position ?? 0);
    if (!revision) return { position: at, fault: 'its former content is not in its revisions' };
    if (!change || first === 0) return { position: at, fault: 'it has one revision too many' };
    const { position, by, number } = revision;
    const isSame =
      position === change.position &&
      by === change.by &&
      number === i + 1 &&
      revision.at.getTime() === change.at.getTime();
    if (!isSame)
      return { position: at, fault: 'its revision has another number, position, time or recorder' };
    const written = changes[changes.indexOf(change) - 1]?.contentDigest ?? null;
    if (written !== null && digestOf(revision.content) !== written)
      return { position: at, fault: 'the revision that this change replaced differs from what was written' };
  }
  return null;
}
