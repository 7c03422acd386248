import type { ExecutionResult, GraphQLError } from 'graphql';
import type { Identity } from '../../domain/access/identity.ts';
import type { Sink } from '../../log/hub/delivery.ts';
import type { OpenSubscription } from '../../log/hub/hub.ts';
import type { OperationFacts } from '../../observe/operations.ts';
import type { Client } from '../client/address.ts';
import type { OperationSource } from '../client/operation.ts';
import type { Holding } from '../load/memory.ts';

/** An operation as a client sends it over any transport. */
export interface OperationParams {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
  /** The id of a document that the service knows, where `query` is empty. */
  readonly documentId?: string | null | undefined;
}

/** The source of an operation whose client is known. */
export type LiveSource = OperationSource & { readonly client: Client; readonly facts: OperationFacts };

/** Where a subscription sends its results. */
export interface LiveSink extends Sink {
  /** Sends the client something before the first result, in a form that no client takes for a result. */
  tell(extensions: object): void;
}

/** A subscription that was checked and can be opened. */
export interface LiveOperation {
  readonly identity: Identity;
  /** Its memory, to be released when it ends or is not opened. */
  readonly holding: Holding;
  open(sink: LiveSink): OpenSubscription;
}

/** What comes of an operation: errors before it ran, a result, or a subscription to open. */
export type RunResult =
  | { readonly type: 'refused'; readonly errors: readonly GraphQLError[] }
  | { readonly type: 'result'; readonly result: ExecutionResult }
  | { readonly type: 'live'; readonly operation: LiveOperation };
