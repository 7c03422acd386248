import { z } from 'zod';
import { ReadoutError } from '../../base/errors.ts';
import type { Place } from '../item.ts';

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const position = z.string().regex(/^[1-9]\d{0,18}$/);

export const historyHeader = z.object({
  content: z.literal('history'),
  cursor: z.string().regex(/^(0|[1-9]\d{0,18})\.[0-9a-f]{16}$/),
  digest,
  genesis: digest,
});
export type HistoryHeader = z.output<typeof historyHeader>;

export const historyChange = z.object({
  position,
  kind: z.string(),
  at: z.iso.datetime({ precision: 3 }),
  by: z.string(),
  noun: z.string(),
  slug: z.string(),
  contentDigest: digest.nullable(),
  digest: digest.nullable(),
  key: z.string().optional(),
  inputDigest: digest.optional(),
  collection: z.string().optional(),
  withCollection: z.literal(true).optional(),
  reason: z.string().optional(),
  mergedInto: z.string().optional(),
  why: z.string().optional(),
  content: z.record(z.string(), z.unknown()).optional(),
});
export type HistoryChange = z.output<typeof historyChange> & { readonly place: Place };

/** Whether the header of a file says that it holds a history. */
export const isHistory = (header: unknown): boolean =>
  (header as { content?: unknown } | null)?.content === 'history';

/** Whether changes of this kind are made in lists whose entries may refer to one another. */
export const isOfList = ({ noun, kind }: HistoryChange): boolean =>
  kind.endsWith('_ADDED') || (noun !== 'statement' && kind.endsWith('_REVISED'));

export function refused(place: Place | null, message: string): ReadoutError {
  const at = place ? `${place.file}:${place.line}: ` : '';
  return new ReadoutError('INVALID_INPUT', `${at}${message}`);
}
