import type { LinkKind, Stance } from '../../db/generated/enums.ts';
import { type AccountBasis, known, sidesOf, sidesOfStatements } from './sides.ts';

/** The result of comparing the sides' accounts of one topic. */
export const VERDICTS = ['AGREED', 'DISPUTED', 'BOTH_REPORT', 'ONE_SIDED'] as const;
export type Verdict = (typeof VERDICTS)[number];

export interface ComparisonTopic {
  id: number;
  parentId: number | null;
  name: string;
}

/** An event with everything that its comparison is computed from. */
export interface ComparisonBasis extends AccountBasis {
  /** Links between these statements. Other links have no effect. */
  links: readonly { fromId: number; toId: number; kind: LinkKind }[];
  /** The topics of the statements and all their ancestors. */
  topics: ReadonlyMap<number, ComparisonTopic>;
}

/** The statements of one side on a row's topic or a topic below it. */
export interface ComparisonCell {
  sideId: number;
  statementIds: number[];
  /** The side's common stance on the row's own topic. MIXED if its statements differ, null if it takes none. */
  stance: Stance | null;
}

export interface ComparisonRow {
  topicId: number;
  /** One for each side, in the order of the sides. */
  cells: ComparisonCell[];
  verdict: Verdict;
}

/**
 * Compares the accounts of an event: one row for each topic of their statements and for each of its ancestors, depth
 * first, siblings by name. With fewer than two sides there is no row.
 *
 * The verdict of a row is the first of these that holds:
 * - ONE_SIDED: some side has no statement in the row.
 * - DISPUTED: a DISPUTES link joins statements of different sides in the row, or one side SUPPORTS and another
 *   OPPOSES the same topic in the row.
 * - AGREED: an AGREES_WITH link joins statements of different sides in the row, or all sides take the same
 *   stance on the row's own topic, SUPPORTS or OPPOSES.
 * - BOTH_REPORT.
 *
 * It yields between its steps, because a large event takes long: see `inSteps`.
 */
export function* compare(input: ComparisonBasis): Generator<void, ComparisonRow[]> {
  const sideIds = sidesOf(input);
  if (sideIds.length < 2) return [];
  const placed = yield* sortIntoRows(input, sideIds);
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

/** A statement with its sides and rows. */
interface ComparedEntry {
  id: number;
  sideIds: ReadonlySet<number>;
  /** The topics whose rows it is in: its topics and their ancestors. */
  rowIds: ReadonlySet<number>;
  /** The stance it takes, by topic. */
  stances: ReadonlyMap<number, Stance>;
}

function* sortIntoRows(
  input: ComparisonBasis,
  eventSideIds: readonly number[],
): Generator<void, ComparedEntry[]> {
  const sides = sidesOfStatements(input, eventSideIds);
  const placed: ComparedEntry[] = [];
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
function* byRow(placed: readonly ComparedEntry[]): Generator<void, Map<number, ComparedEntry[]>> {
  const rows = new Map<number, ComparedEntry[]>();
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
  statements: readonly ComparedEntry[],
  sideIds: readonly number[],
): ComparisonCell[] {
  const ofSides = new Map(sideIds.map((sideId) => [sideId, [] as ComparedEntry[]]));
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
  links: ComparisonBasis['links'],
  placed: readonly ComparedEntry[],
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
  placed: readonly ComparedEntry[],
  topics: ComparisonBasis['topics'],
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

/** Whether a side of the first differs from a side of the second. */
function differ(some: ReadonlySet<number>, other: ReadonlySet<number>): boolean {
  if (some.size === 0 || other.size === 0) return false;
  return some.size > 1 || other.size > 1 || [...some][0] !== [...other][0];
}

function commonStance(statements: readonly ComparedEntry[], topicId: number): Stance | null {
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

/** A topic and its ancestors, upwards, each once. Ends even if the tree has a cycle. */
function withAncestors(topicId: number, topics: ComparisonBasis['topics']): Set<number> {
  const ids = new Set<number>();
  let id: number | null = topicId;
  while (id !== null && !ids.has(id)) {
    ids.add(id);
    id = known(topics, id).parentId;
  }
  return ids;
}

/** Depth first; siblings and roots by name, then by id. Topics that are reachable only through a cycle come last. */
function inTreeOrder(topicIds: Iterable<number>, topics: ComparisonBasis['topics']): number[] {
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
