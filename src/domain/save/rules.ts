import type { z } from 'zod';
import type { InputPath } from '../../base/errors.ts';
import type { Transaction } from '../../db/sql.ts';
import type { Fault } from '../input/fault.ts';
import type { Warning } from '../warning.ts';
import type { Content, ContentSql, Former } from './former.ts';

/** A change of an entry, unchecked: a field that is left out or undefined stays as it is, and null clears it. */
export type Patch = Readonly<Record<string, unknown>>;

/** An entry that a save writes. */
export interface SavedEntry<Input> {
  /** Its place in the request. */
  readonly path: InputPath;
  /** Of a new entry, reserved for it; NaN in a dry run. */
  readonly id: number;
  readonly slug: string;
  readonly input: Input;
  readonly content: Content;
  /** Null for a new entry. */
  readonly former: Former | null;
  /** Id of the collection that it belongs to, if it is new; null for none. */
  readonly collectionId: number | null;
  /** Names of the fields that differ from the former content. */
  readonly changed: readonly string[];
}

/** The id of an entry that the record or the list has. */
export type IdOf = (noun: 'actor' | 'topic', slug: string) => number;

/** How the entries of one noun are checked and written. Paths of faults begin with `input`. */
export interface NounRules<Input> extends ContentSql {
  /** The form of a whole entry. */
  readonly shape: z.ZodObject & z.ZodType<Input>;
  /** The field from which a slug is made. */
  readonly named: 'name' | 'title';
  /** Names by which search finds an entry. Null: search finds none of this noun. */
  readonly namesOf: ((input: Input) => readonly string[]) | null;
  /** The fields of the former content that stay with this patch. Default: all that the patch does not give. */
  readonly keep?: (former: Patch, given: Patch) => Patch;
  readonly visitReferences: (
    input: Partial<Input>,
    path: InputPath,
    want: (noun: 'actor' | 'topic', slug: string, path: InputPath) => void,
  ) => void;
  readonly contentOf: (input: Input, slug: string) => Content;
  readonly digestOf: (content: never) => string;
  /** Faults of an entry beside those of its form and references. */
  readonly faults?: (input: Input, slug: string) => Fault[];
  readonly warnings?: (input: Input) => readonly Warning[];
  /** Checks the entries against the rest of the record. @throws ReadoutError */
  readonly check?: (tx: Transaction, entries: readonly SavedEntry<Input>[]) => Promise<void>;
  /** Writes the rows of the entries. */
  readonly write: (tx: Transaction, entries: readonly SavedEntry<Input>[], idOf: IdOf) => Promise<void>;
}
