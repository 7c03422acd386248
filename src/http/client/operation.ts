import type { Cursor } from '../../log/cursor.ts';
import type { Context } from '../../schema/builder/builder.ts';
import type { Client } from './address.ts';
import type { Allowance } from './allowance.ts';

/** What is asked of the request that an operation came with. */
export interface AskingRequest {
  readonly headers: { get(name: string): string | null };
  readonly signal?: AbortSignal;
}

/** What the transports put into the context of an operation. */
export interface Asked {
  readonly client?: Client;
  readonly request?: AskingRequest;
  readonly connectionParams?: Readonly<Record<string, unknown>>;
  /** Counts the bytes that are read for the answer. */
  readonly memory?: Context['memory'];
  /** Aborted when the client has gone or has completed the operation. */
  readonly signal?: AbortSignal;
  /** Filled in while the operation runs, for what becomes of its answer. */
  readonly answer?: {
    /** The budget after the last charge, which the headers of the answer tell; null before one. */
    allowance: Allowance | null;
    /** Points charged for it so far. */
    points: number;
    /** The result as JSON, where it has no errors. It was serialised to count its length. */
    text?: string;
    /** Where the record stood before it was read, of an answer that anybody can be given as long as it stands there. */
    repeatable?: Cursor | null;
  };
}
