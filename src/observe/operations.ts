import { Durations } from './durations.ts';
import type { Span, Tracing } from './tracing.ts';

export type Transport = 'http' | 'sse' | 'websocket';
type OperationType = 'query' | 'mutation' | 'subscription' | 'import' | 'export' | 'unknown';
/** `refused`: for a reason that its client can change. `failed`: by a fault or the overload of the service. */
export type Outcome = 'ok' | 'refused' | 'failed';

/** Names of operations that are counted apart, for each role. Further names count as `other`. @limit names */
export const OPERATION_NAMES_MAX = 50;
/** The name that operations without a name are counted under, and those whose name is one too many. */
const ANONYMOUS_NAME = 'anonymous';
const OTHER_NAME = 'other';
const NAME_LENGTH_MAX = 100;
/** Codes of errors that are the service's fault. */
const FAILURES: ReadonlySet<string> = new Set(['INTERNAL', 'UNAVAILABLE']);
const CODE_OK = 'none';
/** The code of an operation whose client has gone before its end. */
export const CLIENT_GONE = 'CLIENT_GONE';
const SPAN_NAMES: Readonly<Record<Transport, string>> = {
  http: 'HTTP operation',
  sse: 'event stream',
  websocket: 'WebSocket operation',
};

/** What the metrics and the log say of one operation. It is filled in while the operation runs. */
export class OperationFacts {
  readonly beganMs = performance.now();
  /** The path of an import or export. Null for an operation without a name, and for one that was refused before it was parsed. */
  name: string | null = null;
  type: OperationType = 'unknown';
  /** `anonymous` without a token. */
  role = 'anonymous';
  /** The name of the token; null without one. */
  by: string | null = null;
  /** Points that it was charged. */
  points = 0;
  /** Lines and rows that an import has read, or an export has sent. */
  rows = 0;
  /** Whether its answer came from the cache. */
  cached = false;
  /** The code of its first error; null where it has none. */
  code: string | null = null;
  /** The reference under which an unexpected error was logged. */
  reference: string | null = null;

  constructor(
    readonly transport: Transport,
    /** The key of the client's address. */
    readonly client: string,
    readonly requestId: string,
    /** Its work in a trace; null where nothing is traced. */
    readonly span: Span | null,
  ) {}

  /** Notes who sent it. */
  sentBy({ role, name }: { readonly role: string | null; readonly name: string }): void {
    if (role === null) return;
    this.role = role;
    this.by = name;
  }
}

/** Writes a line of the log for an operation that has ended. */
export type LogOperation = (facts: OperationFacts, outcome: Outcome, durationMs: number) => void;

/** The labels of a series of operations. */
interface OperationLabels extends Readonly<Record<string, string>> {
  readonly operation: string;
  readonly type: OperationType;
  readonly transport: Transport;
  readonly role: string;
  readonly outcome: Outcome;
}

interface Series {
  readonly labels: OperationLabels;
  readonly durations: Durations;
  /** How many ended with each code. */
  readonly codes: Map<string, number>;
  rows: number;
}

interface MaskedError {
  readonly extensions: Readonly<Record<string, unknown>>;
}

/** Sets the code of an operation by its errors, as its client gets them. */
export function setErrors(
  facts: OperationFacts | undefined,
  errors: readonly MaskedError[] | undefined,
): void {
  const [first] = errors ?? [];
  if (!facts || !first) return;
  facts.code = String(first.extensions.code ?? 'INVALID_INPUT');
  const reference = errors?.find(({ extensions }) => extensions.reference !== undefined)?.extensions
    .reference;
  if (reference !== undefined) facts.reference = String(reference);
}

/** Counts the operations of every transport, and passes each one on to the log. */
export class OperationObserver {
  readonly #log: LogOperation | null;
  readonly #tracing: Tracing | null;
  readonly #names = new Map<string, Set<string>>();
  readonly #series = new Map<string, Series>();

  /**
   * @param log null where operations are not logged.
   * @param tracing null where nothing is traced.
   */
  constructor(log: LogOperation | null, tracing: Tracing | null = null) {
    this.#log = log;
    this.#tracing = tracing;
  }

  /** @param traceparent the work of the client that it belongs to (W3C Trace Context), as it was sent. */
  begin(transport: Transport, client: string, requestId: string, traceparent?: unknown): OperationFacts {
    const attributes = { 'readout.transport': transport, 'readout.request_id': requestId };
    const span = this.#tracing?.begin(SPAN_NAMES[transport], 'server', attributes, traceparent) ?? null;
    return new OperationFacts(transport, client, requestId, span);
  }

  /** Counts an operation with its duration until now. */
  end(facts: OperationFacts): void {
    const { type, transport, role, code } = facts;
    const outcome = outcomeOf(code);
    const operation = isTransfer(type) ? String(facts.name) : this.#nameOf(facts.name, role);
    const key = `${transport} ${type} ${role} ${outcome} ${operation}`;
    let series = this.#series.get(key);
    if (!series) {
      const labels = { operation, type, transport, role, outcome };
      series = { labels, durations: new Durations(), codes: new Map(), rows: 0 };
      this.#series.set(key, series);
    }
    const durationMs = performance.now() - facts.beganMs;
    series.durations.observe(durationMs / 1_000);
    series.rows += facts.rows;
    const counted = code === null ? CODE_OK : code;
    series.codes.set(counted, (series.codes.get(counted) ?? 0) + 1);
    this.#log?.(facts, outcome, durationMs);
    facts.span?.end(outcome === 'failed' ? code : null, {
      ...{ 'graphql.operation.name': operation, 'graphql.operation.type': type },
      ...{ 'readout.outcome': outcome, 'readout.code': counted, 'readout.cached': facts.cached },
      ...(isTransfer(type) && { 'readout.rows': facts.rows }),
    });
  }

  /** The series so far. */
  get series(): Iterable<Series> {
    return this.#series.values();
  }

  /** Roles have lists of their own, so that clients without a token can't use up the names of those with one. */
  #nameOf(name: string | null, role: string): string {
    if (name === null) return ANONYMOUS_NAME;
    let names = this.#names.get(role);
    if (!names) {
      names = new Set();
      this.#names.set(role, names);
    }
    if (names.has(name)) return name;
    if (names.size >= OPERATION_NAMES_MAX || name.length > NAME_LENGTH_MAX) return OTHER_NAME;
    names.add(name);
    return name;
  }
}

/** Whether an operation is an import or export. It lasts as long as its client sends or reads, and its name is a path. */
export function isTransfer(type: OperationType): boolean {
  return type === 'import' || type === 'export';
}

function outcomeOf(code: string | null): Outcome {
  if (code === null) return 'ok';
  return FAILURES.has(code) ? 'failed' : 'refused';
}
