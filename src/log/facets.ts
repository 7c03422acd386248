import type {
  LinkKind,
  Stance,
  StatementAct,
  StatementMode,
  StatementStatus,
} from '../db/generated/enums.ts';

/**
 * The part of a statement that filters read, as it was at one moment. The log keeps it with every change of a statement. So a
 * subscription needs only the log to decide, and a replay decides as the live stream did.
 */
export interface Facets {
  readonly status: StatementStatus;
  readonly mode: StatementMode;
  readonly act: StatementAct;
  readonly sourceId: number;
  readonly speakerIds: readonly number[];
  readonly addresseeIds: readonly number[];
  readonly attributedToIds: readonly number[];
  readonly topics: readonly { readonly id: number; readonly stance: Stance | null }[];
  readonly eventIds: readonly number[];
  /** Whom the speakers spoke on behalf of. */
  readonly behalfIds: readonly number[];
  readonly giverIds: readonly number[];
  /** Whom the givers speak for: on behalf of it, as itself, or as an actor that belonged to it on that day. */
  readonly sideIds: readonly number[];
  /** The affiliations of the speakers on that day. */
  readonly offices: readonly { readonly inId: number; readonly role: string }[];
  /** The kinds of its links to earlier statements, each once. */
  readonly linkKinds: readonly LinkKind[];
  /** The kinds of the links to it from later statements, each once. Recording such a link does not change this statement. */
  readonly linkedFromKinds: readonly LinkKind[];
  /** First and last day it can have been said on, `YYYY-MM-DD`. */
  readonly earliest: string;
  readonly latest: string;
  /** What full-text search looks in. */
  readonly text: string | null;
  readonly quote: string | null;
  /** Language tag of the quote. Search looks for other forms of its words. */
  readonly language: string | null;
  readonly coder: string | null;
  /** From 0 to 1. */
  readonly confidence: number | null;
  /** Whether it has a mention without an actor. */
  readonly unresolved: boolean;
  /** The collection that added it; null for none. A revision keeps it. */
  readonly collectionId: number | null;
}

/**
 * The words of the spans of a statement, in the kept text of its source, before a change. Those after the change are read from the
 * statement itself: a text can be attached or removed without a change of its statements.
 */
export interface SpanFacets {
  readonly spanWords?: string;
  /** Their language tag. */
  readonly spanLanguage?: string;
}

/** The facets that follow from the actors, as they are known when the statement is written. */
export type GiverFacets = Pick<Facets, 'giverIds' | 'sideIds' | 'offices'>;
/** The facets that follow from the statement alone. */
export type OwnFacets = Omit<Facets, keyof GiverFacets | 'linkedFromKinds' | 'collectionId'>;

/** `before` is null for an addition. */
export interface FacetsChange {
  readonly before: (Facets & SpanFacets) | null;
  readonly after: Facets;
}

/*
 * Versions. Entries of the log are never rewritten, so an entry keeps the facets that were known when it was written, with their
 * version; without one, it is 1. A facet that was added later is read from the record for older entries: every statement as it was is
 * still there, in the first revision after the entry, or else in the statement itself. A revision copies the facets before it from the log, with
 * their version. To add a facet is to add it to `Facets`, to `facetsOf`, and to `LATER_FACETS`.
 * The facets that an entry does have are `f.facets`.
 */

/** The facets that every entry has. */
type FirstFacet =
  | 'status'
  | 'mode'
  | 'act'
  | 'sourceId'
  | 'speakerIds'
  | 'addresseeIds'
  | 'attributedToIds'
  | 'topics'
  | 'eventIds'
  | 'earliest'
  | 'latest'
  | 'text'
  | 'quote';

/** A facet that entries before its version do not have. */
interface LaterFacet {
  readonly version: number;
  /** SQL for it, of the statement `s`. */
  readonly row: string;
  /** SQL for it, of the revision `r`, whose content has the shape of RecordStatementInput. */
  readonly revision: string;
}

const DAYS_OVERLAP = `("from" <= (f.facets ->> 'latest')::date) IS NOT FALSE AND ("to" >= (f.facets ->> 'earliest')::date) IS NOT FALSE`;
const SPEAKERS = `ARRAY(SELECT id::int FROM jsonb_array_elements_text(f.facets -> 'speakerIds') AS speaker (id))`;
const HOPS_OF_ROW = 'ARRAY(SELECT actor_id FROM attribution WHERE statement_id = s.id ORDER BY ordinal)';
const HOPS_OF_REVISION = `ARRAY(SELECT actor.id FROM jsonb_array_elements(r.content -> 'attribution') WITH ORDINALITY AS hop (j, n)
  JOIN actor ON actor.slug = hop.j ->> 'actor' ORDER BY n)`;
const listOf = (item: string, from: string): string =>
  `(SELECT coalesce(jsonb_agg(DISTINCT ${item}), '[]') FROM ${from})`;
const giversOf = (hops: string): string => listOf('actor_id', `givers_of(${SPEAKERS}, ${hops}, NULL)`);
const sidesOf = (hops: string): string =>
  listOf(
    'side.id',
    `givers_of(${SPEAKERS}, ${hops}, NULL) AS giver CROSS JOIN LATERAL (
    SELECT giver.for_id AS id UNION SELECT side_id FROM actor_side WHERE actor_id = giver.for_id AND ${DAYS_OVERLAP}) AS side`,
  );
const OFFICES = listOf(
  `jsonb_build_object('inId', in_id, 'role', role)`,
  `affiliation WHERE actor_id = ANY (${SPEAKERS}) AND ${DAYS_OVERLAP}`,
);
const LINKED_FROM = listOf(
  'kind',
  'statement_link JOIN statement later ON later.id = from_id WHERE to_id = s.id AND later.added_position < c.position',
);

export const LATER_FACETS: Readonly<Record<Exclude<keyof Facets, FirstFacet>, LaterFacet>> = {
  // No statement had these before.
  behalfIds: { version: 2, row: `'[]'::jsonb`, revision: `'[]'::jsonb` },
  giverIds: { version: 2, row: giversOf(HOPS_OF_ROW), revision: giversOf(HOPS_OF_REVISION) },
  sideIds: { version: 2, row: sidesOf(HOPS_OF_ROW), revision: sidesOf(HOPS_OF_REVISION) },
  offices: { version: 2, row: OFFICES, revision: OFFICES },
  linkKinds: {
    version: 2,
    row: listOf('kind', 'statement_link WHERE from_id = s.id'),
    revision: listOf(`j -> 'kind'`, `jsonb_array_elements(r.content -> 'links') AS link (j)`),
  },
  // Links that a later revision of the other statement added are not distinguished.
  linkedFromKinds: { version: 2, row: LINKED_FROM, revision: LINKED_FROM },
  language: { version: 3, row: 's.language', revision: `r.content ->> 'language'` },
  // No statement had one before.
  collectionId: { version: 4, row: 'NULL::int', revision: 'NULL::int' },
  // No statement had these before.
  coder: { version: 5, row: 'NULL::text', revision: 'NULL::text' },
  confidence: { version: 5, row: 'NULL::float8', revision: 'NULL::float8' },
  unresolved: { version: 5, row: 'false', revision: 'false' },
};

/** Facets as the log keeps them. */
export type RecordedFacets = Partial<Facets> & SpanFacets & { readonly version?: number };

/** The version of facets that are written now. */
export function facetsVersion(): number {
  return Object.values<LaterFacet>(LATER_FACETS).reduce((max, { version }) => Math.max(max, version), 1);
}

/** Whether facets of this version have the facet. */
export function isRecorded(name: string, { version = 1 }: RecordedFacets): boolean {
  const later: Readonly<Record<string, LaterFacet>> = LATER_FACETS;
  return (later[name]?.version ?? 1) <= version;
}

/** A statement in the shape of its input, with its date parsed. */
interface FacetsInput {
  readonly mode: StatementMode;
  readonly act: StatementAct;
  readonly source: string;
  readonly speakers: readonly string[];
  readonly addressees?: readonly string[] | undefined;
  readonly attribution?: readonly { readonly actor: string }[] | undefined;
  readonly topics?: readonly { readonly topic: string; readonly stance?: Stance | undefined }[] | undefined;
  readonly events?: readonly string[] | undefined;
  readonly onBehalfOf?: readonly string[] | undefined;
  readonly links?: readonly { readonly kind: LinkKind }[] | undefined;
  readonly said: { readonly earliest: string; readonly latest: string };
  readonly text?: string | undefined;
  readonly quote?: string | undefined;
  readonly language?: string | undefined;
  readonly coder?: string | undefined;
  readonly confidence?: number | undefined;
  readonly mentions?: readonly { readonly actor?: string | undefined }[] | undefined;
}

/** The facets of a current statement that follow from its content. */
export function facetsOf(
  input: FacetsInput,
  idOf: (noun: 'actor' | 'topic' | 'source' | 'event', slug: string) => number,
): OwnFacets & RecordedFacets {
  const actor = (slug: string): number => idOf('actor', slug);
  return {
    version: facetsVersion(),
    status: 'CURRENT',
    mode: input.mode,
    act: input.act,
    sourceId: idOf('source', input.source),
    speakerIds: input.speakers.map(actor),
    addresseeIds: (input.addressees ?? []).map(actor),
    attributedToIds: [...new Set((input.attribution ?? []).map((hop) => actor(hop.actor)))],
    topics: (input.topics ?? []).map(({ topic, stance }) => ({
      id: idOf('topic', topic),
      stance: stance ?? null,
    })),
    eventIds: (input.events ?? []).map((slug) => idOf('event', slug)),
    behalfIds: (input.onBehalfOf ?? []).map(actor),
    linkKinds: [...new Set((input.links ?? []).map(({ kind }) => kind))].sort(),
    earliest: input.said.earliest,
    latest: input.said.latest,
    text: input.text ?? null,
    quote: input.quote ?? null,
    language: input.language ?? null,
    coder: input.coder ?? null,
    confidence: input.confidence ?? null,
    unresolved: (input.mentions ?? []).some(({ actor }) => actor === undefined),
  };
}

/** The version of the facets of a change. Those before a change are not newer than those after it. */
export function versionOf({ before, after }: FacetsChange): number {
  const { version = 1 }: RecordedFacets = before ?? after;
  return version;
}

/** SQL for the facets of the change `c`, with those that it was recorded without. */
export function facetsSql(): string {
  const later = Object.entries<LaterFacet>(LATER_FACETS);
  const isCurrent = (facets: string): string =>
    `coalesce((${facets} ->> 'version')::int, 1) >= ${facetsVersion()}`;
  const listed = (sqlOf: (facet: LaterFacet) => string): string =>
    `jsonb_build_object(${later.map(([name, facet]) => `'${name}', ${sqlOf(facet)}`).join(', ')})`;
  const complete = (facets: string, following: string): string => `
    CASE WHEN ${isCurrent(facets)} THEN ${facets} ELSE (
      SELECT CASE WHEN r.content IS NULL THEN ${listed(({ row }) => row)} ELSE ${listed(({ revision }) => revision)} END
      FROM (SELECT ${facets} AS facets) AS f JOIN statement s ON s.id = c.statement_id LEFT JOIN LATERAL (
        SELECT content FROM revision WHERE statement_id = s.id AND position ${following} c.position
        ORDER BY number LIMIT 1) r ON true) || (${facets}) END`;
  return `CASE WHEN c.facets IS NOT NULL THEN jsonb_build_object(
    'before', CASE WHEN c.facets ->> 'before' IS NOT NULL THEN ${complete(`(c.facets -> 'before')`, '>=')} END,
    'after', ${complete(`(c.facets -> 'after')`, '>')}) END`;
}
