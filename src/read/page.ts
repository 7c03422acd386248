import { type ExceededLimit, ReadoutError } from '../base/errors.ts';
import { isDay } from '../domain/input/date.ts';

/**
 * Items of a page of statements, and of any other Relay connection, if the client names no number.
 * @limit items
 */
export const PAGE_SIZE_DEFAULT = 20;
/** Items of a page. @limit items */
export const PAGE_SIZE_MAX = 100;
/** `PAGE_SIZE_MAX` with its name, for errors. */
export const PAGE_BOUND = { limit: 'PAGE_SIZE_MAX', max: PAGE_SIZE_MAX };

/** The range that PostgreSQL accepts for a float4 without an error. */
const RANK_MIN = 1e-37;
const RANK_MAX = 1e38;

/** The arguments of a connection, as Relay names them. */
export interface PageArguments {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly last?: number | null | undefined;
  readonly before?: string | null | undefined;
}

/** Sort keys of one item, most significant first; the last one is unique. */
export type Keys = readonly (string | number)[];

/** The types of sort keys, each with a check of a value from a cursor. PostgreSQL gets the value unchanged. */
const KEY_CHECKS = {
  text: (key: unknown) => typeof key === 'string' && !key.includes('\0'),
  day: (key: unknown) => typeof key === 'string' && isDay(key),
  id: (key: unknown) => Number.isSafeInteger(key) && Math.abs(key as number) < 2 ** 31,
  position: (key: unknown) => Number.isSafeInteger(key),
  rank: (key: unknown) => typeof key === 'number' && (key === 0 || (key > RANK_MIN && key < RANK_MAX)),
} as const;
export type KeyType = keyof typeof KEY_CHECKS;

/** The items to read: at most `size` between two cursors, from the start or from the end. */
export interface Page {
  readonly size: number;
  /** Reads the last items instead of the first ones. */
  readonly fromEnd: boolean;
  readonly after: Keys | null;
  readonly before: Keys | null;
}

/** Part of a list, with the information about the rest that Relay prescribes. */
export interface Connection<T> {
  readonly edges: readonly { readonly cursor: string; readonly node: T }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
}

/** An item of a page. Its cursor is encoded on request; most clients request at most one of a page. */
class Edge<T> {
  readonly node: T;
  readonly #cursorOf: (item: T) => string;

  constructor(node: T, cursorOf: (item: T) => string) {
    this.node = node;
    this.#cursorOf = cursorOf;
  }

  get cursor(): string {
    return this.#cursorOf(this.node);
  }
}

/** Information about the rest of a list. A class: V8 keeps getters of an object literal, and what they reference, until the next full collection. */
class PageInfo {
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly #edges: readonly { readonly cursor: string }[];

  constructor(hasNextPage: boolean, hasPreviousPage: boolean, edges: readonly { readonly cursor: string }[]) {
    this.hasNextPage = hasNextPage;
    this.hasPreviousPage = hasPreviousPage;
    this.#edges = edges;
  }

  get startCursor(): string | null {
    return this.#edges[0]?.cursor ?? null;
  }

  get endCursor(): string | null {
    return this.#edges.at(-1)?.cursor ?? null;
  }
}

/** An opaque cursor: its order, and the sort keys of its item. */
export function encodeCursor(order: string, keys: Keys): string {
  return Buffer.from(JSON.stringify([order, ...keys])).toString('base64url');
}

function decodeCursor(order: string, keyTypes: readonly KeyType[], cursor: string, name: string): Keys {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    parsed = null; // not a cursor of this service; refused below
  }
  const [given, ...keys] = Array.isArray(parsed) ? (parsed as unknown[]) : [];
  if (given !== order && typeof given === 'string' && /^[A-Z_]+$/.test(given)) {
    throw new ReadoutError(
      'INVALID_INPUT',
      `The cursor in “${name}” belongs to the order ${given}, not to ${order}. Start again without it when you change the order.`,
      [name],
    );
  }
  const fits = keys.length === keyTypes.length && keyTypes.every((type, i) => KEY_CHECKS[type](keys[i]));
  if (given !== order || !fits) {
    throw new ReadoutError(
      'INVALID_INPUT',
      `“${name}” is not a cursor of this list. Take it from pageInfo or from an edge of this connection.`,
      [name],
    );
  }
  return keys as Keys;
}

/**
 * Checks a number of items in an argument.
 * @param bound the limit on the number, by its name.
 * @param rest how to get items beyond `max`, as a sentence.
 * @throws ReadoutError INVALID_INPUT or LIMIT_EXCEEDED that names the argument.
 */
export function parseSize(name: string, size: number, bound: ExceededLimit, rest: string): number {
  if (size < 0) {
    throw new ReadoutError('INVALID_INPUT', `“${name}” must not be negative, and is ${size}.`, [name]);
  }
  if (size > bound.max) {
    throw new ReadoutError(
      'LIMIT_EXCEEDED',
      `“${name}” must be at most ${bound.max}, and is ${size}. ${rest}`,
      [name],
      bound,
    );
  }
  return size;
}

/**
 * Reads the arguments of a connection.
 * @param order names the order; a cursor of another one is refused.
 * @param keyTypes of the sort keys that a cursor of this order holds.
 * @throws ReadoutError INVALID_INPUT or LIMIT_EXCEEDED that names the argument.
 */
export function parsePage(args: PageArguments, order: string, keyTypes: readonly KeyType[]): Page {
  const { first, last, after, before } = args;
  if (first != null && last != null) {
    throw new ReadoutError('INVALID_INPUT', 'Give “first” or “last”, not both.', ['last']);
  }
  const [name, given] =
    last != null ? (['last', last] as const) : (['first', first ?? PAGE_SIZE_DEFAULT] as const);
  const size = parseSize(name, given, PAGE_BOUND, 'Read further pages with a cursor.');
  return {
    size,
    fromEnd: last != null,
    after: after == null ? null : decodeCursor(order, keyTypes, after, 'after'),
    before: before == null ? null : decodeCursor(order, keyTypes, before, 'before'),
  };
}

/**
 * Makes a connection from the items that were read.
 * @param items in the direction of reading (from the end: last first), one more than the page's size where there
 *   are more.
 */
export function makeConnection<T>(
  page: Page,
  items: readonly T[],
  cursorOf: (item: T) => string,
): Connection<T> {
  const more = items.length > page.size;
  const kept = items.slice(0, page.size);
  if (page.fromEnd) kept.reverse();
  const edges = kept.map((node) => new Edge(node, cursorOf));
  // A cursor belongs to an item of the list, so at least that item is on the other side of it.
  const hasNextPage = page.fromEnd ? page.before !== null : more;
  const hasPreviousPage = page.fromEnd ? more : page.after !== null;
  return { edges, pageInfo: new PageInfo(hasNextPage, hasPreviousPage, edges) };
}
