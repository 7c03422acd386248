import type { Stance, StatementAct, StatementMode, StatementStatus } from '../db/generated/enums.ts';

/**
 * The part of a statement that filters read, as it was at one moment. The log keeps it with every change of a statement, so that
 * a subscription decides by the log alone, and a replay decides as the live stream did.
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
  /** First and last day it can have been said on, `YYYY-MM-DD`. */
  readonly earliest: string;
  readonly latest: string;
  /** What full-text search looks in. */
  readonly text: string;
  readonly quote: string | null;
}

/** `before` is null for an addition. */
export interface FacetsChange {
  readonly before: Facets | null;
  readonly after: Facets;
}

/*
 * Versions. Entries of the log are never rewritten, so an entry keeps the facets that were known when it was written, with their
 * version; without one, it is 1. A facet that was added later is read from the record for older entries: every statement as it was is
 * still there, in the first revision after the entry, or else in the statement itself. A revision copies the facets before it from the log, with
 * their version. To add a facet `language` is to add it to `Facets`, to `facetsOf`, and here:
 *
 *   language: { version: 2, row: 's.language', revision: `r.content ->> 'language'` }
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
export interface LaterFacet {
  readonly version: number;
  /** SQL for it, of the statement `s`. */
  readonly row: string;
  /** SQL for it, of the revision `r`, whose content has the shape of RecordStatementInput. */
  readonly revision: string;
}
export const LATER_FACETS: Readonly<Record<Exclude<keyof Facets, FirstFacet>, LaterFacet>> = {};

/** Facets as the log keeps them. */
export type RecordedFacets = Partial<Facets> & { readonly version?: number };

/** The version of facets that are written now. */
export function facetsVersion(): number {
  return Math.max(1, ...Object.values<LaterFacet>(LATER_FACETS).map(({ version }) => version));
}

/** Whether facets of this version have the facet. */
export function isRecorded(name: string, { version = 1 }: RecordedFacets): boolean {
  const later: Readonly<Record<string, LaterFacet>> = LATER_FACETS;
  return (later[name]?.version ?? 1) <= version;
}

/** A statement in the shape of its input, with its date parsed. */
export interface FacetsInput {
  readonly mode: StatementMode;
  readonly act: StatementAct;
  readonly source: string;
  readonly speakers: readonly string[];
  readonly addressees?: readonly string[] | undefined;
  readonly attribution?: readonly { readonly actor: string }[] | undefined;
  readonly topics?: readonly { readonly topic: string; readonly stance?: Stance | undefined }[] | undefined;
  readonly events?: readonly string[] | undefined;
  readonly said: { readonly earliest: string; readonly latest: string };
  readonly text: string;
  readonly quote?: string | undefined;
}

/** The facets of a current statement. */
export function facetsOf(
  input: FacetsInput,
  idOf: (noun: 'actor' | 'topic' | 'source' | 'event', slug: string) => number,
): Facets & RecordedFacets {
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
    earliest: input.said.earliest,
    latest: input.said.latest,
    text: input.text,
    quote: input.quote ?? null,
  };
}

/** SQL for the facets of the change `c`, with those that it was recorded without. */
export function facetsSql(): string {
  const later = Object.entries<LaterFacet>(LATER_FACETS);
  if (later.length === 0) return 'c.facets';
  const listed = (sqlOf: (facet: LaterFacet) => string): string =>
    `jsonb_build_object(${later.map(([name, facet]) => `'${name}', ${sqlOf(facet)}`).join(', ')})`;
  const complete = (facets: string, following: string): string => `
    CASE WHEN coalesce((${facets} ->> 'version')::int, 1) >= ${facetsVersion()} THEN ${facets} ELSE (
      SELECT CASE WHEN r.content IS NULL THEN ${listed(({ row }) => row)} ELSE ${listed(({ revision }) => revision)} END
      FROM statement s LEFT JOIN LATERAL (
        SELECT content FROM revision WHERE statement_id = s.id AND position ${following} c.position
        ORDER BY number LIMIT 1) r ON true
      WHERE s.id = c.statement_id) || (${facets}) END`;
  return `CASE WHEN c.facets IS NOT NULL THEN jsonb_build_object(
    'before', CASE WHEN c.facets ->> 'before' IS NOT NULL THEN ${complete(`c.facets -> 'before'`, '>=')} END,
    'after', ${complete(`c.facets -> 'after'`, '>')}) END`;
}
