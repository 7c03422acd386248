import { ACTOR } from '../../domain/actor.ts';
import { isSame } from '../../domain/content.ts';
import { EVENT } from '../../domain/event.ts';
import type { Content } from '../../domain/save/former.ts';
import type { Patch } from '../../domain/save/rules.ts';
import { SOURCE } from '../../domain/source.ts';
import { TOPIC } from '../../domain/topic.ts';
import type { NounKind } from '../nounCells.ts';

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

/** Whether two contents of a dry run are equal. */
export const isSameContent = (a: DryContent, b: DryContent): boolean => isSame(a, b);
