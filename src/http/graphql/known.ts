import { type DocumentNode, type ExecutionResult, getOperationAST, OperationTypeNode } from 'graphql';
import type { GraphQLParams } from 'graphql-yoga';
import type { LRUCache } from 'lru-cache';
import type { TokenAuth } from '../client/auth.ts';
import type { OperationSource } from '../client/operation.ts';
import type { Guard } from '../limits/guard.ts';
import { type ContextOptions, completeContext } from './context.ts';
import type { Execution } from './execution.ts';
import { executeWithSuggestions } from './unknownSlugs.ts';

/** Yoga handles requests with other parameters. */
const PARAMS: ReadonlySet<string> = new Set(['query', 'operationName', 'variables']);

export interface KnownQueriesOptions extends ContextOptions {
  readonly guard: Guard;
  readonly execution: Execution;
  readonly auth: TokenAuth;
  /** Parsed documents by their text. */
  readonly documents: Pick<LRUCache<string, DocumentNode>, 'get'>;
}

/**
 * Queries whose document was executed before, and so is valid and within the limits. They run with the same guard,
 * context and execution as all operations, but without Yoga's hooks, which take about a quarter of the time of a small
 * query.
 */
export class KnownQueries {
  readonly #options: KnownQueriesOptions;
  /** Documents that were executed, and so are valid and within the limits. */
  readonly #executed = new WeakSet<DocumentNode>();

  constructor(options: KnownQueriesOptions) {
    this.#options = options;
  }

  /** Adds a document that is being executed. */
  remember(document: DocumentNode): void {
    this.#executed.add(document);
  }

  /** The document of a known query; null for any other operation. */
  find(params: GraphQLParams): DocumentNode | null {
    const { query, operationName, variables } = params;
    const others = Object.entries(params).some(([name, value]) => value !== undefined && !PARAMS.has(name));
    if (typeof query !== 'string' || others) return null;
    if (operationName != null && typeof operationName !== 'string') return null;
    if (variables != null && (typeof variables !== 'object' || Array.isArray(variables))) return null;
    const document = this.#options.documents.get(query);
    if (!document || !this.#executed.has(document)) return null;
    const operation = getOperationAST(document, operationName)?.operation;
    return operation === OperationTypeNode.QUERY ? document : null;
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
    return guard.execute(args, (given) => executeWithSuggestions(execution, given));
  }
}
