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
import type { Misfit } from './chain.ts';

type Connection = Pick<pg.ClientBase, 'query'>;

/** How the rows of a noun are read in the shape of its input. */
interface Thing {
  readonly noun: 'actor' | 'topic' | 'source' | 'event';
  /** Page size. A source can be a megabyte. */
  readonly pageLength: number;
  /** JSON of the row `t` */
  readonly content: string;
  readonly digestOf: (content: never) => string;
  /** Checks columns that depend on the content. Returns a mismatch, or null. */
  readonly derived?: (content: never, row: ThingRow) => string | null;
}

interface ThingRow {
  readonly id: number;
  readonly slug: string;
  readonly content: never;
  readonly earliest?: string;
  readonly latest?: string;
}

/** The last change of a thing. */
interface LastChange {
  readonly id: number;
  readonly position: string;
  readonly contentDigest: string | null;
}

const THINGS: readonly Thing[] = [
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
export async function checkThings(connection: Connection): Promise<Misfit[]> {
  const misfits: Misfit[] = [];
  for (const thing of THINGS) {
    const lastChanges = await readLastChanges(connection, thing);
    for (let rows = await readPage(connection, thing, 0); rows.length > 0; ) {
      misfits.push(...rows.flatMap((row) => misfitOf(thing, row, lastChanges.get(row.id)) ?? []));
      rows = await readPage(connection, thing, (rows.at(-1) as ThingRow).id);
    }
  }
  return misfits;
}

async function readLastChanges(connection: Connection, { noun }: Thing): Promise<Map<number, LastChange>> {
  const { rows } = await connection.query<LastChange>(
    `SELECT DISTINCT ON (${noun}_id) ${noun}_id AS id, position::text, encode(content_digest, 'hex') AS "contentDigest"
     FROM change WHERE ${noun}_id IS NOT NULL ORDER BY ${noun}_id, change.position DESC`,
  );
  return new Map(rows.map((row) => [row.id, row]));
}

async function readPage(
  connection: Connection,
  { noun, pageLength, content }: Thing,
  after: number,
): Promise<ThingRow[]> {
  const days = noun === 'event' ? ', t.earliest::text, t.latest::text' : '';
  const { rows } = await connection.query<ThingRow>(
    `SELECT t.id, t.slug, json_strip_nulls(${content}) AS content${days}
     FROM ${noun} t WHERE t.id > $1 ORDER BY t.id LIMIT ${pageLength}`,
    [after],
  );
  return rows;
}

function misfitOf(
  { noun, digestOf, derived }: Thing,
  row: ThingRow,
  last: LastChange | undefined,
): Misfit | null {
  const name = `the ${noun} “${row.slug}”`;
  if (!last) return { position: null, what: `${name} was written by no change` };
  const position = BigInt(last.position);
  if (last.contentDigest !== null && digestOf(row.content) !== last.contentDigest) {
    return { position, what: `${name} is not what this change made of it` };
  }
  const fault = derived?.(row.content, row);
  return fault ? { position, what: `${name}: ${fault}` } : null;
}
