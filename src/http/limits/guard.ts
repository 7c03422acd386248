import {
  type ExecutionArgs,
  type ExecutionResult,
  getOperationAST,
  type OperationDefinitionNode,
  OperationTypeNode,
} from 'graphql';
import { ReadoutError } from '../../base/errors.ts';
import { LATE, within } from '../../base/within.ts';
import type { Limits } from '../../config/limits.ts';
import { Cancellation, type Pay } from '../../db/pool/cancellation.ts';
import type { Canceller } from '../../db/pool/canceller.ts';
import type { DatabaseWatch } from '../../db/watch.ts';
import type { Identity } from '../../domain/access/identity.ts';
import type { OperationFacts } from '../../observe/operations.ts';
import type { Span } from '../../observe/tracing.ts';
import type { Context } from '../../schema/builder/builder.ts';
import type { OperationSource } from '../client/operation.ts';
import { type Cost, costOf } from '../cost/cost.ts';
import { tooExpensive } from '../cost/errors.ts';
import { mostExpensiveOf } from '../cost/mostExpensive.ts';
import { type AnswerSize, workPoints } from '../cost/prices.ts';
import { type Load, unavailable } from '../load/load.ts';
import type { Turns } from '../load/turns.ts';
import { measureAnswer } from './answer.ts';
import { type Billing, THIS_PROCESS } from './billing.ts';
import { limitErrorOfVariables, VARIABLE_VALUES_MAX, VARIABLES_BYTES_MAX } from './document.ts';
import type { RunningOperations } from './running.ts';
import type { TrustedDocuments } from './trusted.ts';

export const COST_HEADER = 'x-readout-cost';

export interface GuardOptions {
  readonly limits: Limits;
  readonly load: Load;
  readonly billing: Billing;
  readonly turns: Turns;
  /** The operations that run. */
  readonly running: RunningOperations;
  readonly watch: Pick<DatabaseWatch, 'isUnreachable'>;
  /** Cancels the SQL of operations that have ended. */
  readonly canceller: Canceller;
  /** The operations that clients without a token may run; null for every operation. */
  readonly trusted: TrustedDocuments | null;
}

/** The context of an operation, with what the guard reads of its request. */
export type GuardedContext = Context & OperationSource;

const NO_ANSWER: AnswerSize = { bytes: 0, objects: 0 };

/**
 * Guards every operation over HTTP, server-sent events and WebSocket. It checks limits, charges the client, and controls when
 * and for how long the operation runs.
 */
export class Guard {
  readonly #options: GuardOptions;

  constructor(options: GuardOptions) {
    this.#options = options;
  }

  /**
   * Runs a query or mutation: charges it, waits for its turn, and ends it after its time limit.
   * @throws GraphQLError or ReadoutError LIMIT_EXCEEDED, FORBIDDEN or UNAVAILABLE.
   */
  async execute(args: ExecutionArgs, execute: Execute): Promise<ExecutionResult> {
    const cost = this.admit(args);
    const { limits, load, turns, billing, canceller } = this.#options;
    const context = args.contextValue as GuardedContext;
    const operation = getOperationAST(args.document, args.operationName)?.operation;
    const isQuery = operation === OperationTypeNode.QUERY;
    const key = billing.payerOf(context.identity, context);
    let charged = cost.points;
    const span = beginSpan(context.facts);
    const pay: Pay = (points, name, advice) => {
      billing.prepay(key, { points, name, advice }, context);
      charged += points;
    };
    const cancellation = new Cancellation(canceller, key, pay, span);
    const signal = context.signal ?? context.request?.signal;
    load.shed(key);
    const work = async (): Promise<ExecutionResult> => {
      const turn = turns.pace(key, cost.points);
      if (turn) await turn;
      const entering = load.enter(key, cost.points);
      const leave = entering instanceof Promise ? await entering : entering;
      try {
        if (signal?.aborted) throw clientGone();
        return await cancellation.run(() => execute(args));
      } finally {
        leave();
      }
    };
    const settle = (size: AnswerSize, atLeast: number): void => {
      const points = Math.max(atLeast, workPoints(cancellation, size));
      billing.settle(key, points - charged, context);
      charged = points;
    };
    // What the process has done for an operation without a complete answer is known by the estimate only.
    const settleUnanswered = (): void => settle(NO_ANSWER, charged);
    let result: ExecutionResult;
    let text: string;
    const working = work();
    try {
      result = await this.#options.running.run(working, {
        timeoutMs: limits.OPERATION_TIMEOUT_MS,
        signal,
        // A write runs to its end. Its client can't tell whether it was committed, and repeats it with the same key.
        cancel: isQuery ? (reason) => cancellation.cancel(reason) : null,
      });
      const objects = measureAnswer(result, 'ANSWER_BYTES_MAX', !isQuery);
      text = JSON.stringify(result);
      settle({ bytes: Buffer.byteLength(text), objects }, isQuery && !result.errors ? 0 : charged);
      span?.end();
    } catch (error) {
      settleUnanswered();
      span?.end(error instanceof ReadoutError ? error.code : 'INTERNAL');
      working.then(settleUnanswered, settleUnanswered); // after a timeout, SQL can go on
      throw error;
    }
    const { answer } = context;
    if (asksForCost(context)) {
      return { ...result, extensions: { ...result.extensions, cost: answer?.points ?? cost.points } };
    }
    if (answer && !result.errors) {
      answer.text = text;
      if (isQuery) answer.repeatable = context.head;
    }
    return result;
  }

  /**
   * Estimates the cost of an operation and charges its client.
   * @throws GraphQLError or ReadoutError LIMIT_EXCEEDED.
   */
  admit({ schema, document, operationName, variableValues, contextValue }: ExecutionArgs): Cost {
    const { limits, billing } = this.#options;
    const context = contextValue as GuardedContext;
    const bytesMax = context.identity.role === null ? VARIABLES_BYTES_MAX : limits.BODY_BYTES_MAX;
    const operation = getOperationAST(document, operationName);
    const isMutation = operation?.operation === OperationTypeNode.MUTATION;
    const valuesMax = isMutation ? undefined : VARIABLE_VALUES_MAX;
    const error = limitErrorOfVariables(variableValues ?? {}, bytesMax, valuesMax);
    if (error) throw error;
    if (!operation) return { points: 0 }; // the executor reports it
    describe(context.facts, operation, context.identity);
    const counted = { schema, document, operation, variables: variableValues ?? {} };
    const cost = costOf(counted);
    if (cost.points > limits.COST_MAX) {
      throw tooExpensive(cost, mostExpensiveOf(counted), limits.COST_MAX);
    }
    billing.charge(cost.points, context);
    return cost;
  }

  /** The estimated cost of an operation, without a charge. */
  pointsOf({ schema, document, operationName, variableValues }: ExecutionArgs): number {
    const operation = getOperationAST(document, operationName);
    return operation ? costOf({ schema, document, operation, variables: variableValues ?? {} }).points : 0;
  }

  /** Charges a cached answer like a new one. @returns whether the client may have it. */
  repeats(points: number, source: OperationSource & { readonly identity: Identity }): boolean {
    return !this.#options.watch.isUnreachable && this.#options.billing.repeats(points, source);
  }

  /** Waits until no operation runs, at most `timeoutMs`. Then it ends the remaining operations with `reason`. */
  async finish(timeoutMs: number, reason: ReadoutError): Promise<void> {
    const { running } = this.#options;
    if ((await within(timeoutMs, running.finished())) === LATE) running.stopAll(reason);
  }

  /**
   * A meter for the work of subscriptions, which is not cancelled.
   * @param client whose share of the connections it uses; null for none.
   * @param pay null if nothing is paid before it is done.
   */
  meter(client: string | null = null, pay: Pay | null = null): Cancellation {
    return new Cancellation(this.#options.canceller, client, pay);
  }

  /**
   * Refuses a request while the service is overloaded, and charges the look-up of its token.
   * @throws ReadoutError or GraphQLError UNAVAILABLE or LIMIT_EXCEEDED.
   */
  begin(source: OperationSource): void {
    const { load, watch, billing } = this.#options;
    load.shed((source.client ?? THIS_PROCESS).key);
    if (watch.isUnreachable)
      throw unavailable('The database does not answer at the moment. Try again shortly.');
    billing.chargeTokenLookup(source);
  }

  /** @throws ReadoutError FORBIDDEN for a document that needs a token. */
  allow(text: string, { role }: Identity): void {
    const { trusted } = this.#options;
    if (role === null && trusted && !trusted.has(text)) {
      throw new ReadoutError(
        'FORBIDDEN',
        'Without a token only the trusted documents of this service can be run. Send the id of one of them.',
      );
    }
  }
}

/** The execution of an operation in its trace; null where nothing is traced. */
function beginSpan(facts: OperationFacts | undefined): Span | null {
  if (!facts?.span) return null;
  return facts.span.child(`${facts.type} ${facts.name ?? ''}`.trimEnd(), 'internal');
}

/** Notes for the metrics and the log what an operation is, and who sent it. */
function describe(
  facts: OperationFacts | undefined,
  { name, operation }: OperationDefinitionNode,
  identity: Identity,
): void {
  if (!facts) return;
  facts.name = name?.value ?? null;
  facts.type = operation;
  facts.sentBy(identity);
}

function clientGone(): ReadoutError {
  return new ReadoutError('UNAVAILABLE', 'The client has gone.');
}

export type Execute = (args: ExecutionArgs) => ExecutionResult | Promise<ExecutionResult>;

function asksForCost({ request, connectionParams }: OperationSource): boolean {
  return String(request?.headers.get(COST_HEADER) ?? connectionParams?.[COST_HEADER] ?? '') === '1';
}
