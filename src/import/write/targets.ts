import { LRUCache } from 'lru-cache';
import { ReadoutError } from '../../base/errors.ts';
import { sha256 } from '../../domain/anchor.ts';
import type { KnownTargets, Noun, Target } from '../../domain/input/reference.ts';
import type { ContentPlace } from './contentFile.ts';

/** Entries of the record that an import keeps in memory. */
const CACHE_LENGTH_MAX = 20_000;
/** How long such an entry is used before it is read again: it can change meanwhile. */
const CACHE_MS = 1_000;
/** Precision of that time: the cache reads the clock, and sets a timer, only this often. */
const CACHE_RESOLUTION_MS = 100;
/**
 * Memory for the new and changed entries of a dry run, or of the check of an atomic import: 1,500,000 statements, or 250,000 other entries.
 * Beyond it LIMIT_EXCEEDED.
 * @limit bytes
 */
export const IMPORT_REMEMBERED_BYTES_MAX = 100_663_296;
/** Estimated bytes of a remembered statement, and of another entry. */
const STATEMENT_BYTES = 64;
const NOUN_BYTES = 384;

/** What the entries of an import refer to: those of the record, and in a dry run those of the import itself. */
export class Targets implements KnownTargets {
  readonly #cache = new LRUCache<string, Target>({
    ...{ max: CACHE_LENGTH_MAX, ttl: CACHE_MS, ttlResolution: CACHE_RESOLUTION_MS },
  });
  readonly #remembered = new Map<string, { readonly target: Target; readonly content: ContentPlace }>();
  /** By the fingerprint of its slug or key: the fingerprint of the content of a statement. */
  readonly #statements = new Map<number, number>();
  /** Ids of the statements that a dry run would change. */
  readonly changedStatements = new Set<number>();
  #bytes = 0;

  get(noun: Noun, slug: string): Target | undefined {
    if (noun === 'statement') return this.#contentOf(slug) === undefined ? undefined : { id: Number.NaN };
    const name = `${noun} ${slug}`;
    return this.#remembered.get(name)?.target ?? this.#cache.get(name);
  }

  set(noun: Noun, slug: string, target: Target): void {
    if (noun !== 'statement') this.#cache.set(`${noun} ${slug}`, target);
  }

  /** Forgets the entries of the record, because one of them may have been withdrawn. */
  forgetRead(): void {
    this.#cache.clear();
  }

  /** Where the content of an entry is that a dry run would have added or changed; undefined for others. */
  contentPlaceOf(noun: Exclude<Noun, 'statement'>, slug: string): ContentPlace | undefined {
    return this.#remembered.get(`${noun} ${slug}`)?.content;
  }

  /**
   * Remembers an entry that a dry run would add or change.
   * @throws ReadoutError LIMIT_EXCEEDED for too many.
   */
  remember(noun: Exclude<Noun, 'statement'>, slug: string, target: Target, content: ContentPlace): void {
    this.#makeRoom(NOUN_BYTES);
    this.#remembered.set(`${noun} ${slug}`, { target, content });
  }

  /** Remembers a statement that a dry run would add, by its slug or key, with the digest of its content. */
  rememberStatement(name: string, digest: string): void {
    this.#makeRoom(STATEMENT_BYTES);
    this.#statements.set(fingerprint(name), fingerprint(digest));
  }

  /** Remembers a statement of the record that a dry run would change. */
  rememberChange(id: number): void {
    this.#makeRoom(STATEMENT_BYTES);
    this.changedStatements.add(id);
  }

  /** Whether a dry run would have added a statement with this slug or key: with the same content, with other content, or not at all. */
  compareStatement(name: string, digest: string): 'same' | 'other' | 'none' {
    const known = this.#contentOf(name);
    if (known === undefined) return 'none';
    return known === fingerprint(digest) ? 'same' : 'other';
  }

  #contentOf(name: string): number | undefined {
    return this.#statements.size === 0 ? undefined : this.#statements.get(fingerprint(name));
  }

  #makeRoom(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes <= IMPORT_REMEMBERED_BYTES_MAX) return;
    const message =
      'A dry run, and an atomic import, can have at most some 1,500,000 new and changed statements, or 250,000 other entries. Import in parts, or without “atomic”.';
    const details = { limit: 'IMPORT_REMEMBERED_BYTES_MAX', max: IMPORT_REMEMBERED_BYTES_MAX };
    throw new ReadoutError('LIMIT_EXCEEDED', message, undefined, details);
  }
}

/** Digits of a digest that a number holds exactly. */
const FINGERPRINT_DIGITS = 13;

/** A hash of a text, which takes a tenth of its memory. */
const fingerprint = (text: string): number => Number.parseInt(sha256(text).slice(0, FINGERPRINT_DIGITS), 16);
