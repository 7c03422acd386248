import type { ExecutionResult, GraphQLError } from 'graphql';
import type { Identity } from '../../domain/access/identity.ts';
import type { Sink } from '../../log/hub/delivery.ts';
import type { Reading } from '../../log/hub/hub.ts';
import type { Client } from '../client/address.ts';
import type { AnswerMemory, Holding } from '../load/memory.ts';

/** An operation as a client sends it over any transport. */
export interface OperationParams {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
  /** The id of a document that the service knows, where `query` is empty. */
  readonly documentId?: string | null | undefined;
}

/** Where an operation comes from. */
export interface Origin {
  readonly request?: Request;
  readonly connectionParams?: Readonly<Record<string, unknown>>;
  readonly client: Client;
  /** Counts the bytes that are read for the answer of a query or mutation. */
  readonly memory?: AnswerMemory;
  /** Aborted when the client has gone or has completed the operation. */
  readonly signal?: AbortSignal;
}

/** A subscription that was checked and can be opened. */
export interface LiveOperation {
  readonly identity: Identity;
  /** Its memory, to be released when it ends or is not opened. */
  readonly holding: Holding;
  open(sink: Sink): Reading;
}

/** The outcome of an operation: errors before it ran, a result, or a subscription to open. */
export type Outcome =
  | { readonly type: 'refused'; readonly errors: readonly GraphQLError[] }
  | { readonly type: 'result'; readonly result: ExecutionResult }
  | { readonly type: 'live'; readonly operation: LiveOperation };
