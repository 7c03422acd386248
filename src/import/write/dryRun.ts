import { ACTOR } from '../../domain/actor.ts';
import { EVENT } from '../../domain/event.ts';
import type { Target } from '../../domain/input/reference.ts';
import type { Content } from '../../domain/save/former.ts';
import type { Patch } from '../../domain/save/rules.ts';
import { SOURCE } from '../../domain/source.ts';
import { TOPIC } from '../../domain/topic.ts';
import type { NounKind } from '../nounCells.ts';
import { ContentFile, type ContentPlace } from './contentFile.ts';
import type { Targets } from './targets.ts';

const RULES = { actor: ACTOR, topic: TOPIC, source: SOURCE, event: EVENT } as const;

/**
 * The content that an entry would have in a dry run. The text of a source can be large. `hasText` says whether there is one, and digest and
 * length say which.
 */
export type DryContent = Content & { readonly hasText?: boolean };

/** What a save has made of an entry. @param before what the dry run had made of it; undefined for nothing. */
export function dryContentOf(content: Content, { text: given }: Patch, before?: DryContent): DryContent {
  const { text, ...rest } = content;
  const hasText = before && given === undefined ? before.hasText : text !== undefined;
  return hasText ? { ...rest, hasText } : rest;
}

/** The patch of the entry in the record that has the result of this patch of the entry in the dry run. */
export function patchOfRecord(kind: NounKind, { hasText, ...before }: DryContent, patch: Patch): Patch {
  const { shape, keep } = RULES[kind] as { shape: { shape: object }; keep?: typeof SOURCE.keep };
  const cleared = Object.fromEntries(Object.keys(shape.shape).map((field) => [field, null]));
  const given = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
  return { ...cleared, ...(keep?.(before, given) ?? before), ...given };
}

/** An entry that a dry run would add or change. */
export interface DryRunNoun {
  readonly slug: string;
  /** NaN for a new one. */
  readonly id: number;
  readonly content: DryContent;
}

/** The entries that a dry run would add or change. */
export class DryRunNouns {
  readonly #targets: Targets;
  readonly #contents = new ContentFile();

  /** @param targets gets them as targets of later entries. */
  constructor(targets: Targets) {
    this.#targets = targets;
  }

  /** What the dry run would have made of an entry; undefined for nothing. */
  async read(kind: NounKind, slug: string): Promise<DryContent | undefined> {
    const place = this.#targets.contentPlaceOf(kind, slug);
    return place && this.#contents.read(place);
  }

  /** @throws ReadoutError LIMIT_EXCEEDED for too many. */
  async remember(kind: NounKind, nouns: readonly DryRunNoun[]): Promise<void> {
    const places = await this.#contents.add(nouns.map(({ content }) => content));
    for (const [i, { slug, id, content }] of nouns.entries())
      this.#targets.remember(kind, slug, targetOf(kind, id, content), places[i] as ContentPlace);
  }

  /** Deletes the temporary file. */
  async close(): Promise<void> {
    await this.#contents.close();
  }
}

/** What the rules of other entries need of an entry. */
function targetOf(kind: NounKind, id: number, content: Patch): Target {
  if (kind === 'actor') return { id, actor: { kind: content.kind as 'PERSON', sides: [], offices: [] } };
  if (kind === 'topic') return { id, hasProposition: content.proposition !== undefined };
  if (kind === 'event') return { id };
  const { length = null, publishedOn = null } = content as { length?: number; publishedOn?: string };
  return { id, length, publishedOn };
}
