import assert from 'node:assert/strict';
import type { ActorKind, LinkKind, Stance } from '../db/generated/enums.ts';

/** What the sides' accounts of one topic come to, when laid side by side. */
export const VERDICTS = ['AGREED', 'DISPUTED', 'BOTH_REPORT', 'ONE_SIDED'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** A statement about the event. */
export interface ComparedStatement {
  id: number;
  speakerIds: readonly number[];
  /** Who passed it on, nearest the speaker first. */
  attribution: readonly { actorId: number }[];
  /** The topics it carries, each once, with its stance on the topic's proposition where it takes one. */
  topics: readonly { topicId: number; stance: Stance | null }[];
}

/** An actor, with the actors it belongs to; days are `YYYY-MM-DD`, both included, and null is open. */
export interface ComparisonActor {
  id: number;
  kind: ActorKind;
  affiliations: readonly { inId: number; from: string | null; to: string | null }[];
}

export interface ComparisonTopic {
  id: number;
  parentId: number | null;
  name: string;
}

/** An event with all that its comparison rests on. */
export interface ComparisonInput {
  /** The first and the last day the event can have been on, `YYYY-MM-DD`. */
  eventDay: { earliest: string; latest: string };
  participantIds: readonly number[];
  /** The statements about the event that stand (none retracted), in display order. */
  statements: readonly ComparedStatement[];
  /** Links between these statements; others do no harm. */
  links: readonly { fromId: number; toId: number; kind: LinkKind }[];
  /** The participants, speakers and hops, and whom they belong to, up to the first state or organisation. */
  actors: ReadonlyMap<number, ComparisonActor>;
  /** The topics of the statements and all their ancestors. */
  topics: ReadonlyMap<number, ComparisonTopic>;
}

/** The statements of one side about the event, in display order; none where the side is silent. */
export interface Account {
  sideId: number;
  statementIds: number[];
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
 */
export function compare(input: ComparisonInput): ComparisonRow[] {
  const sideIds = sidesOf(input);
  if (sideIds.length < 2) return [];
  const placed = place(input, sideIds);
  const rowIds = new Set(placed.flatMap((statement) => [...statement.rowIds]));
  const linkedDisputes = linkedRowIds('DISPUTES', input.links, placed);
  const opposed = opposedRowIds(rowIds, placed, input.topics);
  const agreed = linkedRowIds('AGREES_WITH', input.links, placed);
  return inTreeOrder(rowIds, input.topics).map((topicId) => {
    const inRow = placed.filter((statement) => statement.rowIds.has(topicId));
    const cells = sideIds.map((sideId) => {
      const own = inRow.filter((statement) => statement.sideIds.has(sideId));
      return { sideId, statementIds: own.map(({ id }) => id), stance: commonStance(own, topicId) };
    });
    const disputed = linkedDisputes.has(topicId) || opposed.has(topicId);
    return { topicId, cells, verdict: verdictOf(cells, disputed, agreed.has(topicId)) };
  });
}

/**
 * Each side's account of the event, in the order of the sides; a single side's too. A statement whose givers
 * belong to several sides is in the account of each; one whose givers belong to no side of the event is in none.
 */
export function accounts(input: Omit<ComparisonInput, 'links' | 'topics'>): Account[] {
  const sideIds = sidesOf(input);
  const sides = sidesOfStatements(input, sideIds);
  return sideIds.map((sideId) => ({
    sideId,
    statementIds: input.statements.map(({ id }) => id).filter((id) => sides.get(id)?.has(sideId)),
  }));
}

/** The sides of the event, in the order of the participants that stand for them, each once. */
export function sidesOf(input: Pick<ComparisonInput, 'eventDay' | 'participantIds' | 'actors'>): number[] {
  return [...new Set(input.participantIds.map((id) => sideOf(id, input)).filter((id) => id !== null))];
}

/**
 * Who gives the account that a statement is: the outermost hop of its attribution that is not an outlet, or,
 * without one, its speakers.
 */
export function giverIds(
  statement: Pick<ComparedStatement, 'speakerIds' | 'attribution'>,
  actors: ReadonlyMap<number, Pick<ComparisonActor, 'kind'>>,
): number[] {
  const hop = statement.attribution.findLast(({ actorId }) => known(actors, actorId).kind !== 'OUTLET');
  return hop ? [hop.actorId] : [...statement.speakerIds];
}

/**
 * The state or organisation that an actor is, or else the nearest that it belongs to on a day the event can
 * have been on: a state before an organisation where both are as near, then in the order of affiliations. Null
 * where there is none. The search is breadth first and stops there: France is its own side and not the UN's.
 */
function sideOf(actorId: number, input: Pick<ComparisonInput, 'eventDay' | 'actors'>): number | null {
  const { earliest, latest } = input.eventDay;
  const seen = new Set([actorId]);
  let layer = [actorId];
  while (layer.length > 0) {
    const near = layer.map((id) => known(input.actors, id));
    const nearest = (kind: ActorKind) => near.find((actor) => actor.kind === kind);
    const side = nearest('STATE') ?? nearest('ORGANISATION');
    if (side) return side.id;
    const further = near
      .flatMap(({ affiliations }) => affiliations)
      .filter(({ from, to }) => (from === null || from <= latest) && (to === null || to >= earliest))
      .map(({ inId }) => inId);
    layer = [...new Set(further)].filter((id) => !seen.has(id));
    for (const id of layer) seen.add(id);
  }
  return null;
}

/** Those of the sides that the givers of each statement belong to; a statement of none is left out. */
function sidesOfStatements(
  input: Pick<ComparisonInput, 'eventDay' | 'statements' | 'actors'>,
  sideIds: readonly number[],
): Map<number, Set<number>> {
  const sides = new Map<number, Set<number>>();
  for (const statement of input.statements) {
    const ofGivers = giverIds(statement, input.actors).map((giverId) => sideOf(giverId, input));
    const own = new Set(ofGivers.filter((id) => id !== null).filter((id) => sideIds.includes(id)));
    if (own.size > 0) sides.set(statement.id, own);
  }
  return sides;
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

function place(input: ComparisonInput, eventSideIds: readonly number[]): Placed[] {
  const sides = sidesOfStatements(input, eventSideIds);
  const placed: Placed[] = [];
  for (const { id, topics } of input.statements) {
    const sideIds = sides.get(id);
    if (!sideIds) continue;
    const rowIds = new Set(topics.flatMap(({ topicId }) => [...withAncestors(topicId, input.topics)]));
    const stances = new Map<number, Stance>();
    for (const { topicId, stance } of topics) if (stance !== null) stances.set(topicId, stance);
    placed.push({ id, sideIds, rowIds, stances });
  }
  return placed;
}

/** The rows in which a link of the kind joins statements of different sides. */
function linkedRowIds(
  kind: LinkKind,
  links: ComparisonInput['links'],
  placed: readonly Placed[],
): Set<number> {
  const byId = new Map(placed.map((statement) => [statement.id, statement]));
  const rowIds = new Set<number>();
  for (const link of links) {
    const from = byId.get(link.fromId);
    const to = byId.get(link.toId);
    if (link.kind !== kind || !from || !to || !differ(from.sideIds, to.sideIds)) continue;
    for (const rowId of from.rowIds) if (to.rowIds.has(rowId)) rowIds.add(rowId);
  }
  return rowIds;
}

/** The rows in which one side takes SUPPORTS and another OPPOSES on the same topic. */
function opposedRowIds(
  topicIds: Iterable<number>,
  placed: readonly Placed[],
  topics: ComparisonInput['topics'],
): Set<number> {
  const rowIds = new Set<number>();
  for (const topicId of topicIds) {
    const taking = (stance: Stance) => placed.filter(({ stances }) => stances.get(topicId) === stance);
    const supporters = new Set(taking('SUPPORTS').flatMap(({ sideIds }) => [...sideIds]));
    const opponents = new Set(taking('OPPOSES').flatMap(({ sideIds }) => [...sideIds]));
    if (!differ(supporters, opponents)) continue;
    for (const rowId of withAncestors(topicId, topics)) rowIds.add(rowId);
  }
  return rowIds;
}

/** Whether some side of the one is another than some side of the other. */
function differ(some: ReadonlySet<number>, other: ReadonlySet<number>): boolean {
  return [...some].some((sideId) => [...other].some((otherId) => otherId !== sideId));
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
  const childrenOf = (parentId: number | null) => sorted.filter((topic) => topic.parentId === parentId);
  const ordered = new Set<number>();
  const pending = [...childrenOf(null), ...sorted].reverse();
  for (let topic = pending.pop(); topic; topic = pending.pop()) {
    if (ordered.has(topic.id)) continue;
    ordered.add(topic.id);
    pending.push(...childrenOf(topic.id).reverse());
  }
  return [...ordered];
}

function known<Value>(values: ReadonlyMap<number, Value>, id: number): Value {
  const value = values.get(id);
  assert(value !== undefined, `the comparison needs ${id}, which its input does not hold`);
  return value;
}
