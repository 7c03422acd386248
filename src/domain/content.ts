import { sha256 } from './anchor.ts';
import type { ActorInput, EventInput, SourceInput, StatementInput, TopicInput } from './input.ts';

/*
 * What a thing says, as its content digest covers it: the fields of its input with slugs, keys in alphabetical order,
 * nothing that is empty. The same is made of an input that is written and of rows that are read back. JSON leaves out what
 * is undefined.
 */

/** A statement in the shape of RecordStatementInput, without its `key`. */
export interface StatementContent
  extends Omit<StatementInput, 'key' | 'slug' | 'said'>,
    Partial<Record<'status' | 'retractionReason', string>> {
  readonly slug: string;
  /** EDTF */
  readonly said: string;
}
export type ActorContent = ActorInput & { readonly slug: string };
export type TopicContent = TopicInput & { readonly slug: string };
export type SourceContent = SourceInput & { readonly slug: string };
export type EventContent = Omit<EventInput, 'date'> & { readonly slug: string; readonly date: string };

const list = <T, Item>(items: readonly T[] | undefined, make: (item: T) => Item): Item[] | undefined =>
  items && items.length > 0 ? items.map(make) : undefined;
const same = <T>(item: T): T => item;
const orderOf = ({ kind, to }: { kind: string; to: string }): string => `${kind} ${to}`;

/** The content digest of a statement, in hexadecimal. Links have no order of their own: they stand by kind and slug. */
export function statementDigest(content: StatementContent): string {
  const links = list(content.links, ({ kind, to }) => ({ kind, to }));
  return digestOf({
    act: content.act,
    addressees: list(content.addressees, same),
    anchors: list(content.anchors, ({ digest, end, exact, start }) => ({ digest, end, exact, start })),
    attribution: list(content.attribution, ({ actor, form }) => ({ actor, form })),
    events: list(content.events, same),
    language: content.language,
    links: links?.sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1)),
    mode: content.mode,
    quote: content.quote,
    retractionReason: content.retractionReason,
    said: content.said,
    slug: content.slug,
    source: content.source,
    speakers: list(content.speakers, same),
    status: content.status,
    text: content.text,
    topics: list(content.topics, ({ stance, topic }) => ({ stance, topic })),
  });
}

/** The content digest of an actor, in hexadecimal. `metonym` stands only where it is true. */
export function actorDigest(content: ActorContent): string {
  return digestOf({
    affiliations: list(content.affiliations, (role) => ({
      from: role.from,
      in: role.in,
      role: role.role,
      to: role.to,
    })),
    aliases: list(content.aliases, ({ from, language, metonym, name, to }) => ({
      from,
      language,
      metonym: metonym || undefined,
      name,
      to,
    })),
    description: content.description,
    kind: content.kind,
    name: content.name,
    slug: content.slug,
  });
}

/** The content digest of a topic, in hexadecimal. */
export function topicDigest({ description, name, parent, proposition, slug }: TopicContent): string {
  return digestOf({ description, name, parent, proposition, slug });
}

/** The content digest of a source, in hexadecimal; of its text and what is known of it. */
export function sourceDigest(content: SourceContent): string {
  const { digest, language, length, publishedOn, publisher, slug, text, title, url } = content;
  return digestOf({ digest, language, length, publishedOn, publisher, slug, text, title, url });
}

/** The content digest of an event, in hexadecimal. */
export function eventDigest({ date, description, kind, name, participants, slug }: EventContent): string {
  return digestOf({ date, description, kind, name, participants: list(participants, same), slug });
}

const digestOf = (content: object): string => sha256(JSON.stringify(content));
