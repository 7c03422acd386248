import type { LinkKind, Stance } from '../../db/generated/enums.ts';

import { type AccountInput, known, sidesOf, sidesOfStatements } from './sides.ts';

/** What the sides' accounts of one topic come to, when laid side by side. */
export const VERDICTS = ['AGREED', 'DISPUTED', 'BOTH_REPORT', 'ONE_SIDED'] as const;
export type Verdict = (typeof VERDICTS)[number];

export interface ComparisonTopic {
  id: number;
  parentId: number | null;
  name: string;
}

/** An event with all that its comparison rests on. */
export interface ComparisonInput extends AccountInput {
  /** Links between these statements; others do no harm. */
  links: readonly { fromId: number; toId: number; kind: LinkKind }[];
  /** The topics of the statements and all their ancestors. */
  topics: ReadonlyMap<number, ComparisonTopic>;
}

/** What one side says on a row's topic or anything below it. */
export interface ComparisonCell {
  sideId: number;
  statementIds: number[];
  /** The side's common stance on the row's very topic, MIXED where they differ, null where it takes none. */
  stance: Stance | null;
}

export interface ComparisonRow {
  topicId: number;
  /** One for each side, in the order of the sides. */
  cells: ComparisonCell[];
  verdict: Verdict;
}

/**
 * Lays the accounts of an event side by side: one row for each topic that they carry and for each of its
 * ancestors, depth first, siblings by name. With fewer than two sides there is nothing to compare and no row.
 *
 * The verdict of a row is the first of these that holds:
 * - ONE_SIDED: some side has no statement in the row.
 * - DISPUTED: a DISPUTES link joins statements of different sides in the row, or one side SUPPORTS and another
 *   OPPOSES one and the same topic in the row.
 * - AGREED: an AGREES_WITH link joins statements of different sides in the row, or all sides take the same
 *   stance on the row's own topic, SUPPORTS or OPPOSES.
 * - BOTH_REPORT.
 *
 * It pauses between its steps, since a large event takes long: see `inSteps`.
 */
export function* compare(input: ComparisonInput): Generator<void, ComparisonRow[]> {
  const sideIds = sidesOf(input);
  if (sideIds.length < 2) return [];
  const placed = yield* place(input, sideIds);
  const inRow = yield* byRow(placed);
  const linkedDisputes = yield* linkedRowIds('DISPUTES', input.links, placed);
  const agreed = yield* linkedRowIds('AGREES_WITH', input.links, placed);
  const opposed = yield* opposedRowIds(placed, input.topics);
  const rows: ComparisonRow[] = [];
  for (const topicId of inTreeOrder(inRow.keys(), input.topics)) {
    const cells = cellsOf(topicId, inRow.get(topicId) ?? [], sideIds);
    const disputed = linkedDisputes.has(topicId) || opposed.has(topicId);
    rows.push({ topicId, cells, verdict: verdictOf(cells, disputed, agreed.has(topicId)) });
    yield;
  }
  return rows;
}

/** A statement of some side, in its place in the comparison. */
interface Placed {
  id: number;
  sideIds: ReadonlySet<number>;
  /** The topics whose rows it is in: those it carries and their ancestors. */
  rowIds: ReadonlySet<number>;
  /** The stance it takes, by topic. */
  stances: ReadonlyMap<number, Stance>;
}

function* place(input: ComparisonInput, eventSideIds: readonly number[]): Generator<void, Placed[]> {
  const sides = sidesOfStatements(input, eventSideIds);
  const placed: Placed[] = [];
  for (const { id, topics } of input.statements) {
    yield;
    const sideIds = sides.get(id);
    if (!sideIds) continue;
    const rowIds = new Set<number>();
    const stances = new Map<number, Stance>();
    for (const { topicId, stance } of topics) {
      for (const rowId of withAncestors(topicId, input.topics)) rowIds.add(rowId);
      if (stance !== null) stances.set(topicId, stance);
    }
    placed.push({ id, sideIds, rowIds, stances });
  }
  return placed;
}

/** The statements of each row, in their order. */
function* byRow(placed: readonly Placed[]): Generator<void, Map<number, Placed[]>> {
  const rows = new Map<number, Placed[]>();
  for (const statement of placed) {
    yield;
    for (const rowId of statement.rowIds) {
      const row = rows.get(rowId);
      if (row) row.push(statement);
      else rows.set(rowId, [statement]);
    }
  }
  return rows;
}

function cellsOf(
  topicId: number,
  statements: readonly Placed[],
  sideIds: readonly number[],
): ComparisonCell[] {
  const ofSides = new Map(sideIds.map((sideId) => [sideId, [] as Placed[]]));
  for (const statement of statements) {
    for (const sideId of statement.sideIds) ofSides.get(sideId)?.push(statement);
  }
  return [...ofSides].map(([sideId, own]) => ({
    sideId,
    statementIds: own.map(({ id }) => id),
    stance: commonStance(own, topicId),
  }));
}

/** The rows in which a link of the kind joins statements of different sides. */
function* linkedRowIds(
  kind: LinkKind,
  links: ComparisonInput['links'],
  placed: readonly Placed[],
): Generator<void, Set<number>> {
  const byId = new Map(placed.map((statement) => [statement.id, statement]));
  const rowIds = new Set<number>();
  for (const link of links) {
    yield;
    const from = byId.get(link.fromId);
    const to = byId.get(link.toId);
    if (link.kind !== kind || !from || !to || !differ(from.sideIds, to.sideIds)) continue;
    for (const rowId of from.rowIds) if (to.rowIds.has(rowId)) rowIds.add(rowId);
  }
  return rowIds;
}

/** The rows in which one side takes SUPPORTS and another OPPOSES on the same topic. */
function* opposedRowIds(
  placed: readonly Placed[],
  topics: ComparisonInput['topics'],
): Generator<void, Set<number>> {
  const supporters = new Map<number, Set<number>>();
  const opponents = new Map<number, Set<number>>();
  for (const { stances, sideIds } of placed) {
    yield;
    for (const [topicId, stance] of stances) {
      if (stance !== 'SUPPORTS' && stance !== 'OPPOSES') continue;
      const taking = stance === 'SUPPORTS' ? supporters : opponents;
      const sides = taking.get(topicId) ?? new Set();
      for (const sideId of sideIds) sides.add(sideId);
      taking.set(topicId, sides);
    }
  }
  const rowIds = new Set<number>();
  for (const [topicId, some] of supporters) {
    yield;
    if (!differ(some, opponents.get(topicId) ?? new Set())) continue;
    for (const rowId of withAncestors(topicId, topics)) rowIds.add(rowId);
  }
  return rowIds;
}

/** Whether some side of the one is another than some side of the other. */
function differ(some: ReadonlySet<number>, other: ReadonlySet<number>): boolean {
  if (some.size === 0 || other.size === 0) return false;
  return some.size > 1 || other.size > 1 || [...some][0] !== [...other][0];
}

function commonStance(statements: readonly Placed[], topicId: number): Stance | null {
  const stances = new Set(statements.map((statement) => statement.stances.get(topicId)));
  stances.delete(undefined);
  return stances.size > 1 ? 'MIXED' : ([...stances][0] ?? null);
}

function verdictOf(cells: readonly ComparisonCell[], disputed: boolean, agreed: boolean): Verdict {
  if (cells.some(({ statementIds }) => statementIds.length === 0)) return 'ONE_SIDED';
  if (disputed) return 'DISPUTED';
  const stances = new Set(cells.map(({ stance }) => stance));
  const sameStance = stances.size === 1 && (stances.has('SUPPORTS') || stances.has('OPPOSES'));
  return agreed || sameStance ? 'AGREED' : 'BOTH_REPORT';
}

/** A topic and its ancestors, going up; each once, even if the tree were a circle. */
function withAncestors(topicId: number, topics: ComparisonInput['topics']): Set<number> {
  const ids = new Set<number>();
  let id: number | null = topicId;
  while (id !== null && !ids.has(id)) {
    ids.add(id);
    id = known(topics, id).parentId;
  }
  return ids;
}

/** Depth first, siblings and roots by name and then by id. Topics that only a circle leads to come last. */
function inTreeOrder(topicIds: Iterable<number>, topics: ComparisonInput['topics']): number[] {
  const collator = new Intl.Collator('en');
  const sorted = [...topicIds]
    .map((id) => known(topics, id))
    .sort((a, b) => collator.compare(a.name, b.name) || a.id - b.id);
  const children = new Map<number | null, ComparisonTopic[]>();
  for (const topic of sorted) {
    const siblings = children.get(topic.parentId);
    if (siblings) siblings.push(topic);
    else children.set(topic.parentId, [topic]);
  }
  const childrenOf = (parentId: number | null) => children.get(parentId) ?? [];
  const ordered = new Set<number>();
  const pending = [...childrenOf(null), ...sorted].reverse();
  for (let topic = pending.pop(); topic; topic = pending.pop()) {
    if (ordered.has(topic.id)) continue;
    ordered.add(topic.id);
    pending.push(...childrenOf(topic.id).toReversed());
  }
  return [...ordered];
}
