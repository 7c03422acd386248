import {
  createSourceEventStream,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  GraphQLError,
  getOperationAST,
  type OperationDefinitionNode,
  OperationTypeNode,
} from 'graphql';
import { ReadoutError } from '../../base/errors.ts';
import { onBehalfOf } from '../../db/pool/cancellation.ts';
import { ANONYMOUS, type Identity } from '../../domain/access/identity.ts';
import type { Hub } from '../../log/hub/hub.ts';
import { type OperationObserver, setErrors } from '../../observe/operations.ts';
import type { Context } from '../../schema/builder/builder.ts';
import { schema } from '../../schema/schema.ts';
import { LiveRequest } from '../../schema/subscription.ts';
import type { TokenAuth } from '../client/auth.ts';
import type { OperationSource } from '../client/operation.ts';
import { sqlPoints } from '../cost/prices.ts';
import { withCode, withoutHttp } from '../errors.ts';
import type { Execution } from '../graphql/execution.ts';
import { warningsOf } from '../graphql/unknownSlugs.ts';
import type { Endpoint } from '../graphql/yoga.ts';
import type { Billing } from '../limits/billing.ts';
import type { Guard } from '../limits/guard.ts';
import { documentOf, type TrustedDocuments, unknownDocument } from '../limits/trusted.ts';
import type { MemoryBudget } from '../load/memory.ts';
import type { Turns } from '../load/turns.ts';
import type { Batch } from './batch.ts';
import { refuseConditionalSubscription, sharedPartsOf } from './document.ts';
import { ExtendedSink } from './extendedSink.ts';
import { OperationFeed } from './feed.ts';
import type { LiveOperation, LiveSource, OperationParams, RunResult } from './operation.ts';
import type { Resumption } from './resumption.ts';

/** Bytes of a subscription without its feed, which equal subscriptions share. */
const SUBSCRIPTION_BYTES = 5_120;

export interface LiveRunOptions {
  /** A cursor that replaces the subscription's own `after`. */
  readonly resumeAfter?: string | null;
  /** Whether queries and mutations are refused. */
  readonly subscriptionsOnly?: boolean;
}

export interface LiveOptions {
  readonly endpoint: Endpoint;
  readonly auth: TokenAuth;
  readonly hub: Hub<Batch>;
  readonly resumption: Resumption;
  /** Executes the deliveries of subscriptions. */
  readonly execution: Execution;
  readonly mask: (error: unknown) => GraphQLError;
  readonly turns: Turns;
  readonly memory: MemoryBudget;
  readonly guard: Guard;
  readonly billing: Billing;
  readonly observer: OperationObserver;
  /** The documents that have ids; null where there are none. */
  readonly trusted: TrustedDocuments | null;
}

/** An operation that has passed authentication, parsing and validation. */
interface Checked {
  readonly operation: OperationDefinitionNode;
  readonly args: ExecutionArgs & { readonly contextValue: Context };
  readonly execute: (args: ExecutionArgs) => ExecutionResult | Promise<ExecutionResult>;
}

/** Runs operations that come over WebSocket or server-sent events, with the same plugins as those over HTTP. */
export class Live {
  readonly #options: LiveOptions;

  constructor(options: LiveOptions) {
    this.#options = options;
  }

  /**
   * Identifies the client that opens a connection.
   * @throws ReadoutError UNAUTHENTICATED where the token is not valid or a token is missing.
   */
  identify(source: OperationSource): Promise<Identity> {
    return this.#options.auth.identityOf(source);
  }

  /** Checks an operation, and runs it unless it is a subscription. */
  async run(params: OperationParams, given: LiveSource, options: LiveRunOptions = {}): Promise<RunResult> {
    const answer = { allowance: null, points: 0 };
    const source: LiveSource = { ...given, answer };
    const { facts } = source;
    const outcome = await this.#runInTurn(params, source, options);
    facts.points = answer.points;
    setErrors(facts, errorsOf(outcome));
    this.#options.observer.end(facts);
    return outcome;
  }

  async #runInTurn(params: OperationParams, source: LiveSource, options: LiveRunOptions): Promise<RunResult> {
    const turn = this.#turnOf(source);
    if (turn) await unlessAborted(turn, source.signal);
    const outcome = source.signal?.aborted
      ? this.#refused(new ReadoutError('UNAVAILABLE', 'The client has gone.'))
      : await forClientOf(source, () => this.#run(params, source, options));
    if (outcome.type === 'refused') return { ...outcome, errors: outcome.errors.map(withoutHttp) };
    if (outcome.type === 'live' || !outcome.result.errors) return outcome;
    return { type: 'result', result: { ...outcome.result, errors: outcome.result.errors.map(withoutHttp) } };
  }

  /** Operations of one socket, and pages of a replay, wait for a turn like requests. */
  #turnOf({ client }: Pick<LiveSource, 'client'>): Promise<void> | null {
    return this.#options.turns.take(client.key);
  }

  async #run(params: OperationParams, source: LiveSource, options: LiveRunOptions): Promise<RunResult> {
    const { mask } = this.#options;
    const { resumeAfter = null, subscriptionsOnly = false } = options;
    try {
      const checked = await this.#check(params, source, subscriptionsOnly);
      if ('type' in checked) return checked;
      const { operation, args, execute } = checked;
      if (operation.operation === OperationTypeNode.SUBSCRIPTION) {
        return await this.#subscribe(args, source, resumeAfter);
      }
      const result = await execute(args);
      return {
        type: 'result',
        result: result.errors ? { ...result, errors: result.errors.map(mask) } : result,
      };
    } catch (error) {
      return this.#refused(error);
    }
  }

  /** Authenticates, parses and validates. @throws the error for a refusal that the mask has to translate. */
  async #check(
    params: OperationParams,
    source: LiveSource,
    subscriptionsOnly: boolean,
  ): Promise<Checked | RunResult> {
    const { endpoint, auth, guard, trusted } = this.#options;
    const text = documentOf(params.query, params.documentId, trusted);
    guard.begin(source);
    const identity = await auth.identityOf(source);
    if (text === null) throw unknownDocument();
    const enveloped = endpoint.getEnveloped({ ...source, params, identity } as never);
    const document = enveloped.parse(text) as DocumentNode;
    const errors = enveloped.validate(enveloped.schema, document) as readonly GraphQLError[];
    if (errors.length > 0) {
      return { type: 'refused', errors: errors.map((error) => withCode(error, 'GRAPHQL_VALIDATION_FAILED')) };
    }
    const { operationName, variables: variableValues } = params;
    const operation = getOperationAST(document, operationName);
    if (!operation) {
      const extensions = { code: 'INVALID_INPUT' };
      const message = 'Name the operation to run with “operationName”.';
      return { type: 'refused', errors: [new GraphQLError(message, { extensions })] };
    }
    if (operation.operation === OperationTypeNode.SUBSCRIPTION) {
      refuseConditionalSubscription(operation, document);
    } else if (subscriptionsOnly) {
      throw new ReadoutError(
        'INVALID_INPUT',
        `Only a subscription can be followed here. Send a ${operation.operation} to /graphql by POST.`,
        ['query'],
      );
    }
    const contextValue = (await enveloped.contextFactory()) as Context;
    const args = { schema, document, operationName, variableValues, contextValue };
    return { operation, args, execute: enveloped.execute as Checked['execute'] };
  }

  async #subscribe(
    args: Checked['args'],
    source: LiveSource,
    resumeAfter: string | null,
  ): Promise<RunResult> {
    const { guard, billing, hub, mask, resumption } = this.#options;
    guard.admit(args);
    const request = await createSourceEventStream(args);
    if (!(request instanceof LiveRequest)) {
      return { type: 'refused', errors: ((request as ExecutionResult).errors ?? []).map(mask) };
    }
    const { historyNumber } = hub; // read before the check, which is valid for this history only
    const after = await resumption.start(resumeAfter ?? request.after);
    const { client } = source;
    const payer = client.exempt ? null : billing.payerOf(args.contextValue.identity, source);
    const warnings = await this.#warningsOf(args.contextValue, source);
    const feed = this.#feedOf(args, request);
    const holding = this.#options.memory.hold(client, SUBSCRIPTION_BYTES);
    try {
      holding.shareCommon(feed.key, feed.bytes);
    } catch (error) {
      holding.release();
      throw error;
    }
    const turn = (): Promise<void> | null => this.#turnOf({ client });
    const open: LiveOperation['open'] = (sink) => {
      if (!warnings) return hub.subscribe(feed, after, sink, payer, turn, historyNumber);
      sink.tell(warnings);
      return hub.subscribe(feed, after, new ExtendedSink(sink, warnings), payer, turn, historyNumber);
    };
    return { type: 'live', operation: { identity: args.contextValue.identity, holding, open } };
  }

  /** Warns of slugs in the filter that the record does not have. The client pays for the look-up as for a query. */
  async #warningsOf(context: Context, source: LiveSource): Promise<object | null> {
    if (context.load.unknown.isEmpty) return null;
    const { guard, billing } = this.#options;
    const key = billing.payerOf(context.identity, source);
    let paid = 0;
    const work = guard.meter(key, (points, name, advice) => {
      billing.prepay(key, { points, name, advice }, source);
      paid += points;
    });
    const warnings = await work.run(() =>
      warningsOf(context, 'When this subscription began, the record had'),
    );
    const beyond = Math.ceil(sqlPoints(work) - paid);
    if (beyond > 0) billing.settle(key, beyond, source);
    return warnings;
  }

  #feedOf(args: Checked['args'], request: LiveRequest): OperationFeed {
    const { guard, execution, mask } = this.#options;
    const { document, operationName = null, variableValues = null, contextValue } = args;
    const { db, head, identity } = contextValue;
    const { role } = identity;
    return new OperationFeed({
      operation: { document, operationName, variables: variableValues },
      request,
      points: guard.pointsOf({ ...args, document: sharedPartsOf(document).answer.document }),
      role,
      // Readers share the feed, so nothing in the context may belong to the first reader.
      context: { db, head, identity: { ...ANONYMOUS, role }, settle },
      execution,
      meter: () => guard.meter(),
      mask,
    });
  }

  #refused(error: unknown): RunResult {
    const isSyntax = error instanceof GraphQLError && error.originalError === undefined;
    const coded = isSyntax ? withCode(error, 'GRAPHQL_PARSE_FAILED') : error;
    return { type: 'refused', errors: [this.#options.mask(coded)] };
  }
}

function errorsOf(outcome: RunResult): readonly GraphQLError[] | undefined {
  if (outcome.type === 'live') return undefined;
  return outcome.type === 'refused' ? outcome.errors : outcome.result.errors;
}

/** Subscriptions can't write. */
async function settle(): Promise<never> {
  throw new Error('a subscription wrote something');
}

/** Waits for a turn, but not after the client has gone, so that an abandoned operation does not stay in memory. */
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

/** Runs work whose SQL counts for the client: its operation, its replay. */
function forClientOf<T>({ client }: OperationSource, work: () => T): T {
  return client ? onBehalfOf(client.key, work) : work();
}
