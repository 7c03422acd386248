import { usePersistedOperations } from '@graphql-yoga/plugin-persisted-operations';
import type { ExecutionArgs } from 'graphql';
import { createYoga, type Plugin, type YogaServerInstance } from 'graphql-yoga';
import type { Database } from '../db/client.ts';
import { ReadoutError } from '../errors.ts';
import { formatCursor, parsePosition } from '../log/cursor.ts';
import type { Tailer } from '../log/tailer.ts';
import type { Catalog } from '../read/catalog.ts';
import { Loaders } from '../read/loaders.ts';
import type { Context } from '../schema/builder.ts';
import { type Identity, requireReader } from '../schema/identity.ts';
import { schema } from '../schema/schema.ts';
import { authPlugins, type JwtOptions, type TokenAuth } from './auth.ts';
import { maskErrors, type ReportError } from './errors.ts';
import { Execution } from './execution.ts';
import type { Asked, Guard } from './guard.ts';
import type { Origin } from './live.ts';
import { documentIdOf, type TrustedDocuments } from './trusted.ts';

export const GRAPHQL_PATH = '/graphql';
/** How long an operation waits until this process has seen the position that its client asks for. */
const MIN_POSITION_WAIT_MS = 5_000;
export const MIN_POSITION_HEADER = 'x-readout-min-position';

export interface GraphqlOptions {
  readonly db: Database;
  readonly tailer: Tailer;
  readonly catalog: Catalog;
  readonly auth: TokenAuth;
  readonly jwt: JwtOptions | null;
  /** Whether reading needs a token too. */
  readonly readersNeedToken: boolean;
  readonly report: ReportError;
  /** Stands before every operation. */
  readonly guard?: Guard;
  /** Names the documents that ids stand for. */
  readonly trusted?: TrustedDocuments | null;
  /** Body of a request, at most. */
  readonly bodyBytesMax?: number;
  /** Whether names that a client may have meant are kept from it. */
  readonly hideSuggestions?: boolean;
}

/** A client that has written elsewhere names the position it must see; the operation waits for it, briefly. */
async function awaitMinPosition(tailer: Tailer, { request, connectionParams }: Origin): Promise<void> {
  const asked = request?.headers.get(MIN_POSITION_HEADER) ?? connectionParams?.[MIN_POSITION_HEADER];
  if (asked == null || asked === '') return;
  const position = parsePosition(String(asked), [MIN_POSITION_HEADER]);
  if (await tailer.reached(position, MIN_POSITION_WAIT_MS)) return;
  throw new ReadoutError(
    'UNAVAILABLE',
    `This process has not seen position ${position} yet; it stands at ${tailer.head.position}. Try again shortly.`,
    [MIN_POSITION_HEADER],
    { position: String(tailer.head.position) },
  );
}

/** Completes the context. The head is taken before any data is read: who follows from it misses nothing. */
function contextPlugin(options: GraphqlOptions): Plugin {
  const { db, tailer, catalog, readersNeedToken } = options;
  return {
    async onContextBuilding({ context, extendContext }) {
      const { identity } = context as unknown as { identity: Identity };
      if (readersNeedToken) requireReader(identity);
      await awaitMinPosition(tailer, context as Origin);
      const own: Omit<Context, 'identity'> = {
        db,
        load: new Loaders(db, catalog),
        head: tailer.head,
        settle: async (position) => {
          if (position !== null) await tailer.reached(position, MIN_POSITION_WAIT_MS);
          (context as unknown as Context).load = new Loaders(db, catalog);
          const head = { epoch: tailer.head.epoch, position: position ?? tailer.head.position };
          return { position: head.position, cursor: formatCursor(head) };
        },
      };
      extendContext(own as never);
    },
  };
}

/**
 * Executes without the executor that Yoga brings: that one gives the fields of an answer in the order in which they were
 * resolved, not in that of the selection, as the specification has it.
 */
function inOrder(): Plugin {
  const execution = new Execution();
  return {
    onExecute: ({ setExecuteFn }) => setExecuteFn(((args: ExecutionArgs) => execution.run(args)) as never),
  };
}

/** Puts the headers that an operation has left for its answer on the response, whatever came of it. */
const withAnswerHeaders: Plugin = {
  onResponse: ({ response, serverContext }) => {
    const { answer } = serverContext as Asked;
    for (const [name, value] of Object.entries(answer?.headers ?? {})) response.headers.set(name, value);
  },
};

/** The documents that ids stand for, in requests over HTTP; whether they may be run is the guard's affair. */
function documentsById(trusted: TrustedDocuments): Plugin {
  return usePersistedOperations({
    allowArbitraryOperations: true,
    extractPersistedOperationId: (params) => documentIdOf(params as Readonly<Record<string, unknown>>),
    getPersistedOperation: (id) => trusted.find(id),
    customErrors: {
      notFound: unknownDocument('PersistedQueryNotFound', 'NOT_FOUND'),
      keyNotFound: unknownDocument('Send a “query”, or the id of a document.', 'INVALID_INPUT'),
    },
  }) as Plugin;
}

function unknownDocument(message: string, code: string) {
  return { message, extensions: { code, http: { status: 400, spec: true } } };
}

/** The GraphQL endpoint: Yoga with this project's schema, context and errors. */
export function createGraphql(options: GraphqlOptions): YogaServerInstance<object, Context> {
  const { guard, trusted, report, hideSuggestions = false } = options;
  return createYoga<object, Context>({
    schema,
    graphqlEndpoint: GRAPHQL_PATH,
    plugins: [
      inOrder(),
      ...authPlugins(options.auth, options.jwt),
      contextPlugin(options),
      ...(guard ? [guard.plugin()] : []),
      ...(trusted ? [documentsById(trusted)] : []),
      withAnswerHeaders,
    ],
    maskedErrors: { maskError: maskErrors(report, { hideSuggestions }) },
    extraParamNames: ['documentId'],
    ...(options.bodyBytesMax && { maxRequestBodySize: options.bodyBytesMax }),
    cors: false,
    multipart: false,
    graphiql: false,
    landingPage: false,
    logging: false,
    batching: false,
  });
}
