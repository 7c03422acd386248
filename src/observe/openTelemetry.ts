import {
  type Span as ApiSpan,
  SpanKind as ApiSpanKind,
  type Context,
  ROOT_CONTEXT,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { parseTraceParent } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { Span, SpanAttributes, SpanKind, Tracing } from './tracing.ts';

export interface OpenTelemetryOptions {
  /** `http://127.0.0.1:4318`; spans are sent to `/v1/traces` there. */
  readonly endpoint: string;
  readonly serviceName: string;
  readonly version: string;
  /** The share of traces that are recorded, from 0 to 1, of those that a client has not begun. */
  readonly ratio: number;
}

/** How long ended spans wait until they are sent together. */
const SEND_INTERVAL_MS = 2_000;
/** A traceparent has 55 characters. */
const TRACEPARENT = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

const KINDS: Readonly<Record<SpanKind, ApiSpanKind>> = {
  server: ApiSpanKind.SERVER,
  client: ApiSpanKind.CLIENT,
  consumer: ApiSpanKind.CONSUMER,
  internal: ApiSpanKind.INTERNAL,
};

/** Traces with OpenTelemetry. Only this file imports its libraries, and it is only loaded where the operator wants traces. */
export function startTracing({ endpoint, serviceName, version, ratio }: OpenTelemetryOptions): Tracing {
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/$/, '')}/v1/traces` });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': serviceName, 'service.version': version }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
    spanProcessors: [new BatchSpanProcessor({ exporter, scheduledDelayMillis: SEND_INTERVAL_MS })],
  });
  const tracer = provider.getTracer('readout', version);
  return {
    begin: (name, kind, attributes, traceparent) =>
      new TracedSpan(tracer, parentOf(traceparent), name, kind, attributes),
    stop: () => provider.shutdown(),
  };
}

/** The work of a client that a header names; none for any other text. */
function parentOf(traceparent: unknown): Context {
  const isValid = typeof traceparent === 'string' && TRACEPARENT.test(traceparent);
  const parent = isValid ? parseTraceParent(traceparent) : null;
  return parent ? trace.setSpanContext(ROOT_CONTEXT, { ...parent, isRemote: true }) : ROOT_CONTEXT;
}

class TracedSpan implements Span {
  readonly #tracer: Tracer;
  readonly #span: ApiSpan;
  readonly #context: Context;

  constructor(
    tracer: Tracer,
    parent: Context,
    name: string,
    kind: SpanKind,
    attributes: SpanAttributes | undefined,
  ) {
    this.#tracer = tracer;
    this.#span = tracer.startSpan(name, { kind: KINDS[kind], ...(attributes && { attributes }) }, parent);
    this.#context = trace.setSpan(parent, this.#span);
  }

  child(name: string, kind: SpanKind, attributes?: SpanAttributes): Span {
    return new TracedSpan(this.#tracer, this.#context, name, kind, attributes);
  }

  end(error: string | null = null, attributes?: SpanAttributes): void {
    if (attributes) this.#span.setAttributes(attributes);
    if (error !== null) this.#span.setStatus({ code: SpanStatusCode.ERROR, message: error });
    this.#span.end();
  }
}
