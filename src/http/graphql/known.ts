import { type DocumentNode, type ExecutionResult, getOperationAST, OperationTypeNode } from 'graphql';
import type { GraphQLParams } from 'graphql-yoga';
import type { TokenAuth } from '../client/auth.ts';
import type { OperationSource } from '../client/operation.ts';
import type { Guard } from '../limits/guard.ts';
import { type ContextOptions, completeContext } from './context.ts';
import { documentCache } from './documents.ts';
import type { Execution } from './execution.ts';

/** Bytes of cached documents. The least recently used are evicted first. */
export const KNOWN_QUERIES_BYTES_MAX = 8 * 1_048_576;
/** Characters of a document that is remembered; what takes longer to read takes longer to run, too. */
const DOCUMENT_LENGTH_MAX = 8_192;
/** Whatever else is sent with an operation has a meaning that is not known here. */
const PARAMS: ReadonlySet<string> = new Set(['query', 'operationName', 'variables']);

export interface KnownQueriesOptions extends ContextOptions {
  readonly guard: Guard;
  readonly execution: Execution;
  readonly auth: TokenAuth;
}

/**
 * Queries whose document has been executed before, and so is known to be valid and within the limits. They are run with the
 * same guard, context and execution as all operations; what is left out is finding out what they are, and the layers of
 * the endpoint in between, which take longer than a small query itself.
 */
export class KnownQueries {
  readonly #options: KnownQueriesOptions;
  readonly #documents = documentCache(KNOWN_QUERIES_BYTES_MAX);

  constructor(options: KnownQueriesOptions) {
    this.#options = options;
  }

  /** Takes a document that is being executed. */
  remember(document: DocumentNode): void {
    const text = document.loc?.source.body;
    if (text === undefined || text.length > DOCUMENT_LENGTH_MAX) return;
    if (this.#documents.get(text) === document) return;
    this.#documents.set(text, document);
  }

  /** The document of a query that is known; null for everything else, and for what the endpoint alone can run. */
  find(params: GraphQLParams): DocumentNode | null {
    const { query, operationName, variables } = params;
    const others = Object.entries(params).some(([name, value]) => value !== undefined && !PARAMS.has(name));
    if (typeof query !== 'string' || others) return null;
    if (operationName != null && typeof operationName !== 'string') return null;
    if (variables != null && (typeof variables !== 'object' || Array.isArray(variables))) return null;
    const document = this.#documents.get(query);
    if (!document || getOperationAST(document, operationName)?.operation !== OperationTypeNode.QUERY)
      return null;
    return document;
  }

  /**
   * Runs a query as the endpoint would.
   * @throws whatever keeps it from being begun, for the endpoint's mask.
   */
  async run(
    document: DocumentNode,
    params: GraphQLParams,
    source: OperationSource,
  ): Promise<ExecutionResult> {
    const { guard, execution, auth } = this.#options;
    const { schema } = execution;
    const { query, operationName, variables: variableValues } = params;
    guard.begin(source);
    const identity = await auth.identityOf(source);
    guard.allow(query as string, identity);
    const contextValue = await completeContext(this.#options, Object.assign(source, { identity }));
    const args = { schema, document, operationName, variableValues, contextValue };
    return guard.execute(args, (given) => execution.run(given));
  }
}
