import type pg from 'pg';
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
import { parseFuzzyDate } from '../domain/input/date.ts';
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
    content: `json_build_object('slug', t.slug, 'name', t.name, 'kind', t.kind, 'description', t.description,
      'aliases', (SELECT json_agg(json_build_object('name', name, 'language', language, 'metonym', metonym,
        'from', "from", 'to', "to") ORDER BY ordinal) FROM actor_alias WHERE actor_id = t.id),
      'affiliations', (SELECT json_agg(json_build_object('in', other.slug, 'role', role, 'from', "from", 'to', "to")
        ORDER BY ordinal) FROM affiliation LEFT JOIN actor other ON other.id = in_id WHERE actor_id = t.id))`,
    digestOf: (content: ActorContent) => actorDigest(content),
  },
  {
    noun: 'topic',
    pageLength: 200,
    content: `json_build_object('slug', t.slug, 'name', t.name, 'description', t.description, 'proposition', t.proposition,
      'parent', (SELECT slug FROM topic WHERE id = t.parent_id))`,
    digestOf: (content: TopicContent) => topicDigest(content),
  },
  {
    noun: 'source',
    pageLength: 10,
    content: `json_build_object('slug', t.slug, 'title', t.title, 'url', t.url, 'publishedOn', t.published_on,
      'publisher', (SELECT slug FROM actor WHERE id = t.publisher_id), 'language', t.language, 'digest', t.digest,
      'length', t.length, 'text', t.text)`,
    digestOf: (content: SourceContent) => sourceDigest(content),
  },
  {
    noun: 'event',
    pageLength: 200,
    content: `json_build_object('slug', t.slug, 'name', t.name, 'kind', t.kind, 'description', t.description, 'date', t.edtf,
      'participants', (SELECT json_agg(actor.slug ORDER BY ordinal) FROM event_participant
        LEFT JOIN actor ON actor.id = actor_id WHERE event_id = t.id))`,
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
