export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;
export type SpanKind = 'server' | 'client' | 'consumer' | 'internal';

/** A piece of work in a trace. */
export interface Span {
  /** Begins a piece of this work. */
  child(name: string, kind: SpanKind, attributes?: SpanAttributes): Span;
  /** @param error the code of an error, or its kind; null where the work succeeded. */
  end(error?: string | null, attributes?: SpanAttributes): void;
}

/**
 * Traces the work of this process. It is null where the operator has not asked for traces, and then the libraries for it are not
 * loaded.
 */
export interface Tracing {
  /** @param traceparent the work of the client that this belongs to (W3C Trace Context). */
  begin(name: string, kind: SpanKind, attributes?: SpanAttributes, traceparent?: unknown): Span;
  /** Sends the spans that have ended. */
  stop(): Promise<void>;
}
