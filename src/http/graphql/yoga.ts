import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionArgs } from 'graphql';
import { createYoga, type Plugin, type YogaServerInstance } from 'graphql-yoga';
import type { Identity } from '../../domain/access/identity.ts';
import type { Context } from '../../schema/builder/builder.ts';
import { schema } from '../../schema/schema.ts';
import type { TokenAuth } from '../client/auth.ts';
import type { OperationSource } from '../client/operation.ts';
import { rateHeaders } from '../cost/rate.ts';
import { maskErrors, type ReportError } from '../errors.ts';
import type { Guard } from '../limits/guard.ts';
import { documentIdOf, documentOf, type TrustedDocuments, unknownDocument } from '../limits/trusted.ts';
import { REFUSAL_DELAY_MS } from '../server/charge.ts';
import { GRAPHQL_PATH } from '../server/headers.ts';
import { type ContextOptions, completeContext } from './context.ts';
import { documentCache } from './documents.ts';
import { Execution } from './execution.ts';
import { KnownQueries } from './known.ts';
import { executeWithSuggestions } from './unknownSlugs.ts';

/** Bytes of cached documents that were parsed and validated. */
export const PARSED_DOCUMENTS_BYTES_MAX = 12 * 1_048_576;

export interface GraphqlOptions extends ContextOptions {
  readonly auth: TokenAuth;
  readonly report: ReportError;
  /** Checks, charges and bounds every operation. */
  readonly guard?: Guard;
  /** Documents that clients can name by an id. */
  readonly trusted?: TrustedDocuments | null;
  /** The longest body of a request, in bytes. */
  readonly bodyBytesMax?: number;
  /** Whether errors suggest no names of the schema. */
  readonly hideSuggestions?: boolean;
}

/** Yoga, and the shorter path for known queries. */
export interface Graphql {
  readonly yoga: YogaServerInstance<object, Context>;
  readonly known: KnownQueries | null;
}

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
function inOrder(execution: Execution, known: KnownQueries | null): Plugin {
  return {
    onExecute: ({ args, setExecuteFn }) => {
      known?.remember(args.document);
      setExecuteFn(((given: ExecutionArgs) => executeWithSuggestions(execution, given)) as never);
    },
  };
}

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
function entrance({ auth, guard, trusted }: GraphqlOptions): Plugin {
  return {
    async onParams({ params, setParams, request, context }) {
      const source = context as OperationSource;
      const query = typeof params.query === 'string' ? params.query : '';
      const text = documentOf(query, documentIdOf(params as Readonly<Record<string, unknown>>), trusted);
      guard?.begin({ ...source, request });
      const identity = await auth.identityOf({ ...source, request });
      Object.assign(context, { identity });
      if (text === null) throw unknownDocument();
      if (text !== query) setParams({ ...params, query: text });
    },
  };
}

/** The GraphQL endpoint: Yoga with this project's schema, context and errors. */
export function createGraphql(options: GraphqlOptions): Graphql {
  const { guard, report, hideSuggestions = false } = options;
  const execution = new Execution(schema);
  const documents = documentCache(PARSED_DOCUMENTS_BYTES_MAX);
  const known = guard ? new KnownQueries({ ...options, guard, execution, documents }) : null;
  const yoga = createYoga<object, Context>({
    schema,
    graphqlEndpoint: GRAPHQL_PATH,
    plugins: [
      inOrder(execution, known),
      entrance(options),
      contextPlugin(options),
      ...(guard ? [guard.plugin()] : []),
      withAnswerHeaders,
    ],
    maskedErrors: { maskError: maskErrors(report, { hideSuggestions }) },
    // An invalid document is parsed again at each request, which is charged.
    parserAndValidationCache: {
      documentCache: documents,
      errorCache: { get: () => undefined, set: () => undefined },
    },
    extraParamNames: ['documentId'],
    ...(options.bodyBytesMax && { maxRequestBodySize: options.bodyBytesMax }),
    cors: false,
    multipart: false,
    graphiql: false,
    landingPage: false,
    logging: false,
    batching: false,
  });
  return { yoga, known };
}
