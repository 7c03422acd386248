import {
  type ASTNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  parse,
  type SelectionSetNode,
  type Source,
} from 'graphql';
import type { Limits } from '../limits.ts';

export const DOCUMENT_BYTES_MAX = 65_536;
export const DIRECTIVES_MAX = 50;
export const ROOT_FIELDS_MAX = 30;
export const OPERATIONS_PER_DOCUMENT_MAX = 20;
/** Fields of an operation where its fragments are written out. */
export const FIELDS_MAX = 5_000;
/** How often one field of the answer may be asked for: more is no use, and makes checking for conflicts slow. */
export const SAME_FIELD_MAX = 15;
export const INPUT_LIST_LENGTH_MAX = 500;
/** Of somebody without a token; others are bounded by the body. */
export const VARIABLES_BYTES_MAX = 65_536;
export const VARIABLES_DEPTH_MAX = 20;

type DocumentLimits = Pick<Limits, 'DEPTH_MAX' | 'TOKENS_MAX' | 'ALIASES_MAX'>;

/** An operation that asks for more than is allowed; refused before anything of it runs. */
export function limitError(message: string, limit: string, max: number, found?: number): GraphQLError {
  return new GraphQLError(message, {
    extensions: {
      code: 'LIMIT_EXCEEDED',
      limit,
      max,
      ...(found !== undefined && { found }),
      http: { status: 400, spec: true },
    },
  });
}

/** Parses a document of at most so many bytes and tokens. */
export function parseWithin(
  source: string | Source,
  { TOKENS_MAX, DEPTH_MAX }: DocumentLimits,
): DocumentNode {
  const text = typeof source === 'string' ? source : source.body;
  const bytes = Buffer.byteLength(text);
  if (bytes > DOCUMENT_BYTES_MAX) {
    throw limitError(
      `The document may have at most ${DOCUMENT_BYTES_MAX} bytes, and has ${bytes}. Put values into variables.`,
      'DOCUMENT_BYTES_MAX',
      DOCUMENT_BYTES_MAX,
      bytes,
    );
  }
  try {
    return parse(source, { maxTokens: TOKENS_MAX });
  } catch (error) {
    // The parser calls itself for each level, and the stack ends before the tokens do.
    if (error instanceof RangeError)
      throw limitError('The document is nested too deep.', 'DEPTH_MAX', DEPTH_MAX);
    if (!(error instanceof GraphQLError) || !/contains more that \d+ tokens/.test(error.message)) throw error;
    throw limitError(
      `The document may have at most ${TOKENS_MAX} tokens. Ask in several operations.`,
      'TOKENS_MAX',
      TOKENS_MAX,
    );
  }
}

interface Counts {
  aliases: number;
  directives: number;
  operations: number;
}

/**
 * What a document has too much of: null where it is within the limits. It comes before the validation rules of GraphQL, some of
 * which take long over just such documents.
 */
export function faultOf(document: DocumentNode, limits: DocumentLimits): GraphQLError | null {
  const counts: Counts = { aliases: 0, directives: 0, operations: 0 };
  const fault = count(document, counts);
  if (fault) return fault;
  const { ALIASES_MAX, DEPTH_MAX } = limits;
  const checks = [
    ['aliases', 'ALIASES_MAX', ALIASES_MAX, counts.aliases],
    ['directives', 'DIRECTIVES_MAX', DIRECTIVES_MAX, counts.directives],
    ['operations', 'OPERATIONS_PER_DOCUMENT_MAX', OPERATIONS_PER_DOCUMENT_MAX, counts.operations],
  ] as const;
  for (const [what, name, max, found] of checks) {
    if (found > max) {
      const message = `The document may have at most ${max} ${what}, and has ${found}. Ask in several operations.`;
      return limitError(message, name, max, found);
    }
  }
  const shape = new Shape(document, DEPTH_MAX);
  for (const operation of document.definitions) {
    if (operation.kind !== Kind.OPERATION_DEFINITION) continue;
    const fault = shape.faultOf(operation.selectionSet);
    if (fault) return fault;
  }
  return shape.faultOfUnused();
}

/** Counts what stands in a document, without recursion: a document can be as deep as it has tokens. */
function count(document: DocumentNode, counts: Counts): GraphQLError | null {
  const waiting: ASTNode[] = [document];
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    if (node.kind === Kind.FIELD && node.alias) counts.aliases += 1;
    if (node.kind === Kind.OPERATION_DEFINITION) counts.operations += 1;
    if ('directives' in node) counts.directives += node.directives?.length ?? 0;
    if (node.kind === Kind.LIST && node.values.length > INPUT_LIST_LENGTH_MAX)
      return longList(node.values.length);
    for (const value of Object.values(node)) {
      if (Array.isArray(value)) waiting.push(...(value as ASTNode[]));
      else if (isNode(value)) waiting.push(value);
    }
  }
  return null;
}

/** The location of a node refers to its tokens, which are a list that leads through the whole document. */
function isNode(value: unknown): value is ASTNode {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as ASTNode).kind === 'string' &&
    !('next' in value)
  );
}

function longList(length: number): GraphQLError {
  return limitError(
    `A list may have at most ${INPUT_LIST_LENGTH_MAX} items, and one has ${length}. Send them in several operations.`,
    'INPUT_LIST_LENGTH_MAX',
    INPUT_LIST_LENGTH_MAX,
    length,
  );
}

/** Looks at operations as they are executed: fragments written out, and what has the same name in one. */
class Shape {
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #depthMax: number;
  /** Fragments that operations lead to. */
  readonly #reached = new Set<string>();
  #fields = 0;

  constructor(document: DocumentNode, depthMax: number) {
    this.#depthMax = depthMax;
    this.#fragments = new Map(
      document.definitions.flatMap((node) =>
        node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node] as const] : [],
      ),
    );
  }

  faultOf(set: SelectionSetNode): GraphQLError | null {
    this.#fields = 0;
    const fields = this.#fieldsOf([set]);
    const count = [...fields.values()].reduce((sum, same) => sum + same.length, 0);
    if (count > ROOT_FIELDS_MAX) {
      const message = `An operation may ask for at most ${ROOT_FIELDS_MAX} things at its root, and asks for ${count}. Ask in several operations.`;
      return limitError(message, 'ROOT_FIELDS_MAX', ROOT_FIELDS_MAX, count);
    }
    return this.#faultOfFields(fields, 1);
  }

  /** Fragments that nothing leads to make a document invalid, and finding out what else is wrong in them takes as long. */
  faultOfUnused(): GraphQLError | null {
    this.#fields = 0;
    for (const [name, { selectionSet }] of this.#fragments) {
      if (this.#reached.has(name)) continue;
      const fault = this.#faultOfFields(this.#fieldsOf([selectionSet]), 1);
      if (fault) return fault;
    }
    return null;
  }

  #faultOfFields(fields: ReadonlyMap<string, readonly FieldNode[]>, depth: number): GraphQLError | null {
    if (depth > this.#depthMax) {
      const message = `An operation may be at most ${this.#depthMax} levels deep. Ask for less at once.`;
      return limitError(message, 'DEPTH_MAX', this.#depthMax);
    }
    for (const [name, same] of fields) {
      if (same.length > SAME_FIELD_MAX) {
        const message = `An operation may ask for the same field at most ${SAME_FIELD_MAX} times, and asks for “${name}” ${same.length} times. Once is enough.`;
        return limitError(message, 'SAME_FIELD_MAX', SAME_FIELD_MAX, same.length);
      }
      const below = same.flatMap(({ selectionSet }) => selectionSet ?? []);
      const fault = below.length > 0 ? this.#faultOfFields(this.#fieldsOf(below), depth + 1) : null;
      if (fault) return fault;
      if (this.#fields > FIELDS_MAX) {
        const message = `An operation may have at most ${FIELDS_MAX} fields, those of fragments included. Ask in several operations.`;
        return limitError(message, 'FIELDS_MAX', FIELDS_MAX);
      }
    }
    return null;
  }

  /** The fields that these selections ask for, by their names in the answer. */
  #fieldsOf(sets: readonly SelectionSetNode[]): Map<string, FieldNode[]> {
    const fields = new Map<string, FieldNode[]>();
    const spread = new Set<string>();
    const waiting = [...sets];
    for (let set = waiting.pop(); set; set = waiting.pop()) {
      for (const selection of set.selections) {
        if (selection.kind === Kind.FIELD) {
          this.#fields += 1;
          const name = (selection.alias ?? selection.name).value;
          const same = fields.get(name);
          if (same) same.push(selection);
          else fields.set(name, [selection]);
        } else if (selection.kind === Kind.INLINE_FRAGMENT) {
          waiting.push(selection.selectionSet);
        } else if (!spread.has(selection.name.value)) {
          spread.add(selection.name.value);
          this.#reached.add(selection.name.value);
          const fragment = this.#fragments.get(selection.name.value);
          if (fragment) waiting.push(fragment.selectionSet);
        }
      }
    }
    return fields;
  }
}

/**
 * What variables have too much of; null where they are within the limits. Without recursion, since JSON can be as deep as
 * it is long.
 * @param bytesMax of their texts, with eight for every other value.
 */
export function faultOfVariables(variables: unknown, bytesMax: number): GraphQLError | null {
  let bytes = 0;
  const waiting: { value: unknown; depth: number }[] = [{ value: variables, depth: 0 }];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { value, depth } = next;
    bytes += typeof value === 'string' ? value.length : 8;
    if (bytes > bytesMax) {
      const message = `The variables may have at most ${bytesMax} bytes. Send less at once${bytesMax === VARIABLES_BYTES_MAX ? ', or use a token' : ''}.`;
      return limitError(message, 'VARIABLES_BYTES_MAX', bytesMax);
    }
    if (typeof value !== 'object' || value === null) continue;
    if (depth >= VARIABLES_DEPTH_MAX) {
      const message = `The variables may be nested at most ${VARIABLES_DEPTH_MAX} levels deep.`;
      return limitError(message, 'VARIABLES_DEPTH_MAX', VARIABLES_DEPTH_MAX);
    }
    if (Array.isArray(value) && value.length > INPUT_LIST_LENGTH_MAX) return longList(value.length);
    for (const [name, inner] of Object.entries(value)) {
      bytes += name.length;
      waiting.push({ value: inner, depth: depth + 1 });
    }
  }
  return null;
}
