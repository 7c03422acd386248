import { hash } from 'node:crypto';
import type { ActorInput, CollectionInput, EventInput, SourceInput, TopicInput } from './input/noun.ts';
import type { StatementInput } from './input/statement.ts';

/** A statement in the shape of RecordStatementInput, without its `key`. */
export interface StatementContent
  extends Omit<StatementInput, 'key' | 'slug' | 'said'>,
    Partial<Record<'status' | 'retractionReason', string>> {
  readonly slug: string;
  /** EDTF */
  readonly said: string;
}
type WithTexts<Part> = Omit<Part, 'from' | 'to'> & {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
};
/** Dates are EDTF. */
export type ActorContent = Omit<ActorInput, 'aliases' | 'affiliations'> & {
  readonly slug: string;
  readonly aliases?: readonly WithTexts<NonNullable<ActorInput['aliases']>[number]>[] | undefined;
  readonly affiliations?: readonly WithTexts<NonNullable<ActorInput['affiliations']>[number]>[] | undefined;
};
export type TopicContent = TopicInput & { readonly slug: string };
export type SourceContent = SourceInput & { readonly slug: string };
export type CollectionContent = CollectionInput & { readonly slug: string };
export type EventContent = Omit<EventInput, 'date'> & { readonly slug: string; readonly date: string };

const orderOf = ({ kind, to }: { kind: string; to: string }): string => `${kind} ${to}`;

/*
 * Content digests in hexadecimal: SHA-256 of an entry in the shape of its input, with slugs. An input and the rows that were
 * written from it have the same digest.
 */

/** Digest of a statement. Links are a set, so they are sorted by kind and slug. */
export function statementDigest(content: StatementContent): string {
  const { links } = content;
  if (!links || links.length < 2) return digestOf(content);
  return digestOf({ ...content, links: [...links].sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1)) });
}

/** Digest of an actor. A `metonym` that is false is left out. */
export function actorDigest(content: ActorContent): string {
  const aliases = content.aliases?.map((alias) => ({ ...alias, metonym: alias.metonym || undefined }));
  return digestOf({ ...content, aliases });
}

export const topicDigest = (content: TopicContent): string => digestOf(content);

/** Digest of a source, with its text if it has one. */
export const sourceDigest = (content: SourceContent): string => digestOf(content);

export const eventDigest = (content: EventContent): string => digestOf(content);

export const collectionDigest = (content: CollectionContent): string => digestOf(content);

const digestOf = (content: object): string => hash('sha256', canonicalJson(content), 'hex');

/** Whether a digest leaves a value out. */
const isEmpty = (value: unknown): boolean =>
  value === undefined || (Array.isArray(value) && value.length === 0);

/** Whether two values of a field are the same content. Empty values are compared first, because most are empty. */
export const isSame = (a: unknown, b: unknown): boolean =>
  isEmpty(a) || isEmpty(b) ? isEmpty(a) === isEmpty(b) : canonicalJson({ a }) === canonicalJson({ a: b });

/** JSON with sorted keys and without empty values, so that equal content gives equal text. */
export const canonicalJson = (content: object): string => JSON.stringify(ordered(content));

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  const content = value as Record<string, unknown>;
  const sorted: Record<string, unknown> = {};
  for (const key of Object.keys(content).sort()) {
    if (!isEmpty(content[key])) sorted[key] = ordered(content[key]);
  }
  return sorted;
}
