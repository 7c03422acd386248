import { actors } from './actors/actors.ts';
import { offices } from './actors/offices.ts';
import { sides } from './actors/sides.ts';
import { acts } from './acts.ts';
import { coders } from './coding/coders.ts';
import { confidence } from './coding/confidence.ts';
import { unresolved } from './coding/unresolved.ts';
import { collections } from './collections.ts';
import { current } from './current.ts';
import { events } from './events.ts';
import type { FilterField, FilterFields, InputOf } from './kind/field.ts';
import type { ConditionKind } from './kind/kind.ts';
import { links } from './links.ts';
import { modes } from './modes.ts';
import { positions } from './positions.ts';
import { saidFrom, saidTo } from './said.ts';
import { search } from './search.ts';
import { sources } from './sources.ts';
import { stances } from './stances.ts';
import { topics } from './topics.ts';

/**
 * The kinds of conditions that a filter can have. Their order is that of conditions in SQL, so that the order in a client's filter makes no
 * difference. It also decides which of several conditions drives a list: the first that can, so those that leave fewest statements
 * come first.
 */
const CONDITION_KINDS = [
  current,
  events,
  sources,
  actors,
  topics,
  offices,
  sides,
  coders,
  unresolved,
  links,
  stances,
  acts,
  modes,
  collections,
  positions,
  confidence,
  saidFrom,
  saidTo,
  search,
] as const;

type Kind = (typeof CONDITION_KINDS)[number];
type ConditionOf<K> = K extends { readonly parse: (...given: never[]) => readonly (infer C)[] } ? C : never;
type InputOfKind<K> = K extends { readonly fields: infer Fields extends FilterFields }
  ? InputOf<Fields>
  : never;
type Intersection<Union> = (Union extends unknown ? (given: Union) => void : never) extends (
  given: infer All,
) => void
  ? All
  : never;

/** A condition of one kind, as data. */
export type BasicCondition = ConditionOf<Kind>;
/** The fields of all kinds, as a client sends them. */
export type BasicInput = Intersection<InputOfKind<Kind>>;

/** Any of the kinds; the type of a condition distinguishes it. */
type AnyKind = ConditionKind<BasicCondition, FilterFields, BasicInput>;
export const ALL_KINDS = CONDITION_KINDS as unknown as readonly AnyKind[];
const BY_TYPE = new Map(ALL_KINDS.map((kind) => [kind.type, kind]));

/** The kind of a condition, whose functions take the condition. */
export function kindOf({ type }: BasicCondition): AnyKind {
  return BY_TYPE.get(type) as AnyKind;
}

/** The fields of all kinds, by name. */
export const CONDITION_FIELDS: Readonly<Record<string, FilterField>> = Object.assign(
  {},
  ...ALL_KINDS.map(({ fields }) => fields),
);
