import type { InputPath } from '../base/errors.ts';
import { formatPath } from '../domain/input/fault.ts';
import { ENTRY_KINDS, type EntryKind, type ItemKind, type Omitted, type Place } from './item.ts';
import type { FoundActors } from './recognise/foundActors.ts';
import type { MentionsToReview } from './recognise/review.ts';

/** Refusals that a report names. Later ones are only counted there; the import sends an event for every refusal. @limit refusals */
export const REPORTED_REFUSALS_MAX = 1_000;

/** Kinds of omissions that a report names. @limit items */
export const REPORTED_OMISSIONS_MAX = 1_000;

/** What became of the entries of one kind. */
export interface EntryCounts {
  added: number;
  /** The record has it with the same content. */
  unchanged: number;
  changed: number;
  refused: number;
  /** The collection has it, and the import does not. */
  gone: number;
}

/** Why a line or row was refused. One with several faults has several refusals. */
export interface Refusal extends Place {
  readonly kind: ItemKind | 'unread';
  /** `topics[0].stance`; empty for the whole entry. */
  readonly path: string;
  readonly reason: string;
}

/** Parts of entries for which the record has no field. */
export interface Omission extends Place {
  /** In the plural: “portraits”. */
  readonly what: string;
  readonly count: number;
}

/** Anchors of sources that got another text, which were not placed in it. */
export interface OutdatedAnchors {
  readonly anchors: number;
  readonly sources: number;
  /** Slug of one of the sources. */
  readonly source: string;
}

/** What an import did, or would do as a dry run. */
export interface ImportReport {
  readonly dryRun: boolean;
  /** Whether the import wrote what `entries` counts. A dry run writes nothing, and neither does an atomic import that is not right. */
  readonly written: boolean;
  /** Slug of the collection; null for none. */
  readonly collection: string | null;
  /** Whether `gone` was counted: for a collection, where all of the input was read and nothing was refused. */
  readonly compared: boolean;
  /** Whether all of the input was read. To complete an interrupted import, run it again. */
  readonly complete: boolean;
  /** The last line or row that an import handled before it was interrupted. Absent where it is complete, or has handled none. */
  readonly stoppedAt?: Place;
  readonly entries: Readonly<Record<EntryKind, Readonly<EntryCounts>>>;
  /** Lines and rows that were refused, with those that could not be read. */
  readonly refused: number;
  /** The first refusals. */
  readonly refusals: readonly Refusal[];
  /** Changes of a history: those that were restored now, and those that the record had. Undefined for other imports. */
  readonly history?: { readonly written: number; readonly kept: number };
  /** What readers left out of the entries that they took, with the place of the first one. */
  readonly omissions: readonly Omission[];
  /** Speakers who were not identified for certain. Absent where an import recognises none. */
  readonly unresolved?: MentionsToReview;
  /** Actors that were found by name or office alone. Absent where an import recognises none. */
  readonly found?: FoundActors;
  /** Anchors that must be placed in the new texts of their sources. Absent without such anchors. */
  readonly outdated?: OutdatedAnchors;
}

const newCounts = (): EntryCounts => ({ added: 0, unchanged: 0, changed: 0, refused: 0, gone: 0 });

/** Counts the results of entries while an import runs. */
export class Tally {
  readonly entries = Object.fromEntries(ENTRY_KINDS.map((kind) => [kind, newCounts()])) as Record<
    EntryKind,
    EntryCounts
  >;
  readonly #refusals: Refusal[] = [];
  readonly #omissions = new Map<string, Omission>();
  readonly #onRefusal: (refusal: Refusal) => void;
  /** Refused lines and rows. */
  refused = 0;

  /** @param onRefusal called with every refusal. */
  constructor(onRefusal: (refusal: Refusal) => void = () => undefined) {
    this.#onRefusal = onRefusal;
  }

  count(kind: EntryKind, what: Exclude<keyof EntryCounts, 'refused'>, entries = 1): void {
    this.entries[kind][what] += entries;
  }

  /** Counts a line or row as refused, for these faults. */
  refuse(
    kind: Refusal['kind'],
    { file, line }: Place,
    faults: readonly { readonly path: InputPath; readonly message: string }[],
  ): void {
    this.refused += 1;
    if (isEntryKind(kind)) this.entries[kind].refused += 1;
    for (const { path, message } of faults) {
      const refusal = { kind, file, line, path: formatPath(path), reason: message };
      if (this.#refusals.length < REPORTED_REFUSALS_MAX) this.#refusals.push(refusal);
      this.#onRefusal(refusal);
    }
  }

  /** Adds up what readers of several files left out. */
  omit({ what, count, place }: Omitted): void {
    const known = this.#omissions.get(what);
    if (known) this.#omissions.set(what, { ...known, count: known.count + count });
    else if (this.#omissions.size < REPORTED_OMISSIONS_MAX)
      this.#omissions.set(what, { ...place, what, count });
  }

  report(about: Pick<ImportReport, 'dryRun' | 'collection' | 'compared' | 'complete'>): ImportReport {
    return {
      ...about,
      written: !about.dryRun,
      entries: structuredClone(this.entries),
      refused: this.refused,
      refusals: [...this.#refusals],
      omissions: [...this.#omissions.values()],
    };
  }
}

const isEntryKind = (kind: string): kind is EntryKind => (ENTRY_KINDS as readonly string[]).includes(kind);
