import { COLLECTION } from '../domain/collection.ts';
import type { ContentSql } from '../domain/save/former.ts';
import { STATEMENT_CONTENT } from '../domain/statement/content.ts';
import type { EntryFields } from '../import/cells.ts';
import { JSONL_VERSION } from '../import/read/jsonl.ts';
import { type ChainLink, readChain } from '../log/chain.ts';
import { writeCollection } from './collection.ts';
import { placeOf } from './content.ts';
import { NOUN_CONTENTS } from './nouns.ts';
import type { RecordSnapshot } from './snapshot.ts';
import { writeStatement } from './statements.ts';

const PAGE_LENGTH = 200;
/** Changes of sources that are read together. Each can have a text of a megabyte. */
const SOURCES_PER_RUN = 4;

/** What a change wrote, beside the fields that its digest covers directly. */
interface Written {
  readonly position: string;
  /** In the shape of its input; null for a retraction or withdrawal, which has a reason. */
  readonly content: EntryFields | null;
  readonly reason: string | null;
  /** Slug of the actor that a withdrawn actor was merged into. */
  readonly mergedInto?: string | null;
  /** Slug of the collection that an entry belongs to which was added, or has become current again. */
  readonly collection: string | null;
  /** Whether a statement was retracted with its collection; null if not. */
  readonly withCollection?: true | null;
  readonly key?: string | null;
  readonly inputDigest?: string | null;
}

/**
 * $1 positions of changes. What statements were after them: the first revision after a change holds it, or else the statement. A
 * retraction is followed by a revision only if the statement was made current again.
 */
const READ_STATEMENTS = `
  SELECT c.position::text,
    CASE WHEN c.kind <> 'STATEMENT_RETRACTED' THEN coalesce((later.content - 'status' - 'retractionReason')::json, ${STATEMENT_CONTENT}) END AS content,
    CASE WHEN c.kind = 'STATEMENT_RETRACTED' THEN coalesce(later.content ->> 'retractionReason', s.retraction_reason) END AS reason,
    nullif(c.kind = 'STATEMENT_RETRACTED' AND (later.content IS NOT NULL OR s.is_reinstatable), false) AS "withCollection",
    CASE WHEN c.kind = 'STATEMENT_ADDED' THEN s.key END AS key,
    CASE WHEN c.kind = 'STATEMENT_ADDED' THEN s.input_digest END AS "inputDigest",
    CASE WHEN c.kind = 'STATEMENT_ADDED' OR c.facets #>> '{before,status}' = 'RETRACTED' THEN (
      SELECT slug FROM collection WHERE id = (c.facets #>> '{after,collectionId}')::int) END AS collection
  FROM change c JOIN statement s ON s.id = c.statement_id JOIN source ON source.id = s.source_id
  LEFT JOIN LATERAL (
    SELECT r.content FROM revision r WHERE r.statement_id = s.id AND r.position > c.position ORDER BY r.number LIMIT 1) AS later ON true
  WHERE c.position = ANY ($1::bigint[])`;

/**
 * SQL of whether a change has made the entry `t` of a noun current again. A revision holds the entry as it was before a change.
 * @param position a condition on the position of the change: `= c.position`.
 */
const madeCurrentSql = (noun: string, position: string): string => `EXISTS (
  SELECT FROM ${noun}_revision r WHERE r.${noun}_id = t.id AND r.position ${position} AND r.content ? 'withdrawalReason')`;

/**
 * The same for another noun. An entry belongs to the collection that added it, or that made it current again after a withdrawal. The record
 * knows the last one only, which can be younger than the changes before. Its content has the reason of a withdrawal.
 */
const readNounSql = ({ noun, contentSql }: Pick<ContentSql, 'noun' | 'contentSql'>): string => `
  SELECT position, CASE WHEN content ->> 'withdrawalReason' IS NULL THEN content END AS content,
    content ->> 'withdrawalReason' AS reason, content ->> 'mergedInto' AS "mergedInto", collection
  FROM (
    SELECT c.position::text, coalesce(
        (SELECT r.content::json FROM ${noun}_revision r WHERE r.${noun}_id = t.id AND r.position > c.position ORDER BY r.number LIMIT 1),
        json_strip_nulls(${contentSql})) AS content,
      ${
        noun === 'collection'
          ? 'NULL'
          : `(SELECT slug FROM collection WHERE id = t.collection_id
          AND (c.kind::text LIKE '%_ADDED' OR ${madeCurrentSql(noun, '= c.position')})
          AND NOT ${madeCurrentSql(noun, '> c.position')})`
      } AS collection
    FROM change c JOIN ${noun} t ON t.id = c.${noun}_id WHERE c.position = ANY ($1::bigint[])) AS written`;

interface Subject {
  readonly noun: string;
  readonly sql: string;
  readonly write: (content: EntryFields) => EntryFields;
}

const SUBJECTS: readonly Subject[] = [
  { noun: 'statement', sql: READ_STATEMENTS, write: writeStatement },
  ...NOUN_CONTENTS.map((rules) => ({ noun: rules.noun, sql: readNounSql(rules), write: rules.write })),
  { noun: COLLECTION.noun, sql: readNounSql(COLLECTION), write: writeCollection },
];

/**
 * The whole history of the record as Readout JSONL, in pieces of whole lines: every change in order, with what it wrote. A restore of it
 * gives the same chain of digests.
 */
export async function* historyLines(snapshot: RecordSnapshot): AsyncGenerator<string> {
  const { head, connection } = snapshot;
  const header = { readout: JSONL_VERSION, content: 'history', ...placeOf(snapshot), genesis: head.genesis };
  yield `${JSON.stringify(header)}\n`;
  let after = 0n;
  while (after < head.position) {
    const links = await snapshot.measure(() => readChain(connection, after, head.position, PAGE_LENGTH));
    const last = links.at(-1);
    if (!last) break;
    after = BigInt(last.position);
    for (const run of runsOf(links)) {
      snapshot.rows += run.length;
      yield await linesOf(snapshot, run);
    }
  }
}

/** Splits a list so that few sources are in memory together. */
function* runsOf(links: readonly ChainLink[]): Generator<ChainLink[]> {
  let run: ChainLink[] = [];
  let sources = 0;
  for (const link of links) {
    run.push(link);
    if (link.noun === 'source') sources += 1;
    if (sources < SOURCES_PER_RUN) continue;
    yield run;
    run = [];
    sources = 0;
  }
  if (run.length > 0) yield run;
}

async function linesOf(snapshot: RecordSnapshot, links: readonly ChainLink[]): Promise<string> {
  const written = new Map<string, Written>();
  for (const { noun, sql, write } of SUBJECTS) {
    const positions = links.filter((link) => link.noun === noun).map(({ position }) => position);
    if (positions.length === 0) continue;
    const rows = await snapshot.query<Written>(sql, [positions], `export history of ${noun}`);
    for (const { content, ...row } of rows)
      written.set(row.position, { ...row, content: content && write(content) });
  }
  return links.map((link) => lineOf(link, written.get(link.position))).join('');
}

function lineOf(link: ChainLink, written: Written | undefined): string {
  if (!written) throw new Error(`the subject of change ${link.position} was not found`);
  const { key, inputDigest, collection, withCollection, reason, mergedInto, content } = written;
  const { why, ...chained } = link;
  const change = {
    ...chained,
    ...(why != null && { why }),
    ...(key != null && { key }),
    ...(inputDigest != null && { inputDigest }),
    ...(collection != null && { collection }),
    ...(withCollection != null && { withCollection }),
    ...(reason != null && { reason }),
    ...(mergedInto != null && { mergedInto }),
    ...(content && { content }),
  };
  return `${JSON.stringify({ change })}\n`;
}
