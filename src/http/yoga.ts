import { createYoga, type YogaServerInstance } from 'graphql-yoga';
import type { Database } from '../db/client.ts';
import { readHead } from '../log/head.ts';
import { Loaders } from '../read/loaders.ts';
import type { Context } from '../schema/builder.ts';
import { schema } from '../schema/schema.ts';
import { maskErrors, type ReportError } from './errors.ts';

export const GRAPHQL_PATH = '/graphql';

export interface GraphqlOptions {
  readonly db: Database;
  readonly report: ReportError;
}

/**
 * A fresh context. Where the operation asks for `record`, the head is read before anything else of it, so that a
 * client that follows from `record { cursor }` misses nothing of what it has loaded.
 */
async function makeContext(db: Database, query: string | undefined): Promise<Context> {
  const head = query?.includes('record') ? readHead(db.prisma) : null;
  await head;
  return { db, load: new Loaders(db), head: head ?? readHead(db.prisma) };
}

/** The GraphQL endpoint: Yoga with this project's schema, context and errors. */
export function createGraphql(options: GraphqlOptions): YogaServerInstance<object, Context> {
  return createYoga<object, Context>({
    schema,
    graphqlEndpoint: GRAPHQL_PATH,
    context: ({ params }) => makeContext(options.db, params.query),
    maskedErrors: { maskError: maskErrors(options.report) },
    graphiql: false,
    landingPage: false,
    logging: false,
    batching: false,
  });
}
