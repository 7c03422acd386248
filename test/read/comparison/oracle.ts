import type { ActorKind, LinkKind, Stance } from '../../../src/db/generated/enums.ts';

/*
 * The rules of comparisons once more, written down without SQL, for inputs of a few statements.
 */

export interface CaseActor {
  readonly id: number;
  readonly kind: ActorKind;
  readonly affiliations: readonly {
    readonly inId: number;
    readonly from: string | null;
    readonly to: string | null;
  }[];
}
/** The first and the last of some days. */
interface Days {
  readonly earliest: string;
  readonly latest: string;
}
export interface CaseStatement {
  readonly id: number;
  readonly said: Days;
  readonly speakerIds: readonly number[];
  readonly behalfIds: readonly number[];
  readonly hopIds: readonly number[];
  readonly topics: readonly { readonly topicId: number; readonly stance: Stance | null }[];
}
export interface CaseTopic {
  readonly id: number;
  readonly parentId: number | null;
  readonly name: string;
}
/** An event, and everything that its comparison follows from. */
export interface ComparisonCase {
  readonly days: Days;
  readonly participantIds: readonly number[];
  readonly statements: readonly CaseStatement[];
  readonly links: readonly { readonly fromId: number; readonly toId: number; readonly kind: LinkKind }[];
  readonly actors: readonly CaseActor[];
  readonly topics: readonly CaseTopic[];
}

export interface ComparedAccount {
  readonly sideId: number;
  readonly statementIds: readonly number[];
}
export interface ComparedRow {
  readonly topicId: number;
  readonly cells: readonly (ComparedAccount & { readonly stance: Stance | null })[];
  readonly verdict: string;
}

const byId = <Item extends { readonly id: number }>(items: readonly Item[]): ReadonlyMap<number, Item> =>
  new Map(items.map((item) => [item.id, item]));
const unique = <Item>(items: readonly Item[]): Item[] => [...new Set(items)];

/** Every way from an actor to a state or organisation, with the days on which all its affiliations are in force. */
function waysOf(actorId: number, { actors }: ComparisonCase) {
  const known = byId(actors);
  const ways: { sideId: number; kind: ActorKind; ordinals: number[]; from: string; to: string }[] = [];
  const walk = (id: number, ordinals: number[], from: string, to: string, visited: number[]): void => {
    const { kind, affiliations } = known.get(id) as CaseActor;
    if (kind === 'STATE' || kind === 'ORGANISATION') {
      ways.push({ sideId: id, kind, ordinals, from, to });
      return;
    }
    for (const [ordinal, next] of affiliations.entries()) {
      if (visited.includes(next.inId)) continue;
      const later = [from, next.from ?? ''].sort()[1] as string;
      const sooner = [to, next.to ?? '9999'].sort()[0] as string;
      if (later <= sooner) walk(next.inId, [...ordinals, ordinal], later, sooner, [...visited, next.inId]);
    }
  };
  walk(actorId, [], '', '9999', [actorId]);
  const rank = ({ ordinals, kind }: (typeof ways)[number]) =>
    [ordinals.length, kind === 'STATE' ? 0 : 1, ...ordinals].map((n) => String(n).padStart(3, '0')).join();
  return ways.sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
}

interface Way {
  readonly from: string;
  readonly to: string;
}
const isOpen =
  ({ earliest, latest }: Days) =>
  ({ from, to }: Way): boolean =>
    from <= latest && to >= earliest;

function eachDay({ earliest, latest }: Days): string[] {
  const days: string[] = [];
  for (const day = new Date(earliest); day <= new Date(latest); day.setUTCDate(day.getUTCDate() + 1))
    days.push(day.toISOString().slice(0, 10));
  return days;
}

/** The nearest side of a participant on each day of the event. */
function sidesOfParticipant(id: number, input: ComparisonCase): number[] {
  const ways = waysOf(id, input);
  const nearest = eachDay(input.days).map((day) => ways.find(isOpen({ earliest: day, latest: day })));
  return ways.filter((way) => nearest.includes(way)).map(({ sideId }) => sideId);
}

export function sidesOf(input: ComparisonCase): number[] {
  return unique(input.participantIds.flatMap((id) => sidesOfParticipant(id, input)));
}

/** All sides that its givers can speak for on the days of a statement. */
function sidesOfStatement(
  { speakerIds, behalfIds, hopIds, said }: CaseStatement,
  input: ComparisonCase,
): number[] {
  const actors = byId(input.actors);
  const hop = hopIds.findLast((id) => actors.get(id)?.kind !== 'OUTLET');
  const speakingFor = hop !== undefined ? [hop] : behalfIds.length > 0 ? behalfIds : speakerIds;
  const ways = speakingFor.flatMap((id) => waysOf(id, input).filter(isOpen(said)));
  return unique(ways.map(({ sideId }) => sideId));
}

/** The statements in the order in which they were said. */
export const inOrder = ({ statements }: ComparisonCase): CaseStatement[] =>
  [...statements].sort((a, b) =>
    a.said.earliest === b.said.earliest ? a.id - b.id : a.said.earliest < b.said.earliest ? -1 : 1,
  );

export function accountsOf(input: ComparisonCase): ComparedAccount[] {
  return sidesOf(input).map((sideId) => ({
    sideId,
    statementIds: inOrder(input)
      .filter((statement) => sidesOfStatement(statement, input).includes(sideId))
      .map(({ id }) => id),
  }));
}

/** @param sideIds those that are compared. */
export function rowsOf(input: ComparisonCase, sideIds = sidesOf(input)): ComparedRow[] {
  if (sideIds.length < 2) return [];
  const topics = byId(input.topics);
  const upwards = (id: number): number[] => {
    const parentId = topics.get(id)?.parentId ?? null;
    return parentId === null ? [id] : [id, ...upwards(parentId)];
  };
  const given = inOrder(input)
    .map((statement) => ({
      ...statement,
      sides: sidesOfStatement(statement, input).filter((id) => sideIds.includes(id)),
      rowIds: unique(statement.topics.flatMap(({ topicId }) => upwards(topicId))),
    }))
    .filter(({ sides }) => sides.length > 0);
  const inTree = (parentId: number | null): number[] =>
    input.topics
      .filter((topic) => topic.parentId === parentId)
      .sort((a, b) => (a.name === b.name ? a.id - b.id : a.name < b.name ? -1 : 1))
      .flatMap(({ id }) => [id, ...inTree(id)]);
  const differ = (some: readonly number[], others: readonly number[]): boolean =>
    some.some((a) => others.some((b) => a !== b));
  return inTree(null).flatMap((topicId) => {
    const inside = given.filter(({ rowIds }) => rowIds.includes(topicId));
    if (inside.length === 0) return [];
    const cells = sideIds.map((sideId) => {
      const own = inside.filter(({ sides }) => sides.includes(sideId));
      const stances = unique(
        own.flatMap((statement) =>
          statement.topics.filter((topic) => topic.topicId === topicId && topic.stance !== null),
        ),
      ).map(({ stance }) => stance);
      const stance = new Set(stances).size > 1 ? ('MIXED' as const) : (stances[0] ?? null);
      return { sideId, statementIds: own.map(({ id }) => id), stance };
    });
    const joins = (kind: LinkKind): boolean =>
      input.links.some((link) => {
        const from = inside.find(({ id }) => id === link.fromId);
        const to = inside.find(({ id }) => id === link.toId);
        return link.kind === kind && from !== undefined && to !== undefined && differ(from.sides, to.sides);
      });
    const taking = (topic: number, stance: Stance): number[] =>
      inside.flatMap(({ topics: carried, sides }) =>
        carried.some((one) => one.topicId === topic && one.stance === stance) ? sides : [],
      );
    const below = input.topics.filter(({ id }) => upwards(id).includes(topicId));
    const opposed = below.some(({ id }) => differ(taking(id, 'SUPPORTS'), taking(id, 'OPPOSES')));
    const common = cells.every(({ stance }) => stance !== null && stance === cells[0]?.stance);
    const stance = common ? cells[0]?.stance : null;
    const verdict = cells.some(({ statementIds }) => statementIds.length === 0)
      ? 'ONE_SIDED'
      : joins('DISPUTES') || opposed
        ? 'DISPUTED'
        : joins('AGREES_WITH') || stance === 'SUPPORTS' || stance === 'OPPOSES'
          ? 'AGREED'
          : 'BOTH_REPORT';
    return [{ topicId, cells, verdict }];
  });
}
