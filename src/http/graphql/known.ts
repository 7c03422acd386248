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
/** Characters of a cached document. The time to parse a longer one is small beside the time to run it. */
const DOCUMENT_LENGTH_MAX = 8_192;
/** Yoga handles requests with other parameters. */
const PARAMS: ReadonlySet<string> = new Set(['query', 'operationName', 'variables']);

export interface KnownQueriesOptions extends ContextOptions {
  readonly guard: Guard;
  readonly execution: Execution;
  readonly auth: TokenAuth;
}

/**
 * Queries whose document was executed before, so that it is valid and within the limits. They run with the same guard,
 * context and execution as all operations, and without parsing, validation and Yoga's hooks, which take about a third of
 * the time of a small query.
 */
export class KnownQueries {
  readonly #options: KnownQueriesOptions;
  readonly #documents = documentCache(KNOWN_QUERIES_BYTES_MAX);

  constructor(options: KnownQueriesOptions) {
    this.#options = options;
  }

  /** Adds a document that is being executed. */
  remember(document: DocumentNode): void {
    const text = document.loc?.source.body;
    if (text === undefined || text.length > DOCUMENT_LENGTH_MAX) return;
    if (this.#documents.get(text) === document) return;
    this.#documents.set(text, document);
  }

  /** The document of a known query; null for any other operation. */
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
   * Runs a query as Yoga would.
   * @throws GraphQLError or ReadoutError where the query is refused. The caller masks it.
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
