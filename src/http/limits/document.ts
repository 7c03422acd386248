import { type ASTNode, type DocumentNode, GraphQLError, Kind, parse, type Source } from 'graphql';
import type { Limits } from '../../config/limits.ts';
import { DocumentShape, limitError } from './shape.ts';

/** A document. Values belong into variables, which are not part of it. @limit bytes */
export const DOCUMENT_BYTES_MAX = 65_536;
/** Directives in a document. @limit directives */
export const DIRECTIVES_MAX = 50;
/** Operations in a document; one of them is run. @limit operations */
export const OPERATIONS_PER_DOCUMENT_MAX = 20;
/** Any list in an argument, such as the participants of `saveEvent`. @limit items */
export const INPUT_LIST_LENGTH_MAX = 1_000;
/** Variables of a request without a token. With a token, the limit of the body applies. @limit bytes */
export const VARIABLES_BYTES_MAX = 65_536;
/** Values, lists and objects in the variables of a query or subscription. Those of a mutation are bounded by its body. @limit values */
export const VARIABLE_VALUES_MAX = 15_000;
/** Nested objects and lists in variables. @limit levels */
export const VARIABLES_DEPTH_MAX = 20;

type DocumentLimits = Pick<Limits, 'DEPTH_MAX' | 'TOKENS_MAX' | 'ALIASES_MAX'>;

/**
 * Parses a document.
 * @throws GraphQLError for a syntax error; LIMIT_EXCEEDED for too many bytes, tokens or levels.
 */
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
    // The parser is recursive, and a deep document overflows the stack before it has too many tokens.
    if (error instanceof RangeError)
      throw limitError('The document is nested too deep.', 'DEPTH_MAX', DEPTH_MAX);
    if (!(error instanceof GraphQLError) || !/contains more that \d+ tokens/.test(error.message)) throw error;
    throw limitError(
      `The document may have at most ${TOKENS_MAX} tokens. Split it into several operations.`,
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
 * The error for a document that exceeds a limit; null where it does not. This check comes before the validation rules of
 * GraphQL, because some of them are slow for such documents.
 */
export function limitErrorOf(document: DocumentNode, limits: DocumentLimits): GraphQLError | null {
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
      const message = `The document may have at most ${max} ${what}, and has ${found}. Split it into several operations.`;
      return limitError(message, name, max, found);
    }
  }
  const shape = new DocumentShape(document, DEPTH_MAX);
  for (const operation of document.definitions) {
    if (operation.kind !== Kind.OPERATION_DEFINITION) continue;
    const fault = shape.errorOf(operation.selectionSet);
    if (fault) return fault;
  }
  return shape.unusedError();
}

/** Counts the parts of a document. It uses no recursion, because a document can be as deep as it has tokens. */
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

/** A location is not a node. It refers to a token, and the tokens are a linked list through the whole document. */
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

/**
 * The error for variables that exceed a limit; null where they do not. It uses no recursion, because JSON can be as deep as
 * it is long.
 * @param bytesMax bytes of the texts, and eight for every other value.
 */
export function limitErrorOfVariables(
  variables: unknown,
  bytesMax: number,
  valuesMax = Number.POSITIVE_INFINITY,
): GraphQLError | null {
  let bytes = 0;
  let values = 0;
  const waiting: { value: unknown; depth: number }[] = [{ value: variables, depth: 0 }];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { value, depth } = next;
    values += 1;
    if (values > valuesMax) {
      const message = `The variables may have at most ${valuesMax} values. Send several operations.`;
      return limitError(message, 'VARIABLE_VALUES_MAX', valuesMax);
    }
    bytes += typeof value === 'string' ? value.length : 8;
    if (bytes > bytesMax) {
      const message = `The variables may have at most ${bytesMax} bytes. Send less at once${bytesMax === VARIABLES_BYTES_MAX ? ', or use a token' : ''}.`;
      return limitError(message, 'VARIABLES_BYTES_MAX', bytesMax);
    }
    if (typeof value !== 'object' || value === null) continue;
    if (depth >= VARIABLES_DEPTH_MAX) {
      const message = `Variables can be nested at most ${VARIABLES_DEPTH_MAX} levels deep.`;
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
