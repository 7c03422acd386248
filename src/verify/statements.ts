import { isDeepStrictEqual } from 'node:util';
import type pg from 'pg';
import type { ChangeKind } from '../db/generated/enums.ts';
import { type StatementContent, statementDigest } from '../domain/content.ts';
import { parseFuzzyDate } from '../domain/input/date.ts';
import { STATEMENT_CONTENT } from '../domain/statement/content.ts';
import { type Facets, type FacetsChange, facetsOf, isRecorded, type OwnFacets } from '../log/facets.ts';
import { groupBy } from '../read/group.ts';
import type { Mismatch } from './chain.ts';

type PgClient = Pick<pg.ClientBase, 'query'>;

const PAGE_LENGTH = 200;

interface StoredStatement {
  readonly id: number;
  readonly slug: string;
  readonly content: StatementContent;
  readonly status: 'CURRENT' | 'RETRACTED';
  readonly retractionReason: string | null;
  readonly recordedAt: Date;
  readonly addedPosition: string;
  readonly position: string;
  readonly earliest: string;
  readonly latest: string;
  readonly collectionId: number | null;
  /** Whether its rows in other tables have the same days and status. */
  readonly repeated: boolean;
  /** Whether its givers are those that follow from its speakers, hops and `onBehalfOf`. */
  readonly giversFollow: boolean;
}

interface ChangeRow {
  readonly statementId: number;
  readonly position: string;
  readonly kind: ChangeKind;
  readonly at: Date;
  readonly by: string;
  readonly facets: FacetsChange;
  readonly contentDigest: string | null;
}

interface RevisionRow {
  readonly statementId: number;
  readonly content: StatementContent;
  readonly position: string;
  readonly at: Date;
  readonly by: string;
}

/** Statements in the order of their ids, and what belongs to them. */
interface Page {
  readonly statements: readonly StoredStatement[];
  readonly changes: ReadonlyMap<number, readonly ChangeRow[]>;
  readonly revisions: ReadonlyMap<number, readonly RevisionRow[]>;
}

/** Tables whose rows repeat the days and status of their statement. */
const REPEATING = [
  'statement_speaker',
  'statement_addressee',
  'statement_topic',
  'statement_event',
  'attribution',
  'statement_giver',
];

const GIVERS = `ARRAY(SELECT (actor_id, for_id) FROM statement_giver WHERE statement_id = s.id ORDER BY 1)`;
const actorsOf = (table: string): string =>
  `ARRAY(SELECT actor_id FROM ${table} WHERE statement_id = s.id ORDER BY ordinal)`;
const DERIVED_GIVERS = `ARRAY(SELECT (actor_id, for_id) FROM givers_of(
  ${['statement_speaker', 'attribution', 'statement_behalf'].map(actorsOf).join(', ')}) ORDER BY 1)`;

/** These queries have names, so that PostgreSQL plans each once and not for every page. */
const READ_STATEMENTS = {
  name: 'verify statements',
  text: `
  SELECT s.id, s.slug, ${STATEMENT_CONTENT} AS content, s.status::text, s.retraction_reason AS "retractionReason",
    s.recorded_at AS "recordedAt", s.added_position::text AS "addedPosition", s.position::text, s.said_earliest::text AS earliest,
    s.said_latest::text AS latest, s.collection_id AS "collectionId", NOT EXISTS (${REPEATING.map(
      (table) => `SELECT FROM ${table} part WHERE part.statement_id = s.id
        AND (part.said_earliest, part.said_latest, part.status) IS DISTINCT FROM (s.said_earliest, s.said_latest, s.status)`,
    ).join(' UNION ALL ')}) AS repeated, ${GIVERS} = ${DERIVED_GIVERS} AS "giversFollow"
  FROM statement s LEFT JOIN source ON source.id = s.source_id WHERE s.id > $1 ORDER BY s.id LIMIT ${PAGE_LENGTH}`,
};
const READ_CHANGES = {
  name: 'verify changes',
  text: `
  SELECT statement_id AS "statementId", position::text, kind::text, at, by, facets,
    encode(content_digest, 'hex') AS "contentDigest"
  FROM change WHERE statement_id = ANY ($1::int[]) ORDER BY change.position`,
};
const READ_REVISIONS = {
  name: 'verify revisions',
  text: `
  SELECT statement_id AS "statementId", content, position::text, at, by
  FROM revision WHERE statement_id = ANY ($1::int[]) ORDER BY number`,
};

/** Ids by slug, for the references of facets. */
type IdsBySlug = Readonly<Record<'actor' | 'topic' | 'source' | 'event', ReadonlyMap<string, number>>>;

/** Statements and revisions whose content differs from what their changes wrote. */
export async function checkStatements(
  client: PgClient,
  onProgress: (checked: number) => void,
): Promise<Mismatch[]> {
  const idsBySlug: IdsBySlug = {
    actor: await readIds(client, 'actor'),
    topic: await readIds(client, 'topic'),
    source: await readIds(client, 'source'),
    event: await readIds(client, 'event'),
  };
  const mismatches: Mismatch[] = [];
  for (let after = 0, checked = 0; ; ) {
    const page = await readPage(client, after);
    const last = page.statements.at(-1);
    if (!last) return mismatches;
    after = last.id;
    checked += page.statements.length;
    mismatches.push(...checkPage(page, idsBySlug));
    onProgress(checked);
  }
}

async function readPage(client: PgClient, after: number): Promise<Page> {
  const statements = (await client.query<StoredStatement>({ ...READ_STATEMENTS, values: [after] })).rows;
  const ids = statements.map(({ id }) => id);
  const changes = await client.query<ChangeRow>({ ...READ_CHANGES, values: [ids] });
  const revisions = await client.query<RevisionRow>({ ...READ_REVISIONS, values: [ids] });
  const idOf = ({ statementId }: { readonly statementId: number }) => statementId;
  return { statements, changes: groupBy(changes.rows, idOf), revisions: groupBy(revisions.rows, idOf) };
}

async function readIds(client: PgClient, noun: keyof IdsBySlug): Promise<Map<string, number>> {
  const { rows } = await client.query<{ id: number; slug: string }>(`SELECT id, slug FROM ${noun}`);
  return new Map(rows.map(({ id, slug }) => [slug, id]));
}

function checkPage({ statements, changes, revisions }: Page, idsBySlug: IdsBySlug): Mismatch[] {
  return statements.flatMap((statement) => {
    const { id, slug } = statement;
    const mismatch = mismatchOf(statement, changes.get(id) ?? [], revisions.get(id) ?? [], idsBySlug);
    return mismatch ? [{ ...mismatch, fault: `the statement “${slug}”: ${mismatch.fault}` }] : [];
  });
}

/** Facets before a change, as those after the last change have them: spans can get words without a change of the statement. */
function withoutSpans(before: FacetsChange['before']): Facets | null {
  if (!before) return before;
  const { spanWords: _words, spanLanguage: _language, ...facets } = before;
  return facets;
}

/** The first change of a statement that does not match its rows. */
function mismatchOf(
  statement: StoredStatement,
  changes: readonly ChangeRow[],
  revisions: readonly RevisionRow[],
  idsBySlug: IdsBySlug,
): Mismatch | null {
  let version = 0;
  let before: Facets | null = null;
  for (const change of changes) {
    const what = (): string | null => {
      if (change.kind !== 'STATEMENT_RETRACTED' && change !== changes[0]) {
        const fault = revisionFault(revisions[version], change);
        if (fault) return fault;
        version += 1;
      }
      const former = revisions[version];
      const content = contentAfter(change, statement, former);
      if (change.contentDigest !== null && statementDigest(content) !== change.contentDigest) {
        return former
          ? 'its revision differs from what this change wrote'
          : 'it differs from what this change wrote';
      }
      if (!isDeepStrictEqual(withoutSpans(change.facets.before), before))
        return 'its facets before differ from those after the last change';
      const { after } = change.facets;
      const isLast = change === changes.at(-1);
      if (isLast && isRecorded('collectionId', after) && after.collectionId !== statement.collectionId)
        return 'it belongs to another collection than its facets say';
      const field = facetsFault(after, content, idsBySlug);
      return field && `its facets differ from its content in ${field}`;
    };
    const fault = what();
    if (fault) return { position: BigInt(change.position), fault };
    before = change.facets.after;
  }
  const last = changes.at(-1);
  const fault =
    rowFault(statement, changes[0], last) ??
    (revisions.length > version ? 'it has one revision too many' : null);
  return fault ? { position: last ? BigInt(last.position) : null, fault } : null;
}

/** The content of a statement after one of its changes; `former` is the revision that holds it. */
function contentAfter(
  { kind }: ChangeRow,
  { content, retractionReason }: StoredStatement,
  former: RevisionRow | undefined,
): StatementContent {
  // A revision of a retracted statement has its retraction, too.
  const { status: _, retractionReason: formerReason, ...plain } = former?.content ?? content;
  if (kind !== 'STATEMENT_RETRACTED') return plain;
  return { ...plain, status: 'RETRACTED', retractionReason: formerReason ?? retractionReason ?? '' };
}

function revisionFault(revision: RevisionRow | undefined, { position, at, by }: ChangeRow): string | null {
  if (!revision) return 'its former content is not in its revisions';
  return revision.position === position && revision.at.getTime() === at.getTime() && revision.by === by
    ? null
    : 'its revision has another position, time or recorder';
}

/** The first mismatch between a statement's row and its changes. */
function rowFault(
  row: StoredStatement,
  first: ChangeRow | undefined,
  last: ChangeRow | undefined,
): string | null {
  if (!first || !last) return 'no change wrote it';
  if (first.kind !== 'STATEMENT_ADDED' || row.addedPosition !== first.position)
    return 'the position of its addition is not that of its first change';
  if (row.position !== last.position)
    return `its position is ${row.position}, and its last change is at ${last.position}`;
  if (first.contentDigest !== null && row.recordedAt.getTime() !== first.at.getTime())
    return 'its time is not that of its first change';
  const isRetracted = last.kind === 'STATEMENT_RETRACTED';
  if (row.status !== (isRetracted ? 'RETRACTED' : 'CURRENT')) return `its status is ${row.status}`;
  const { earliest, latest } = parseFuzzyDate(row.content.said);
  if (row.earliest !== earliest || row.latest !== latest) return 'its days are not those of its date';
  if (!row.repeated) return 'rows that belong to it have other days or another status';
  return row.giversFollow ? null : 'its givers are not those of its speakers and attribution';
}

/** The name of a facet that differs from the content. */
function facetsFault(facets: Facets, content: StatementContent, idsBySlug: IdsBySlug): string | null {
  // The facets that follow from the actors are those of the day of the change, which nothing else keeps.
  const wanted: OwnFacets = {
    ...facetsOf(
      { ...content, said: parseFuzzyDate(content.said) },
      (noun, slug) => idsBySlug[noun].get(slug) ?? Number.NaN,
    ),
    status: content.status === 'RETRACTED' ? 'RETRACTED' : 'CURRENT',
  };
  const comparable = (of: OwnFacets) => ({ ...of, attributedToIds: [...of.attributedToIds].sort() });
  const [given, expected] = [comparable(facets), comparable(wanted)];
  const names = Object.keys(expected) as (keyof OwnFacets | 'version')[];
  const wrong = names.find(
    (name) =>
      name !== 'version' && isRecorded(name, facets) && !isDeepStrictEqual(given[name], expected[name]),
  );
  return wrong ?? null;
}
