import { isObject } from '../../../base/object.ts';
import type { Place } from '../../item.ts';
import { elementLines } from './elementLines.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** An element of a list of the file. */
export interface Element {
  readonly fields: Fields;
  readonly place: Place;
}

/** A text without blanks at its ends; a number as text; empty for anything else. */
export function textOf(value: unknown): string {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' ? value.trim() : '';
}

/** The objects of a list; none if it is not a list. */
export const recordsOf = (value: unknown): Fields[] => (Array.isArray(value) ? value.filter(isObject) : []);

/** The lists of a Popolo file. */
export interface PopoloDocument {
  readonly persons: readonly Element[];
  readonly organizations: readonly Element[];
  readonly memberships: readonly Element[];
  readonly posts: readonly Element[];
  readonly events: readonly Element[];
  /** Lists that are not read, with the number of their elements. */
  readonly others: ReadonlyMap<string, number>;
}

const LISTS = ['persons', 'organizations', 'memberships', 'posts', 'events'] as const;
const isOrganisation = (fields: Fields): boolean => 'classification' in fields || 'founding_date' in fields;

/** The lists of a Popolo file: an object of lists, or a list of persons and organisations. Null for any other JSON. */
export function popoloDocumentOf(json: string, parsed: unknown, file: string): PopoloDocument | null {
  const lines = elementLines(json);
  const elementsOf = (name: string, value: unknown): Element[] =>
    (Array.isArray(value) ? value : []).flatMap((fields: unknown, i) =>
      isObject(fields) ? [{ fields, place: { file, line: lines.get(name)?.[i] ?? 1 } }] : [],
    );
  if (Array.isArray(parsed)) {
    const all = elementsOf('', parsed);
    if (all.length === 0) return null;
    return {
      persons: all.filter(({ fields }) => !isOrganisation(fields)),
      organizations: all.filter(({ fields }) => isOrganisation(fields)),
      memberships: [],
      posts: [],
      events: [],
      others: new Map(),
    };
  }
  if (!isObject(parsed) || !LISTS.some((name) => Array.isArray(parsed[name]))) return null;
  const others = Object.entries(parsed).flatMap(([name, value]): [string, number][] =>
    Array.isArray(value) && !(LISTS as readonly string[]).includes(name) ? [[name, value.length]] : [],
  );
  const [persons, organizations, memberships, posts, events] = LISTS.map((name) =>
    elementsOf(name, parsed[name]),
  ) as [Element[], Element[], Element[], Element[], Element[]];
  return { persons, organizations, memberships, posts, events, others: new Map(others) };
}
