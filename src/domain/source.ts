import { ReadoutError } from '../base/errors.ts';
import type { Transaction } from '../db/client.ts';
import { dayToDate } from '../db/day.ts';
import { appendChange } from '../log/append.ts';
import { codePointLength, sha256 } from './anchor.ts';
import { sourceDigest } from './content.ts';
import { type Fault, refuseFaults } from './input/fault.ts';
import type { SourceInput } from './input/input.ts';
import { References } from './input/reference.ts';
import { writeNames } from './names.ts';
import { type Saved, sameContent, slugOf } from './save.ts';

/** Digest and length of a source. They are computed from its text if it has one, and must then equal those of the input. */
export function measure(input: SourceInput): {
  digest: string | null;
  length: number | null;
  faults: Fault[];
} {
  if (input.text === undefined)
    return { digest: input.digest ?? null, length: input.length ?? null, faults: [] };
  const digest = sha256(input.text);
  const length = codePointLength(input.text);
  const faults: Fault[] = [];
  if (input.digest !== undefined && input.digest !== digest) {
    faults.push({ path: ['input', 'digest'], message: `is not the SHA-256 of text, which is ${digest}` });
  }
  if (input.length !== undefined && input.length !== length) {
    faults.push({
      path: ['input', 'length'],
      message: `is not the length of text, which has ${length} code points`,
    });
  }
  return { digest, length, faults };
}

/** $1 source, $2 length. Anchors of current statements that end after the length. */
const COUNT_LOST_ANCHORS = `
SELECT count(*)::int AS anchors, count(DISTINCT s.id)::int AS statements, min(s.slug) AS slug, max(anchor."end") AS "end"
FROM statement s JOIN anchor ON anchor.statement_id = s.id
WHERE s.source_id = $1 AND s.status = 'CURRENT' AND anchor."end" > $2`;

/** @throws ReadoutError CONFLICT if anchors of current statements would end after the text. */
async function refuseLostAnchors(tx: Transaction, id: number, length: number, field: string): Promise<void> {
  const [lost] = await tx.$queryRawUnsafe<
    { anchors: number; statements: number; slug: string; end: number }[]
  >(COUNT_LOST_ANCHORS, id, length);
  if (!lost || lost.anchors === 0) return;
  const { anchors, statements, slug, end } = lost;
  throw new ReadoutError(
    'CONFLICT',
    `With ${length} code points the source ends before ${anchors} anchors of ${statements} statements (one is “${slug}”), the last ` +
      `of which ends at ${end}. Revise or retract these statements first, or save this edition under another slug.`,
    ['input', field],
    { anchors, statements, slug },
  );
}

/** SQL of a source, the row `t`, as JSON in the shape of its input. */
export const SOURCE_CONTENT = `json_build_object('slug', t.slug, 'title', t.title, 'url', t.url, 'publishedOn', t.published_on,
  'publisher', (SELECT slug FROM actor WHERE id = t.publisher_id), 'language', t.language, 'digest', t.digest,
  'length', t.length, 'text', t.text)`;

/**
 * Creates the source, or replaces the one with this slug as a whole. Writes nothing if nothing differs.
 * @throws ReadoutError INVALID_INPUT; CONFLICT if the slug made from the title is taken, or if anchors would end after a
 *   shorter text.
 */
export async function saveSource(tx: Transaction, input: SourceInput, by: string): Promise<Saved> {
  const known = (slug: string) => tx.source.findUnique({ where: { slug } });
  const slug = await slugOf(input.slug, input.title, async (candidate) => (await known(candidate)) !== null);
  const references = new References();
  if (input.publisher) references.want('actor', input.publisher, ['input', 'publisher']);
  await references.find(tx);
  const { digest, length, faults } = measure(input);
  refuseFaults([...references.faults(), ...faults]);

  const before = await known(slug);
  const row = {
    slug,
    title: input.title,
    publisherId: input.publisher ? references.id('actor', input.publisher) : null,
    url: input.url ?? null,
    publishedOn: dayToDate(input.publishedOn),
    language: input.language ?? null,
    digest,
    length,
    text: input.text ?? null,
  };
  if (before && sameContent(before, row)) return { id: before.id, position: null, created: false };
  if (before && length !== null && (before.length === null || length < before.length)) {
    await refuseLostAnchors(tx, before.id, length, input.text === undefined ? 'length' : 'text');
  }

  const { id } = before
    ? await tx.source.update({ where: { id: before.id }, data: row })
    : await tx.source.create({ data: row });
  if (before?.title !== row.title) await writeNames(tx, 'source', id, [row.title]);
  const kind = before ? 'SOURCE_REVISED' : 'SOURCE_ADDED';
  const content = { ...input, slug, digest: digest ?? undefined, length: length ?? undefined };
  const change = { kind, subject: 'source', id, by, contentDigest: sourceDigest(content) } as const;
  return { id, position: await appendChange(tx, change), created: !before };
}
