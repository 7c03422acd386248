import { ReadoutError } from '../../../base/errors.ts';
import { inSteps } from '../../../base/steps.ts';
import type { Prisma } from '../../../db/client.ts';
import type { AnchorStatus } from '../../../db/generated/enums.ts';
import type { Transaction } from '../../../db/sql.ts';
import { OvertakenError, retry } from '../../../db/transaction.ts';
import { codePointLength, sha256 } from '../../anchor.ts';
import { statementDigest } from '../../content.ts';
import { reanchorInput } from '../../input/correction.ts';
import { checkInput } from '../../input/fault.ts';
import { type Former, isWithdrawn, readContents, readFormer } from '../../save/former.ts';
import { SOURCE, saveSources } from '../../source.ts';
import { readStatementContents } from '../content.ts';
import { REANCHOR_STATEMENTS } from '../sql.ts';
import { IndexedText } from './indexedText.ts';
import { type AnchorOutcome, type FormerSpan, type Placement, placeSpans } from './placement.ts';

/** Spans of the current statements of a source that one `reanchorSource` places. @limit anchors */
export const REANCHORED_ANCHORS_MAX = 5_000;

/** What became of an anchor. */
export interface ReanchoredAnchor extends Placement {
  readonly statementId: number;
  readonly formerStart: number;
  readonly formerEnd: number;
}

export interface Reanchored {
  /** Id of the source. */
  readonly id: number;
  /** Position of the last change; null if nothing differed or nothing was to be written. */
  readonly position: bigint | null;
  /** Every span, in the order of the former text. */
  readonly anchors: readonly ReanchoredAnchor[];
}

/** A span of a current statement as it is before. */
interface SpanRow extends Omit<FormerSpan, 'quotes'> {
  readonly statementId: number;
  readonly ordinal: number;
  readonly exact: string | null;
  readonly quote: string | null;
}

/** $1 source. */
const SPANS = `SELECT s.id AS "statementId", a.ordinal, a.start, a."end", a.digest, a.exact, a.prefix, a.suffix, a.status, s.quote
  FROM statement s JOIN anchor a ON a.statement_id = s.id AND a.start IS NOT NULL
  WHERE s.source_id = $1 AND s.status = 'CURRENT' ORDER BY a.start, a."end", s.id, a.ordinal LIMIT ${REANCHORED_ANCHORS_MAX + 1}`;

/** $1 source. Changes with every change of a current statement of the source. */
const STATE = `SELECT count(*) || ' ' || coalesce(max(position), 0) AS state FROM statement WHERE source_id = $1 AND status = 'CURRENT'`;

async function readState(db: Pick<Transaction, '$queryRawUnsafe'>, sourceId: number): Promise<string> {
  const [row] = await db.$queryRawUnsafe<{ state: string }[]>(STATE, sourceId);
  return (row as { state: string }).state;
}

async function readSource(prisma: Prisma, slug: string): Promise<Former> {
  const source = (await readContents(prisma, SOURCE, [slug])).get(slug);
  if (!source)
    throw new ReadoutError('NOT_FOUND', `The record has no source “${slug}”. Save it with saveSource.`, [
      'input',
      'source',
    ]);
  if (isWithdrawn(source))
    throw new ReadoutError('CONFLICT', `The source “${slug}” was withdrawn. Save its whole content first.`, [
      'input',
      'source',
    ]);
  return source;
}

async function readSpans(prisma: Prisma, { id, content }: Former): Promise<SpanRow[]> {
  const spans = await prisma.$queryRawUnsafe<SpanRow[]>(SPANS, id);
  if (spans.length <= REANCHORED_ANCHORS_MAX) return spans;
  throw new ReadoutError(
    'LIMIT_EXCEEDED',
    `The source “${content.slug}” has more than ${REANCHORED_ANCHORS_MAX} anchors, too many to place at once. Save the new text under another slug.`,
    ['input', 'source'],
    { limit: 'REANCHORED_ANCHORS_MAX', max: REANCHORED_ANCHORS_MAX },
  );
}

const STATUS = {
  SAME: 'PLACED',
  MOVED: 'PLACED',
  AMBIGUOUS: 'AMBIGUOUS',
  ORPHANED: 'ORPHANED',
} as const satisfies Record<AnchorOutcome, string>;

/** The anchors that change, by statement. */
function changesOf(spans: readonly SpanRow[], placements: readonly Placement[]) {
  const changes = new Map<number, { ordinal: number; start: number; end: number; status: AnchorStatus }[]>();
  for (const [i, { statementId, ordinal, status: former, start: formerStart }] of spans.entries()) {
    const { outcome, start, end } = placements[i] as Placement;
    const status = STATUS[outcome];
    if (status === former && start === formerStart) continue;
    const ofStatement = changes.get(statementId) ?? [];
    ofStatement.push({ ordinal, start, end, status });
    changes.set(statementId, ofStatement);
  }
  return changes;
}

/** The changes of locked statements, as the JSON that REANCHOR_STATEMENTS takes. */
async function changesJson(tx: Transaction, changes: ReturnType<typeof changesOf>): Promise<string> {
  const statements = await readStatementContents(tx, [...changes.keys()]);
  const items = statements.map(({ id, content }) => {
    const anchors = [...(content.anchors ?? [])];
    const changed = changes.get(id) ?? [];
    for (const { ordinal, start, end, status } of changed) {
      const anchor = anchors[ordinal] as (typeof anchors)[number];
      anchors[ordinal] = { ...anchor, start, end, status: status === 'PLACED' ? undefined : status };
    }
    return { id, former: content, contentDigest: statementDigest({ ...content, anchors }), anchors: changed };
  });
  return JSON.stringify(items);
}

/**
 * Gives a source a new text, and finds the anchors of its current statements in it. Each statement whose anchors change is revised, with
 * its own change. An anchor that is not found keeps its place and gets the status AMBIGUOUS or ORPHANED. All or nothing is written.
 * @param raw a ReanchorSourceInput, unchecked.
 * @throws ReadoutError NOT_FOUND; INVALID_INPUT; CONFLICT for a withdrawn source; LIMIT_EXCEEDED for too many anchors or too long a search.
 */
export async function reanchorSource(prisma: Prisma, raw: unknown, by: string): Promise<Reanchored> {
  const input = checkInput(reanchorInput, raw, ['input']);
  const { source: slug, text, licence, dryRun = false } = input;
  return retry(async () => {
    const source = await readSource(prisma, slug);
    const state = await readState(prisma, source.id);
    const spans = await readSpans(prisma, source);
    const formerText = typeof source.content.text === 'string' ? new IndexedText(source.content.text) : null;
    const formerLength = (source.content.length as number | undefined) ?? null;
    const formerSpans = spans.map(({ exact, quote, ...span }) => ({
      ...span,
      quotes: [exact, quote].filter((words) => words !== null),
    }));
    const placements = await inSteps(
      placeSpans(formerSpans, new IndexedText(text), formerText, formerLength),
    );
    const anchors = spans.map(({ statementId, start, end }, i) => ({
      ...(placements[i] as Placement),
      statementId,
      formerStart: start,
      formerEnd: end,
    }));
    if (dryRun) return { id: source.id, position: null, anchors };

    const isKept = input.keep ?? formerText !== null;
    const patch = {
      slug,
      ...(isKept ? { text } : { text: null, digest: sha256(text), length: codePointLength(text) }),
      ...(licence !== undefined && { licence }),
    };
    const changes = changesOf(spans, placements);
    const position = await prisma.$transaction(async (tx) => {
      const locked = (await readFormer(tx, SOURCE, [slug])).get(slug);
      // All of them, because the words of a text are written to each of its statements.
      await tx.$queryRawUnsafe(
        'SELECT id FROM statement WHERE id = ANY ($1::int[]) ORDER BY id FOR NO KEY UPDATE',
        spans.map(({ statementId }) => statementId),
      );
      const changed = await changesJson(tx, changes);
      // From here on, no other writer commits: the placed anchors are all that the source has.
      await tx.$queryRawUnsafe('SELECT FROM head FOR NO KEY UPDATE');
      if (locked?.position !== source.position || (await readState(tx, source.id)) !== state)
        throw new OvertakenError(
          'The source or its statements were changed at the same time. Send it again.',
        );
      // A restore of the history makes the changes in this order, and no anchor may end after its source at any step.
      const isLonger = formerLength !== null && codePointLength(text) >= formerLength;
      const save = () => saveSources(tx, [patch], by, { pathOf: () => ['input'] });
      const [early] = isLonger ? await save() : [];
      const written = await tx.$queryRawUnsafe<{ position: bigint }[]>(REANCHOR_STATEMENTS, changed, by);
      const [late] = isLonger ? [] : await save();
      return late?.position ?? written.at(-1)?.position ?? early?.position ?? null;
    });
    return { id: source.id, position, anchors };
  });
}
