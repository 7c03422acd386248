import { setTimeout as sleep } from 'node:timers/promises';
import type { DocumentNode, ExecutionArgs, GraphQLError } from 'graphql';
import { createYoga, type Plugin, type YogaServerInstance } from 'graphql-yoga';
import type { LRUCache } from 'lru-cache';
import type { Identity } from '../../domain/access/identity.ts';
import { setErrors } from '../../observe/operations.ts';
import type { Context } from '../../schema/builder/builder.ts';
import type { TokenAuth } from '../client/auth.ts';
import type { OperationSource } from '../client/operation.ts';
import { rateHeaders } from '../cost/rate.ts';
import { documentIdOf, documentOf, type TrustedDocuments, unknownDocument } from '../limits/trusted.ts';
import { REFUSAL_DELAY_MS } from '../server/charge.ts';
import { GRAPHQL_PATH } from '../server/headers.ts';
import { type ContextOptions, completeContext } from './context.ts';
import type { Execution } from './execution.ts';
import { type GuardingOptions, guardPlugin } from './guardPlugin.ts';
import type { KnownQueries } from './known.ts';
import { executeWithSuggestions } from './unknownSlugs.ts';

export interface EndpointOptions extends ContextOptions {
  readonly auth: TokenAuth;
  readonly execution: Execution;
  /** Caches parsed and validated documents. */
  readonly documents: LRUCache<string, DocumentNode>;
  /** Learns the queries that need no further check. */
  readonly known?: KnownQueries;
  /** Checks, charges and bounds every operation. */
  readonly guarding?: GuardingOptions;
  /** Documents that clients can name by an id. */
  readonly trusted?: TrustedDocuments | null;
  readonly mask: (error: unknown) => GraphQLError;
}

/** Yoga with the schema and the context of this service. */
export type Endpoint = YogaServerInstance<object, Context>;

function contextPlugin(options: ContextOptions): Plugin {
  return {
    async onContextBuilding({ context }) {
      await completeContext(options, context as unknown as OperationSource & { identity: Identity });
    },
  };
}

/**
 * Replaces Yoga's executor. That one writes the fields of an answer in the order in which they were resolved; the
 * specification demands the order of the selection.
 */
function inOrder({ execution, known }: EndpointOptions): Plugin {
  return {
    onExecute: ({ args, setExecuteFn }) => {
      known?.remember(args.document);
      setExecuteFn(((given: ExecutionArgs) => executeWithSuggestions(execution, given)) as never);
    },
  };
}

/** Notes the code of an answer that Yoga sends itself. */
const withCode: Plugin = {
  onResultProcess: ({ result, serverContext }) => {
    const { facts } = serverContext as OperationSource;
    if (!Array.isArray(result) && 'errors' in result) setErrors(facts, result.errors);
  },
};

/** Sets the headers of the client's budget on every response, and delays a refusal. */
const withAnswerHeaders: Plugin = {
  onResponse: async ({ response, serverContext }) => {
    const { allowance = null } = (serverContext as OperationSource).answer ?? {};
    for (const [name, value] of Object.entries(allowance ? rateHeaders(allowance) : {})) {
      response.headers.set(name, value);
    }
    if (response.status === 429) await sleep(REFUSAL_DELAY_MS);
  },
};

/** Charges an HTTP request and identifies its client before its document is parsed. */
function entrance({ auth, guarding, trusted }: EndpointOptions): Plugin {
  return {
    async onParams({ params, setParams, request, context }) {
      const source = context as OperationSource;
      const query = typeof params.query === 'string' ? params.query : '';
      const text = documentOf(query, documentIdOf(params as Readonly<Record<string, unknown>>), trusted);
      guarding?.guard.begin({ ...source, request });
      const identity = await auth.identityOf({ ...source, request });
      Object.assign(context, { identity });
      if (text === null) throw unknownDocument();
      if (text !== query) setParams({ ...params, query: text });
    },
  };
}

/** The GraphQL endpoint: Yoga with this project's schema, context and errors. */
export function createEndpoint(options: EndpointOptions): Endpoint {
  const { documents, execution, guarding, mask } = options;
  return createYoga<object, Context>({
    schema: execution.schema,
    graphqlEndpoint: GRAPHQL_PATH,
    plugins: [
      inOrder(options),
      entrance(options),
      contextPlugin(options),
      ...(guarding ? [guardPlugin(guarding)] : []),
      withCode,
      withAnswerHeaders,
    ],
    maskedErrors: { maskError: mask },
    // An invalid document is parsed again at each request, which is charged.
    parserAndValidationCache: {
      documentCache: documents,
      errorCache: { get: () => undefined, set: () => undefined },
    },
    extraParamNames: ['documentId'],
    ...(guarding && { maxRequestBodySize: guarding.limits.BODY_BYTES_MAX }),
    cors: false,
    multipart: false,
    graphiql: false,
    landingPage: false,
    logging: false,
    batching: false,
  });
}
