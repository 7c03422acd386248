import { isDeepStrictEqual } from 'node:util';
import type { InputPath } from '../../base/errors.ts';
import type { Transaction } from '../../db/sql.ts';
import type { FuzzyDate } from './date.ts';
import type { Fault } from './fault.ts';
import type { StatementInput } from './statement.ts';

/** The parts of a statement that the rules of links need. */
export interface LinkEnd {
  readonly said: FuzzyDate;
  /** Slugs. */
  readonly speakers: readonly string[];
  /** Only of inputs: the speakers as the source writes them. */
  readonly mentions?: readonly unknown[] | undefined;
}

type Link = NonNullable<StatementInput['links']>[number];

/** A reply in Washington can have an earlier local date than the statement in Tokyo that it answers. */
const TIME_ZONES_DAYS = 1;
const DAY_MS = 86_400_000;

/** An approximate or uncertain date has no certain first or last day. */
const isCertain = ({ edtf }: FuzzyDate): boolean => !/[~?%]/.test(edtf);

/** Whether one date is certainly later than the other. */
function isLater(date: FuzzyDate, other: FuzzyDate): boolean {
  const distanceMs = Date.parse(date.earliest) - Date.parse(other.latest);
  return isCertain(date) && isCertain(other) && distanceMs > TIME_ZONES_DAYS * DAY_MS;
}

/** Faults of a link between two statements. */
export function linkFaults(from: LinkEnd, { to: slug, kind }: Link, to: LinkEnd, path: InputPath): Fault[] {
  const faults: Fault[] = [];
  if (isLater(to.said, from.said)) {
    const message = `names “${slug}”, which was said later, on ${to.said.edtf}. A link leads to an earlier statement`;
    faults.push({ path: [...path, 'to'], message });
  }
  if (kind === 'SHIFTS_FROM' && !from.speakers.some((speaker) => to.speakers.includes(speaker))) {
    const message = `can’t be SHIFTS_FROM: “${slug}” has no speaker in common with this statement`;
    faults.push({ path: [...path, 'kind'], message });
  }
  return faults;
}

/** $1 statement, $2 its speakers, $3 its first day, $4 whether that day is certain. */
const FIND_BROKEN_LINK = `
SELECT s.slug, s.said_edtf AS said, link.kind,
  ($4 AND s.said_edtf !~ '[~?%]' AND $3::date - s.said_latest > ${TIME_ZONES_DAYS}) AS later
FROM statement_link link JOIN statement s ON s.id = link.from_id AND s.status = 'CURRENT'
WHERE link.to_id = $1 AND (
  ($4 AND s.said_edtf !~ '[~?%]' AND $3::date - s.said_latest > ${TIME_ZONES_DAYS})
  OR (link.kind = 'SHIFTS_FROM' AND NOT EXISTS (
    SELECT FROM statement_speaker x JOIN actor ON actor.id = x.actor_id
    WHERE x.statement_id = s.id AND actor.slug = ANY ($2::text[]))))
LIMIT 1`;

/** Faults that a revision of date or speakers would cause in the links that lead to a statement. */
export async function incomingLinkFaults(
  tx: Transaction,
  id: number,
  { said, speakers }: LinkEnd,
  former: LinkEnd | null,
  path: InputPath,
): Promise<Fault[]> {
  if (said.edtf === former?.said.edtf && isDeepStrictEqual(speakers, former.speakers)) return [];
  const rows = await tx.$queryRawUnsafe<{ slug: string; said: string; kind: string; later: boolean }[]>(
    FIND_BROKEN_LINK,
    id,
    speakers,
    said.earliest,
    isCertain(said),
  );
  return rows.map(({ slug, said: other, kind, later }) =>
    later
      ? {
          path: [...path, 'said'],
          message: `is later than “${slug}”, said ${other}, which links to it by ${kind}`,
        }
      : {
          path: [...path, 'speakers'],
          message: `must keep a speaker of “${slug}”, which links to it by SHIFTS_FROM`,
        },
  );
}

/** $1 slugs of statements to begin with, $2 the statement to find. */
const FIND_SHIFT_CYCLE = `
WITH RECURSIVE before AS (
  SELECT slug, id FROM statement WHERE slug = ANY ($1::text[])
  UNION SELECT before.slug, link.to_id FROM before
  JOIN statement_link link ON link.from_id = before.id AND link.kind = 'SHIFTS_FROM')
SELECT slug FROM before WHERE id = $2`;

/** Keeps two concurrent transactions from closing a cycle of shifts together. Held until the transaction ends. */
export async function lockShifts(tx: Transaction): Promise<void> {
  await tx.$executeRawUnsafe(`SELECT pg_advisory_xact_lock(hashtext('readout shifts'))`);
}

/**
 * Serialises revisions of date or speakers with new links, so that each is checked against the result of the other. Writers of new links
 * share the lock. It is held until the transaction ends. Take it after `lockShifts` and before any row lock. Recording uses LOCK_LINKED of
 * ADD_STATEMENTS instead.
 */
export async function lockLinks(tx: Transaction, write: 'links' | 'date or speakers'): Promise<void> {
  const lock = write === 'links' ? 'pg_advisory_xact_lock_shared' : 'pg_advisory_xact_lock';
  await tx.$executeRawUnsafe(`SELECT ${lock}(hashtext('readout links'))`);
}

/** A fault for each new SHIFTS_FROM link to a statement that has itself shifted from this one, directly or through others. */
export async function shiftCycleFaults(
  tx: Transaction,
  id: number,
  links: readonly (Link & { readonly path: InputPath })[],
): Promise<Fault[]> {
  const shifts = links.filter(({ kind }) => kind === 'SHIFTS_FROM');
  if (shifts.length === 0) return [];
  const slugs = shifts.map(({ to }) => to);
  const rows = await tx.$queryRawUnsafe<{ slug: string }[]>(FIND_SHIFT_CYCLE, slugs, id);
  const cyclic = new Set(rows.map(({ slug }) => slug));
  return shifts
    .filter(({ to }) => cyclic.has(to))
    .map(({ to, path }) => ({
      path: [...path, 'to'],
      message: `names “${to}”, which has itself shifted from this statement`,
    }));
}
