import type { InputPath } from '../base/errors.ts';

/** The kinds of entry that an import can have, in the order in which they come. */
export const ENTRY_KINDS = ['actor', 'topic', 'source', 'event', 'statement'] as const;
export type EntryKind = (typeof ENTRY_KINDS)[number];

/**
 * The kinds of line of Readout JSONL beside `unread`: a header first, names that stand for actors, collections, the entries, and the changes
 * of a history. docs/import.md describes them.
 */
export const ITEM_KINDS = ['header', 'map', 'collection', ...ENTRY_KINDS, 'change'] as const;
export type ItemKind = (typeof ITEM_KINDS)[number];

/** Where an item comes from. */
export interface Place {
  /** Name of the file, for messages. */
  readonly file: string;
  /** Line or row, from 1. */
  readonly line: number;
}

/** An item whose line or row has more characters says how many. */
export const LONG_ITEM_LENGTH_MIN = 1_024;

/** Where an item comes from, and what it takes. */
interface Origin {
  readonly place: Place;
  /** Characters of its line or row, beyond `LONG_ITEM_LENGTH_MIN`. They bound what is held at a time. */
  readonly length?: number;
}

/** What a reader makes of a line or row of a file: an entry in the shape of its input, unchecked. */
export interface ImportItem extends Origin {
  readonly kind: ItemKind;
  readonly value: unknown;
  /** Slug of the collection that an entry belongs to; null for none. Left out for that of the import. */
  readonly collection?: string | null;
  /** The words of the mentions of a statement whose actors the import has found. The file does not say who is meant by them. */
  readonly recognised?: readonly string[];
}

/** A line or row that the reader could not read. It is counted as refused. */
export interface Unread extends Origin {
  readonly kind: 'unread';
  /** The part that is at fault; empty for the whole line. */
  readonly path: InputPath;
  /** Why, and what to do: “is not JSON”. It follows the path in messages. */
  readonly reason: string;
}

/** A part of entries for which the record has no field, such as portraits. The report counts it. Its place is that of the first one. */
export interface Omitted extends Origin {
  readonly kind: 'omitted';
  /** In the plural: “portraits”. */
  readonly what: string;
  readonly count: number;
}

export type Item = ImportItem | Unread | Omitted;

/** What a reader yields. The consumer sets the pace: a reader holds a line and one piece of its file. */
export type ItemSource = AsyncIterable<Item>;

export interface ReadOptions {
  /** Name of the file, for messages. */
  readonly file: string;
  /** Whether the record keeps the texts of sources that the file has, because their licence allows it. Default: false. */
  readonly keepText?: boolean;
}

/** Reads the items of a file. */
export type ItemReader = (bytes: AsyncIterable<Uint8Array>, options: ReadOptions) => ItemSource;
