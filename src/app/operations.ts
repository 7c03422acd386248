import type { DocumentNode, GraphQLError } from 'graphql';
import type { CountedCache } from '../base/countedCache.ts';
import { maskErrors } from '../http/errors.ts';
import { documentCache } from '../http/graphql/documents.ts';
import { Execution } from '../http/graphql/execution.ts';
import { KnownQueries } from '../http/graphql/known.ts';
import { createEndpoint, type Endpoint } from '../http/graphql/yoga.ts';
import { Live } from '../http/live/live.ts';
import { Resumption } from '../http/live/resumption.ts';
import { readDigest } from '../log/head.ts';
import { schema } from '../schema/schema.ts';
import type { Budgets } from './budgets.ts';
import type { Databases } from './databases.ts';
import type { Guards } from './guards.ts';
import type { Log } from './log.ts';
import type { Setup } from './setup.ts';

/** What runs the operations of every transport. */
export interface Operations {
  readonly endpoint: Endpoint;
  readonly known: KnownQueries;
  readonly live: Live;
  /** Parsed documents, and the programs of queries and of deliveries. */
  readonly documents: CountedCache<string, DocumentNode>;
  readonly execution: Execution;
  readonly liveExecution: Execution;
  readonly mask: (error: unknown) => GraphQLError;
}

export function createOperations(
  { config, report, observer }: Setup,
  { turns, memory }: Budgets,
  { db, liveDb }: Databases,
  { tailer, catalog, hub }: Log,
  { auth, billing, guard, trusted }: Guards,
): Operations {
  const { explore, limits } = config;
  const mask = maskErrors(report, {
    hideSuggestions: !explore,
    statementTimeoutMs: config.statementTimeoutMs,
  });
  const execution = new Execution(schema);
  const documents = documentCache();
  const known = new KnownQueries({ db, tailer, catalog, auth, guard, execution, documents });
  const endpoint = createEndpoint({
    ...{ db, tailer, catalog, auth, execution, documents, known, trusted, mask },
    guarding: { guard, billing, limits, explore },
  });
  const resumption = new Resumption({
    tailer,
    readDigest: (position) => readDigest(liveDb.pool, position),
  });
  const liveExecution = new Execution(schema);
  const live = new Live({
    ...{ endpoint, auth, hub, resumption, mask, turns, guard, billing, trusted, memory, observer },
    execution: liveExecution,
  });
  return { endpoint, known, live, documents, execution, liveExecution, mask };
}
