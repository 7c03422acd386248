import type pg from 'pg';
import { ACTOR_CONTENT } from '../domain/actor.ts';
import {
  type ActorContent,
  actorDigest,
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
import type { Mismatch } from './chain.ts';

type PgClient = Pick<pg.ClientBase, 'query'>;

/** How the rows of a noun are read in the shape of its input. */
interface NounTable {
  readonly noun: 'actor' | 'topic' | 'source' | 'event';
  /** Page size. A source can be a megabyte. */
  readonly pageLength: number;
  /** JSON of the row `t` */
  readonly content: string;
  readonly digestOf: (content: never) => string;
  /** Checks columns that depend on the content. Returns a mismatch, or null. */
  readonly derived?: (content: never, row: NounRow) => string | null;
}

interface NounRow {
  readonly id: number;
  readonly slug: string;
  readonly content: never;
  readonly earliest?: string;
  readonly latest?: string;
}

/** The last change of an entry. */
interface LastChange {
  readonly id: number;
  readonly position: string;
  readonly contentDigest: string | null;
}

const NOUN_TABLES: readonly NounTable[] = [
  {
    noun: 'actor',
    pageLength: 200,
    content: ACTOR_CONTENT,
    digestOf: (content: ActorContent) => actorDigest(content),
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
];

/** Actors, topics, sources and events whose content differs from what their last change wrote. */
export async function checkNouns(client: PgClient): Promise<Mismatch[]> {
  const mismatches: Mismatch[] = [];
  for (const table of NOUN_TABLES) {
    const lastChanges = await readLastChanges(client, table);
    for (let rows = await readPage(client, table, 0); rows.length > 0; ) {
      mismatches.push(...rows.flatMap((row) => mismatchOf(table, row, lastChanges.get(row.id)) ?? []));
      rows = await readPage(client, table, (rows.at(-1) as NounRow).id);
    }
  }
  return mismatches;
}

async function readLastChanges(client: PgClient, { noun }: NounTable): Promise<Map<number, LastChange>> {
  const { rows } = await client.query<LastChange>(
    `SELECT DISTINCT ON (${noun}_id) ${noun}_id AS id, position::text, encode(content_digest, 'hex') AS "contentDigest"
     FROM change WHERE ${noun}_id IS NOT NULL ORDER BY ${noun}_id, change.position DESC`,
  );
  return new Map(rows.map((row) => [row.id, row]));
}

async function readPage(
  client: PgClient,
  { noun, pageLength, content }: NounTable,
  after: number,
): Promise<NounRow[]> {
  const days = noun === 'event' ? ', t.earliest::text, t.latest::text' : '';
  const { rows } = await client.query<NounRow>(
    `SELECT t.id, t.slug, json_strip_nulls(${content}) AS content${days}
     FROM ${noun} t WHERE t.id > $1 ORDER BY t.id LIMIT ${pageLength}`,
    [after],
  );
  return rows;
}

function mismatchOf(
  { noun, digestOf, derived }: NounTable,
  row: NounRow,
  last: LastChange | undefined,
): Mismatch | null {
  const name = `the ${noun} “${row.slug}”`;
  if (!last) return { position: null, what: `${name} was written by no change` };
  const position = BigInt(last.position);
  if (last.contentDigest !== null && digestOf(row.content) !== last.contentDigest) {
    return { position, what: `${name} differs from what this change wrote` };
  }
  const fault = derived?.(row.content, row);
  return fault ? { position, what: `${name}: ${fault}` } : null;
}
