import assert from 'node:assert/strict';
import type { ActorKind, Stance } from '../../db/generated/enums.ts';

/** A statement about the event. */
export interface ComparedStatement {
  id: number;
  speakerIds: readonly number[];
  /** The hops that passed it on, nearest the speaker first. */
  attribution: readonly { actorId: number }[];
  /** Its topics, each once, with its stance on the topic's proposition or null. */
  topics: readonly { topicId: number; stance: Stance | null }[];
}

/** An actor, with the actors it belongs to. Days are `YYYY-MM-DD`, both included; null is open. */
export interface ComparisonActor {
  id: number;
  kind: ActorKind;
  affiliations: readonly { inId: number; from: string | null; to: string | null }[];
}

/** An event with everything that its accounts are computed from. */
export interface AccountBasis {
  /** The first and the last day that the date of the event can mean, `YYYY-MM-DD`. */
  eventDay: { earliest: string; latest: string };
  participantIds: readonly number[];
  /** The current statements about the event, in display order. */
  statements: readonly ComparedStatement[];
  /** The participants, speakers and hops, and the actors they belong to, up to the first state or organisation. */
  actors: ReadonlyMap<number, ComparisonActor>;
}

/** The statements of one side about the event, in display order. Empty if the side is silent. */
export interface Account {
  sideId: number;
  statementIds: number[];
}

/**
 * The account of each side of the event, in the order of the sides, also if there is only one. A statement whose givers
 * belong to several sides is in the account of each. A statement whose givers belong to no side is in no account.
 */
export function accounts(input: AccountBasis): Account[] {
  const sideIds = sidesOf(input);
  const idsOf = new Map(sideIds.map((sideId) => [sideId, [] as number[]]));
  for (const [id, sides] of sidesOfStatements(input, sideIds)) {
    for (const sideId of sides) idsOf.get(sideId)?.push(id);
  }
  return [...idsOf].map(([sideId, statementIds]) => ({ sideId, statementIds }));
}

/** The sides of the event, each once, in the order of their first participants. */
export function sidesOf(input: Pick<AccountBasis, 'eventDay' | 'participantIds' | 'actors'>): number[] {
  return [...new Set(input.participantIds.map((id) => sideOf(id, input)).filter((id) => id !== null))];
}

/**
 * The givers of a statement: the outermost hop of its attribution that is not an outlet, or, without such a hop, its
 * speakers.
 */
export function giverIds(
  statement: Pick<ComparedStatement, 'speakerIds' | 'attribution'>,
  actors: ReadonlyMap<number, Pick<ComparisonActor, 'kind'>>,
): number[] {
  const hop = statement.attribution.findLast(({ actorId }) => known(actors, actorId).kind !== 'OUTLET');
  return hop ? [hop.actorId] : [...statement.speakerIds];
}

/**
 * The state or organisation that an actor is, or else the nearest one that it belongs to on a day of the event. At the
 * same distance, a state comes before an organisation, then the order of affiliations decides. Null if there is none. The
 * search is breadth first and stops at the first side: France is its own side, not the UN's.
 */
function sideOf(actorId: number, input: Pick<AccountBasis, 'eventDay' | 'actors'>): number | null {
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

/** The sides that the givers of each statement belong to, in the order of the statements. A statement of no side is left out. */
export function sidesOfStatements(
  input: Pick<AccountBasis, 'eventDay' | 'statements' | 'actors'>,
  sideIds: readonly number[],
): Map<number, Set<number>> {
  const wanted = new Set<number | null>(sideIds);
  const sideOfGiver = new Map<number, number | null>();
  const sides = new Map<number, Set<number>>();
  for (const statement of input.statements) {
    const own = new Set<number>();
    for (const giverId of giverIds(statement, input.actors)) {
      let side = sideOfGiver.get(giverId);
      if (side === undefined) {
        side = sideOf(giverId, input);
        sideOfGiver.set(giverId, side);
      }
      if (side !== null && wanted.has(side)) own.add(side);
    }
    if (own.size > 0) sides.set(statement.id, own);
  }
  return sides;
}

/** A value that the basis must contain. */
export function known<Value>(values: ReadonlyMap<number, Value>, id: number): Value {
  const value = values.get(id);
  assert(value !== undefined, `the comparison needs ${id}, which its basis does not contain`);
  return value;
}
