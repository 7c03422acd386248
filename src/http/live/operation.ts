import {
  createSourceEventStream,
  type DocumentNode,
  type ExecutionResult,
  GraphQLError,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  type SelectionNode,
} from 'graphql';
import type { YogaServerInstance } from 'graphql-yoga';
import { ReadoutError } from '../../base/errors.ts';
import { Cancellation, onBehalfOf } from '../../db/cancellation.ts';
import { ANONYMOUS, type Identity } from '../../domain/access/identity.ts';
import {
  type Cursor,
  epochOf,
  formatCursor,
  type GivenCursor,
  names,
  otherHistory,
  parseCursor,
} from '../../log/cursor.ts';
import type { Sink } from '../../log/hub/delivery.ts';
import type { Hub, Reading } from '../../log/hub/hub.ts';
import type { Tailer } from '../../log/tailer.ts';
import type { Context } from '../../schema/builder/builder.ts';
import { schema } from '../../schema/schema.ts';
import { LiveRequest } from '../../schema/subscription.ts';
import type { Client } from '../client/address.ts';
import type { TokenAuth } from '../client/auth.ts';
import type { Asked } from '../client/operation.ts';
import { withCode, withoutHttp } from '../errors.ts';
import { Execution } from '../graphql/execution.ts';
import type { Guard } from '../limits/guard.ts';
import { documentOf, type TrustedDocuments, unknownDocument } from '../limits/trusted.ts';
import type { AnswerMemory, Holding, MemoryBudget } from '../load/memory.ts';
import type { Turns } from '../load/turns.ts';
import { shapeOf } from './document.ts';
import { type Batch, OperationFeed } from './feed.ts';

/**
 * How long a subscription waits until this process has seen its cursor (`after`). Beyond it UNAVAILABLE, or
 * POSITION_AHEAD if the record has no such change.
 * @limit ms
 */
export const AHEAD_WAIT_MS = 2_000;

/** Bytes of a subscription without its feed, which equal subscriptions share. */
export const SUBSCRIPTION_BYTES = 5_120;

/** An operation as it is sent, whichever way. */
export interface OperationParams {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
  /** Names a document that the service has, where `query` is empty. */
  readonly documentId?: string | null | undefined;
}

/** How it came: what authentication and other plugins look at. */
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
  /** Its memory, released when it ends or is not opened. */
  readonly holding: Holding;
  open(sink: Sink): Reading;
}

/** What an operation came to: faults before it began, a result, or a subscription. */
export type Opened =
  | { readonly type: 'refused'; readonly errors: readonly GraphQLError[] }
  | { readonly type: 'result'; readonly result: ExecutionResult }
  | { readonly type: 'live'; readonly operation: LiveOperation };

export interface RunOptions {
  /** A cursor that counts instead of the subscription's own `after`. */
  readonly resumeAfter?: string | null;
  /** Whether queries and mutations are refused. */
  readonly subscriptionsOnly?: boolean;
}

export interface LiveOptions {
  readonly graphql: YogaServerInstance<object, Context>;
  readonly auth: TokenAuth;
  readonly hub: Hub<Batch>;
  readonly tailer: Tailer;
  /** The digest in the database of the change at a position; null where the record has no such change. */
  readonly readDigest: (position: bigint) => Promise<string | null>;
  readonly mask: (error: unknown) => GraphQLError;
  readonly turns?: Turns;
  readonly memory: MemoryBudget;
  readonly guard?: Guard;
  /** Documents that go by ids. */
  readonly trusted?: TrustedDocuments | null;
}

/** Runs operations that come over WebSocket or server-sent events, with the same plugins as those over HTTP. */
export class Live {
  readonly #options: LiveOptions;
  /** For what is delivered. */
  readonly #execution = new Execution(schema);

  constructor(options: LiveOptions) {
    this.#options = options;
  }

  /**
   * Says who opens a connection.
   * @throws ReadoutError UNAUTHENTICATED where the token is no good, or one is needed.
   */
  identify(origin: Partial<Origin>): Promise<Identity> {
    return forClientOf(origin, () => this.#options.auth.identityOf(origin));
  }

  /** Operations of one socket, and pages of a replay, begin like requests: see `Turns`. */
  #turnOf({ client }: Pick<Origin, 'client'>): Promise<void> | null {
    return this.#options.turns?.take(client.key) ?? null;
  }

  /** Checks an operation, and runs it unless it is a subscription. */
  async run(params: OperationParams, origin: Origin, options: RunOptions = {}): Promise<Opened> {
    const turn = this.#turnOf(origin);
    if (turn) await unlessAborted(turn, origin.signal);
    if (origin.signal?.aborted) {
      const { mask } = this.#options;
      return { type: 'refused', errors: [mask(new ReadoutError('UNAVAILABLE', 'The client has gone.'))] };
    }
    const opened = await forClientOf(origin, () => this.#run(params, origin, options));
    if (opened.type === 'refused') return { ...opened, errors: opened.errors.map(withoutHttp) };
    if (opened.type === 'live' || !opened.result.errors) return opened;
    return { type: 'result', result: { ...opened.result, errors: opened.result.errors.map(withoutHttp) } };
  }

  async #run(params: OperationParams, origin: Origin, options: RunOptions): Promise<Opened> {
    const { graphql, auth, guard, trusted, mask } = this.#options;
    const { resumeAfter = null, subscriptionsOnly = false } = options;
    try {
      const asked: Asked = { ...origin, answer: { allowance: null, points: 0 } };
      const text = documentOf(params.query, params.documentId, trusted);
      guard?.begin(asked);
      const identity = await auth.identityOf(asked);
      if (text === null) throw unknownDocument();
      const enveloped = graphql.getEnveloped({ ...asked, params, identity } as never);
      const document = enveloped.parse(text) as DocumentNode;
      const faults = enveloped.validate(enveloped.schema, document) as readonly GraphQLError[];
      if (faults.length > 0)
        return {
          type: 'refused',
          errors: faults.map((error) => withCode(error, 'GRAPHQL_VALIDATION_FAILED')),
        };
      const ast = getOperationAST(document, params.operationName);
      if (!ast)
        return {
          type: 'refused',
          errors: [
            new GraphQLError('Say with operationName which operation to run.', {
              extensions: { code: 'INVALID_INPUT' },
            }),
          ],
        };
      if (subscriptionsOnly && ast.operation !== OperationTypeNode.SUBSCRIPTION) {
        throw new ReadoutError(
          'INVALID_INPUT',
          `Only a subscription can be followed here. Send a ${ast.operation} to /graphql by POST.`,
          ['query'],
        );
      }
      refuseConditionalSubscription(ast, document);
      const context = (await enveloped.contextFactory()) as Context;
      const args = {
        schema,
        document,
        operationName: params.operationName,
        variableValues: params.variables,
        contextValue: context,
      };
      if (ast.operation !== OperationTypeNode.SUBSCRIPTION) {
        const result = (await enveloped.execute(args)) as ExecutionResult;
        return {
          type: 'result',
          result: result.errors ? { ...result, errors: result.errors.map(mask) } : result,
        };
      }
      guard?.admit(args);
      const stream = await createSourceEventStream(args);
      if (!(stream instanceof LiveRequest)) {
        return { type: 'refused', errors: ((stream as ExecutionResult).errors ?? []).map(mask) };
      }
      const operation = { document, operationName: params.operationName, variables: params.variables };
      const { era } = this.#options.hub; // read before the check, which is valid for this history only
      const after = await this.#start(resumeAfter ?? stream.after);
      const payer = guard && !origin.client.exempt ? guard.payerOf(context.identity, origin) : null;
      const points = guard?.pointsOf({ ...args, document: shapeOf(document).answer.document }) ?? 0;
      const charged = { payer, points, client: origin.client };
      return { type: 'live', operation: this.#prepare(operation, stream, context, { after, era }, charged) };
    } catch (error) {
      const isSyntax = error instanceof GraphQLError && error.originalError === undefined;
      return { type: 'refused', errors: [mask(isSyntax ? withCode(error, 'GRAPHQL_PARSE_FAILED') : error)] };
    }
  }

  #prepare(
    operation: { document: DocumentNode } & Pick<OperationParams, 'operationName' | 'variables'>,
    request: LiveRequest,
    context: Context,
    { after, era }: { after: Cursor | null; era: number },
    { payer, points, client }: { payer: string | null; points: number; client: Client },
  ): LiveOperation {
    const { hub, guard, mask, memory } = this.#options;
    const { identity } = context;
    const turn = (): Promise<void> | null => this.#turnOf({ client });
    const feed = new OperationFeed({
      operation: {
        ...operation,
        operationName: operation.operationName ?? null,
        variables: operation.variables ?? null,
      },
      request,
      points,
      role: identity.role,
      context: {
        db: context.db,
        head: context.head,
        identity: { ...ANONYMOUS, role: identity.role },
        settle,
      },
      execution: this.#execution,
      meter: () => guard?.meter() ?? new Cancellation(null),
      mask,
    });
    const holding = memory.hold(client, SUBSCRIPTION_BYTES);
    try {
      holding.shareCommon(feed.key, feed.bytes);
    } catch (error) {
      holding.release();
      throw error;
    }
    return { identity, holding, open: (sink) => hub.read(feed, after, sink, payer, turn, era) };
  }

  /**
   * Where to resume, checked against the database. A restored backup can lack the change that the cursor names, or have another
   * one at its position.
   * @throws ReadoutError RESYNC, POSITION_AHEAD; UNAVAILABLE where the database is ahead of this process.
   */
  async #start(after: string | null): Promise<Cursor | null> {
    if (after === null) return null;
    const { tailer, readDigest } = this.#options;
    const given = parseCursor(after, ['after']);
    if (given.digest !== null && names(given, tailer.head)) return tailer.head;
    if (given.digest === null && given.position === 0n) return { position: 0n, digest: tailer.head.genesis };
    const isReached = await tailer.reached(given.position, AHEAD_WAIT_MS);
    const digest = await readDigest(given.position);
    if (digest === null) throw this.#ahead(given, after);
    const found = { position: given.position, digest };
    if (!names(given, found)) throw otherHistory(after, ['after'], { epoch: epochOf(tailer.head) });
    if (isReached) return found;
    throw new ReadoutError(
      'UNAVAILABLE',
      `This process has not reached ${after} yet; it is at ${formatCursor(tailer.head)}. Try again shortly.`,
      ['after'],
      { position: String(tailer.head.position) },
    );
  }

  /** The error for a position beyond the record's last change. */
  #ahead({ digest }: GivenCursor, after: string): ReadoutError {
    const { head } = this.#options.tailer;
    if (digest !== null) return otherHistory(after, ['after'], { epoch: epochOf(head) });
    return new ReadoutError(
      'POSITION_AHEAD',
      `The position ${after} is ahead of the record, which is at ${head.position}. Take a cursor from this record.`,
      ['after'],
      { position: String(head.position) },
    );
  }
}

/** Subscriptions can't write. */
async function settle(): Promise<never> {
  throw new Error('a subscription wrote something');
}

/** Waits for a turn, but no longer than the client does, so that an abandoned operation does not stay in memory. */
async function unlessAborted(turn: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (!signal || signal.aborted) return;
  let leave = (): void => undefined;
  const aborted = new Promise<void>((resolve) => {
    leave = resolve;
  });
  signal.addEventListener('abort', leave);
  await Promise.race([turn, aborted]);
  signal.removeEventListener('abort', leave);
}

/** The reads of an operation, of its token and of its replay count for its client. */
function forClientOf<T>({ client }: Partial<Origin>, work: () => T): T {
  return client ? onBehalfOf(client.key, work) : work();
}

/**
 * The one field of a subscription can't be left out: what it is about must be known without its variables.
 * @throws ReadoutError INVALID_INPUT for `@skip` or `@include` on it, or on a fragment that brings it.
 */
function refuseConditionalSubscription(operation: OperationDefinitionNode, document: DocumentNode): void {
  if (operation.operation !== OperationTypeNode.SUBSCRIPTION) return;
  const waiting: SelectionNode[] = [...operation.selectionSet.selections];
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    if (node.directives?.some(({ name }) => name.value === 'skip' || name.value === 'include')) {
      throw new ReadoutError(
        'INVALID_INPUT',
        'The field of a subscription can’t be under @skip or @include.',
        ['query'],
      );
    }
    if (node.kind === Kind.INLINE_FRAGMENT) waiting.push(...node.selectionSet.selections);
    if (node.kind !== Kind.FRAGMENT_SPREAD) continue;
    const { value } = node.name;
    for (const definition of document.definitions) {
      if (definition.kind !== Kind.FRAGMENT_DEFINITION || definition.name.value !== value) continue;
      waiting.push(...definition.selectionSet.selections);
    }
  }
}
