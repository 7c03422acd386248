import { createHash } from 'node:crypto';

/** What the digest of a change covers besides the digest before it; everything as the API gives it. */
export interface ChainedChange {
  readonly position: string;
  readonly kind: string;
  /** RFC 3339 in UTC with milliseconds. */
  readonly at: string;
  readonly by: string;
  /** What the change is about: its noun in lower case, and its slug. */
  readonly noun: string;
  readonly slug: string;
  /** In hexadecimal; null for what was recorded before there were digests. */
  readonly contentDigest: string | null;
}

/** The digest of a change in hexadecimal: the function `chain_change` of the database in TypeScript. */
export function chainDigest(before: string, change: ChainedChange): string {
  const { position, kind, at, by, noun, slug, contentDigest } = change;
  return createHash('sha256')
    .update(Buffer.from(before, 'hex'))
    .update(JSON.stringify([position, kind, at, by, noun, slug, contentDigest]))
    .digest('hex');
}
