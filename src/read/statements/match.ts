import { basicConditions, type Condition, countConditions, isCombination } from './condition.ts';
import type { Matcher, Names } from './conditions/kind/kind.ts';
import { kindOf } from './conditions/kinds.ts';

/**
 * Compiles a filter to a function that decides in the process what `toSql` decides in PostgreSQL. Slugs are resolved when it
 * is compiled.
 */
export function makeMatcher(condition: Condition, names: Names): Matcher {
  if (!isCombination(condition)) return kindOf(condition).matcher(condition, names);
  const make = (inner: Condition): Matcher => makeMatcher(inner, names);
  switch (condition.type) {
    case 'not': {
      const inner = make(condition.condition);
      return (facets, found) => {
        const met = inner(facets, found);
        return met === null ? null : !met;
      };
    }
    case 'all':
      return combine(condition.conditions.map(make), false);
    case 'any':
      return combine(condition.conditions.map(make), true);
  }
}

/** True as soon as one matcher gives `decisive`, for `any`; false as soon as one gives it, for `all`. */
function combine(matchers: readonly Matcher[], decisive: boolean): Matcher {
  return (facets, found) => {
    let open = false;
    for (const matcher of matchers) {
      const met = matcher(facets, found);
      if (met === decisive) return decisive;
      open ||= met === null;
    }
    return open ? null : !decisive;
  };
}

/** The texts that a filter searches for. */
export function searchesOf(condition: Condition): string[] {
  return [...new Set(basicConditions(condition).flatMap((basic) => kindOf(basic).search?.(basic) ?? []))];
}

/** Points for matching a change without conditions: half a microsecond. */
const MATCH_POINTS = 0.5;
/** Points of a condition. `any` of 99 alternatives with one name each takes 19 µs for its 200 conditions. */
const CONDITION_POINTS = 0.1;

/** Points for matching one change, without searches. */
export function matchPoints(condition: Condition): number {
  return MATCH_POINTS + CONDITION_POINTS * countConditions(condition);
}
