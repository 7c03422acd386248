import {
  type ASTNode,
  type DocumentNode,
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
/** The same name that often in one selection is no use, and makes checking for conflicts slow. */
export const SAME_FIELD_MAX = 30;
export const INPUT_LIST_LENGTH_MAX = 500;
/** Of somebody without a token; others are bounded by the body. */
export const VARIABLES_BYTES_MAX = 65_536;
export const VARIABLES_DEPTH_MAX = 20;
/** Fragments in fragments in fields count here as well. */
const DEPTH_LOOKED_AT_MAX = 400;

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
 * What a document has too much of: null where it is within the limits. Looks at each node once, however often a fragment is
 * spread, and so is quick where the validation rules of GraphQL are not.
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
  const shape = new Shape(document);
  for (const operation of document.definitions) {
    if (operation.kind !== Kind.OPERATION_DEFINITION) continue;
    const rootFields = shape.fieldsOf(operation.selectionSet);
    if (rootFields > ROOT_FIELDS_MAX) {
      const message = `An operation may ask for at most ${ROOT_FIELDS_MAX} things at its root, and asks for ${rootFields}. Ask in several operations.`;
      return limitError(message, 'ROOT_FIELDS_MAX', ROOT_FIELDS_MAX, rootFields);
    }
    const depth = shape.depthOf(operation.selectionSet);
    if (depth > DEPTH_MAX) {
      const message = `An operation may be at most ${DEPTH_MAX} levels deep, and is ${depth === Infinity ? 'much deeper' : depth}. Ask for less at once.`;
      return limitError(message, 'DEPTH_MAX', DEPTH_MAX, depth === Infinity ? undefined : depth);
    }
  }
  return null;
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
    if (node.kind === Kind.SELECTION_SET) {
      const fault = repeated(node);
      if (fault) return fault;
    }
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

function repeated(set: SelectionSetNode): GraphQLError | null {
  const times = new Map<string, number>();
  for (const selection of set.selections) {
    if (selection.kind === Kind.INLINE_FRAGMENT) continue;
    const name =
      selection.kind === Kind.FIELD
        ? (selection.alias?.value ?? selection.name.value)
        : `...${selection.name.value}`;
    const found = (times.get(name) ?? 0) + 1;
    times.set(name, found);
    if (found > SAME_FIELD_MAX) {
      const message = `“${name}” stands more than ${SAME_FIELD_MAX} times in one selection. Once is enough.`;
      return limitError(message, 'SAME_FIELD_MAX', SAME_FIELD_MAX);
    }
  }
  return null;
}

function longList(length: number): GraphQLError {
  return limitError(
    `A list may have at most ${INPUT_LIST_LENGTH_MAX} items, and one has ${length}. Send them in several operations.`,
    'INPUT_LIST_LENGTH_MAX',
    INPUT_LIST_LENGTH_MAX,
    length,
  );
}

/** Depth and width of selections, fragments followed; each fragment is measured once. */
class Shape {
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #depths = new Map<string, number>();
  readonly #fields = new Map<string, number>();

  constructor(document: DocumentNode) {
    this.#fragments = new Map(
      document.definitions.flatMap((node) =>
        node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node] as const] : [],
      ),
    );
  }

  /** Infinity where a fragment contains itself, or nobody needs to know how deep it is. */
  depthOf(set: SelectionSetNode, level = 0): number {
    if (level > DEPTH_LOOKED_AT_MAX) return Infinity;
    let depth = 0;
    for (const selection of set.selections) {
      const inner =
        selection.kind === Kind.FIELD
          ? 1 + (selection.selectionSet ? this.depthOf(selection.selectionSet, level + 1) : 0)
          : selection.kind === Kind.INLINE_FRAGMENT
            ? this.depthOf(selection.selectionSet, level + 1)
            : this.#ofFragment(
                this.#depths,
                selection.name.value,
                (fragment) => this.depthOf(fragment, level + 1),
                Infinity,
              );
      depth = Math.max(depth, inner);
    }
    return depth;
  }

  /** Fields right in a selection. */
  fieldsOf(set: SelectionSetNode): number {
    let fields = 0;
    for (const selection of set.selections) {
      fields +=
        selection.kind === Kind.FIELD
          ? 1
          : selection.kind === Kind.INLINE_FRAGMENT
            ? this.fieldsOf(selection.selectionSet)
            : this.#ofFragment(this.#fields, selection.name.value, (fragment) => this.fieldsOf(fragment), 0);
    }
    return fields;
  }

  #ofFragment(
    known: Map<string, number>,
    name: string,
    measure: (set: SelectionSetNode) => number,
    whereCircular: number,
  ): number {
    const before = known.get(name);
    if (before !== undefined) return before;
    const fragment = this.#fragments.get(name);
    if (!fragment) return 0;
    known.set(name, whereCircular);
    const measured = measure(fragment.selectionSet);
    known.set(name, measured);
    return measured;
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
