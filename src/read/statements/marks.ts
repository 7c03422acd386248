import type { MatchableEntry, MatchableFacets } from '../../log/change.ts';
import { type Condition, isCombination } from './condition.ts';
import type { Names } from './conditions/kind/kind.ts';
import { ALL_KINDS, kindOf } from './conditions/kinds.ts';

/** Maximum number of marks of one subscription. A subscription that needs more is matched against every change, and pays for that. */
const MARKS_LENGTH_MAX = 200;

/**
 * Marks of which a statement must carry at least one to meet the filter; null if no marks can tell. They select the few
 * subscriptions that a change can concern.
 */
export function requiredMarks(condition: Condition, names: Names): readonly string[] | null {
  const marks = marksFor(condition, names);
  return marks && marks.size <= MARKS_LENGTH_MAX ? [...marks] : null;
}

function marksFor(condition: Condition, names: Names): ReadonlySet<string> | null {
  if (!isCombination(condition)) return kindOf(condition).marks?.required(condition, names) ?? null;
  switch (condition.type) {
    case 'not':
      return null;
    case 'all': {
      const marks = condition.conditions.map((inner) => marksFor(inner, names));
      return marks.filter((set) => set !== null).sort((a, b) => a.size - b.size)[0] ?? null;
    }
    case 'any': {
      const marks = condition.conditions.map((inner) => marksFor(inner, names));
      return marks.includes(null) ? null : new Set(marks.flatMap((set) => [...(set ?? [])]));
    }
  }
}

const CARRIED_MARKS = ALL_KINDS.flatMap(({ marks }) => (marks ? [marks.carried] : []));

/** The marks that a statement carries. */
export function marksOf(facets: MatchableFacets): string[] {
  const marks: string[] = [];
  for (const carriedBy of CARRIED_MARKS) for (const mark of carriedBy(facets)) marks.push(mark);
  return marks;
}

/** The marks of the statement of a change, before and after it. */
export function marksOfEntry({ facets }: MatchableEntry): string[] {
  if (!facets) return [];
  const { before, after } = facets;
  return before ? [...marksOf(before), ...marksOf(after)] : marksOf(after);
}
