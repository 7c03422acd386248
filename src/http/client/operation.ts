import type { IncomingMessage } from 'node:http';
import type { Cursor } from '../../log/cursor.ts';
import type { OperationFacts } from '../../observe/operations.ts';
import type { Context } from '../../schema/builder/builder.ts';
import type { Client } from './address.ts';
import type { Allowance } from './allowance.ts';

/** Whether a client has gone. An `AbortSignal` is one, but making one for each request takes some microseconds. */
export interface Departure {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** The part of an HTTP request that authentication and the context of an operation read. */
export interface SourceRequest {
  readonly headers: { get(name: string): string | null };
  readonly signal?: Departure;
}

/** Where an operation comes from. Each transport puts one into the context of each operation. */
export interface OperationSource {
  readonly client?: Client;
  readonly request?: SourceRequest;
  readonly connectionParams?: Readonly<Record<string, unknown>>;
  /** Counts the bytes that are read for the answer. */
  readonly memory?: Context['memory'];
  /** Aborted when the client has gone or has completed the operation. */
  readonly signal?: AbortSignal;
  /** What the metrics and the log say of it. */
  readonly facts?: OperationFacts;
  /** Filled in while the operation runs. The transport reads it when it sends the answer. */
  readonly answer?: {
    /** The budget after the last charge, for the headers of the answer; null before the first charge. */
    allowance: Allowance | null;
    /** Points charged for the operation so far. */
    points: number;
    /** Those of them that the next client with the same request does not pay. Default: 0. */
    pointsOnce?: number;
    /** The result as JSON, where it has no errors. The guard serialises it to count its length. */
    text?: string;
    /** The head before the answer was read, where the answer is the same for every client at that head. */
    repeatable?: Cursor | null;
  };
}

/** The same view of a Node request. @param signal aborted when the client has gone. */
export function sourceRequest(
  { headers }: Pick<IncomingMessage, 'headers'>,
  signal?: Departure,
): SourceRequest {
  return { headers: { get: (name) => headers[name]?.toString() ?? null }, ...(signal && { signal }) };
}
