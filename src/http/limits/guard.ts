import {
  type ExecutionArgs,
  type ExecutionResult,
  getOperationAST,
  NoSchemaIntrospectionCustomRule,
  OperationTypeNode,
  type Source,
  validate,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { ReadoutError } from '../../base/errors.ts';
import { LATE, within } from '../../base/within.ts';
import type { Limits } from '../../config/limits.ts';
import { Cancellation, type Canceller } from '../../db/cancellation.ts';
import type { DatabaseWatch } from '../../db/watch.ts';
import { ANONYMOUS, type Identity } from '../../domain/access/identity.ts';
import type { Context } from '../../schema/builder/builder.ts';
import type { Client } from '../client/address.ts';
import { authorizationOf, type TokenAuth } from '../client/auth.ts';
import type { OperationSource } from '../client/operation.ts';
import { budgetOf, tokenKey } from '../cost/budget.ts';
import { type Cost, costOf } from '../cost/cost.ts';
import { spent, tooExpensive, unaffordable } from '../cost/errors.ts';
import { mostExpensiveOf } from '../cost/mostExpensive.ts';
import { answerPoints, documentPoints, SQL_POINTS_PER_MS, TOKEN_LOOKUP_POINTS } from '../cost/prices.ts';
import type { Rate } from '../cost/rate.ts';
import { type Load, unavailable } from '../load/load.ts';
import type { Turns } from '../load/turns.ts';
import { ANSWER_BYTES_MAX, refuseLargeAnswer } from './answer.ts';
import { limitErrorOf, limitErrorOfVariables, parseWithin, VARIABLES_BYTES_MAX } from './document.ts';
import type { RunningOperations } from './running.ts';
import type { TrustedDocuments } from './trusted.ts';

export const COST_HEADER = 'x-readout-cost';

export interface GuardOptions {
  readonly limits: Limits;
  readonly load: Load;
  readonly rate: Rate;
  readonly turns: Turns;
  /** The operations that run. */
  readonly running: RunningOperations;
  readonly watch: Pick<DatabaseWatch, 'away'>;
  /** Cancels the SQL of operations that have ended. */
  readonly canceller: Canceller;
  /** Whether clients may read the schema and get suggestions for misspelt names. */
  readonly explore: boolean;
  /** The operations that clients without a token may run; null for every operation. */
  readonly trusted: TrustedDocuments | null;
  /** The cache of tokens. */
  readonly tokens: Pick<TokenAuth, 'recall'>;
}

/** Validation errors that are reported. The search for similar names makes each of them expensive. */
const VALIDATION_ERRORS_MAX = 20;

type GuardedContext = Context & OperationSource;

/** The longest text of a statement as JSON: 2,000 escaped characters. Each value costs a point. */
const VALUE_BYTES_MAX = 12_000;
/** The answer of a cheaper operation can't be too large, so it is not measured. */
const MEASURED_POINTS_MIN = ANSWER_BYTES_MAX / VALUE_BYTES_MAX;

const HERE: Client = { key: 'this process', exempt: true };

/**
 * Guards every operation over HTTP, server-sent events and WebSocket. It checks limits, charges the client, and controls when
 * and for how long the operation runs.
 */
export class Guard {
  readonly #options: GuardOptions;

  constructor(options: GuardOptions) {
    this.#options = options;
  }

  plugin(): Plugin {
    const { limits, explore } = this.#options;
    return {
      onParse: ({ params, context, setParseFn }) => {
        const text = String((params.source as Source).body ?? params.source);
        const asked = context as unknown as GuardedContext;
        this.allow(text, asked.identity);
        // Called only for documents that are not cached.
        setParseFn((source: string | Source) => {
          this.#charge(documentPoints(text.length), asked);
          return parseWithin(source, limits);
        });
      },
      onValidate: ({ setValidationFn, addValidationRule }) => {
        if (!explore) addValidationRule(NoSchemaIntrospectionCustomRule);
        // Called only for documents whose result is not cached.
        setValidationFn((schema, document, rules) => {
          const error = limitErrorOf(document, limits);
          if (error) return [error];
          return validate(schema, document, rules, {
            hideSuggestions: !explore,
            maxErrors: VALIDATION_ERRORS_MAX,
          });
        });
      },
      onExecute: ({ args, executeFn, setExecuteFn }) => {
        const cost = this.admit(args as ExecutionArgs);
        setExecuteFn(((given: ExecutionArgs) =>
          this.#run(given, cost, executeFn as unknown as Execute)) as unknown as typeof executeFn);
      },
      onSubscribe: () => {
        throw new ReadoutError(
          'INVALID_INPUT',
          'Follow a subscription over WebSocket, or with the header “accept: text/event-stream”.',
        );
      },
    };
  }

  /**
   * Runs a query or mutation: charges it, waits for its turn, and ends it after its time limit.
   * @throws GraphQLError or ReadoutError LIMIT_EXCEEDED, FORBIDDEN or UNAVAILABLE.
   */
  async execute(args: ExecutionArgs, execute: Execute): Promise<ExecutionResult> {
    return this.#run(args, this.admit(args), execute);
  }

  /**
   * Estimates the cost of an operation and charges its client.
   * @throws GraphQLError or ReadoutError LIMIT_EXCEEDED.
   */
  admit({ schema, document, operationName, variableValues, contextValue }: ExecutionArgs): Cost {
    const { limits } = this.#options;
    const context = contextValue as GuardedContext;
    const bytesMax = context.identity.role === null ? VARIABLES_BYTES_MAX : limits.BODY_BYTES_MAX;
    const error = limitErrorOfVariables(variableValues ?? {}, bytesMax);
    if (error) throw error;
    const operation = getOperationAST(document, operationName);
    if (!operation) return { points: 0 }; // the executor reports it
    const counted = { schema, document, operation, variables: variableValues ?? {} };
    const cost = costOf(counted);
    if (cost.points > limits.COST_MAX) {
      throw tooExpensive(cost, mostExpensiveOf(counted), limits.COST_MAX);
    }
    this.#charge(cost.points, context);
    return cost;
  }

  /** Who pays for a request before its token is verified: the token if the cache has it, and the address otherwise. */
  presumedPayerOf(client: Client, authorization: string | null): string {
    const token = authorization ? this.#options.tokens.recall(authorization).token : null;
    return this.payerOf(token ?? ANONYMOUS, { client });
  }

  /** Who pays for an operation: its token, or its address without a token. */
  payerOf({ role, name }: Pick<Identity, 'role' | 'name'>, { client = HERE }: OperationSource): string {
    if (role === null) return client.key;
    return tokenKey({ role, name });
  }

  /** The estimated cost of an operation, without a charge. */
  pointsOf({ schema, document, operationName, variableValues }: ExecutionArgs): number {
    const operation = getOperationAST(document, operationName);
    return operation ? costOf({ schema, document, operation, variables: variableValues ?? {} }).points : 0;
  }

  /**
   * Takes points from a budget.
   * @throws GraphQLError LIMIT_EXCEEDED where not enough points are left.
   */
  spend(key: string, points: number, { client = HERE, answer }: OperationSource): void {
    if (answer) answer.points += points;
    this.#count(key, points);
    if (client.exempt) return;
    const allowance = this.#options.rate.take(key, points);
    if (answer) answer.allowance = allowance;
    if (!allowance.within) throw spent(allowance, points, budgetOf(key, this.#options.limits));
  }

  /**
   * Takes points from a budget for work of an operation that has begun.
   * @throws ReadoutError LIMIT_EXCEEDED where not enough points are left.
   */
  #pay(key: string, work: { points: number; work: string; advice: string }, asked: OperationSource): void {
    const { points } = work;
    const { client = HERE, answer } = asked;
    if (!client.exempt) {
      const allowance = this.#options.rate.take(key, points);
      if (answer) answer.allowance = { ...allowance, within: true };
      if (!allowance.within) throw unaffordable(work, allowance, budgetOf(key, this.#options.limits));
    }
    if (answer) answer.points += points;
    this.#count(key, points);
  }

  /** Counts work of a client towards its share of the event loop. */
  #count(key: string, points: number): void {
    const { load, turns } = this.#options;
    load.charge(key, points);
    turns.charge(key, points);
  }

  /** Settlement: takes points for finished work, even where not enough are left. */
  settle(key: string, points: number, { client = HERE, answer }: OperationSource): void {
    if (answer) answer.points += points;
    this.#count(key, points);
    if (client.exempt) return;
    const allowance = this.#options.rate.settle(key, points);
    if (answer) answer.allowance = { ...allowance, within: true };
  }

  /** Charges a cached answer like a new one. @returns whether the client may have it. */
  repeats(points: number, asked: OperationSource): boolean {
    if (this.#options.watch.away) return false;
    const { client = HERE, answer } = asked;
    this.#count(client.key, points);
    if (client.exempt) return true;
    const allowance = this.#options.rate.take(client.key, Math.max(0, points - (answer?.points ?? 0)));
    if (answer) answer.allowance = allowance;
    return allowance.within;
  }

  /** Waits until no operation runs, at most `timeoutMs`. Then it ends the remaining operations with `reason`. */
  async finish(timeoutMs: number, reason: ReadoutError): Promise<void> {
    if ((await within(timeoutMs, this.#options.running.finished())) === LATE) this.stopAll(reason);
  }

  /** A meter for the work of subscriptions, which is not cancelled and has no share of the connections. */
  meter(): Cancellation {
    return new Cancellation(this.#options.canceller);
  }

  /** Ends all running operations with the same reason. */
  stopAll(reason: ReadoutError): void {
    this.#options.running.stopAll(reason);
  }

  /**
   * Refuses a request while the service is overloaded, and charges the look-up of its token.
   * @throws ReadoutError or GraphQLError UNAVAILABLE or LIMIT_EXCEEDED.
   */
  begin(asked: OperationSource): void {
    const { load, watch, tokens } = this.#options;
    const { client = HERE } = asked;
    load.shed(client.key);
    if (watch.away) throw unavailable('The database does not answer at the moment. Try again shortly.');
    const authorization = authorizationOf(asked);
    if (authorization && !tokens.recall(authorization).fresh) {
      this.spend(this.presumedPayerOf(client, authorization), TOKEN_LOOKUP_POINTS, asked);
    }
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

  /** @throws GraphQLError LIMIT_EXCEEDED where not enough points are left. */
  #charge(points: number, context: GuardedContext): void {
    this.spend(this.payerOf(context.identity, context), points, context);
  }

  async #run(args: ExecutionArgs, cost: Cost, execute: Execute): Promise<ExecutionResult> {
    const { limits, load, turns, canceller } = this.#options;
    const context = args.contextValue as GuardedContext;
    const operation = getOperationAST(args.document, args.operationName)?.operation;
    const isQuery = operation === OperationTypeNode.QUERY;
    const key = this.payerOf(context.identity, context);
    let charged = cost.points;
    const cancellation = new Cancellation(canceller, key, (points, work, advice) => {
      this.#pay(key, { points, work, advice }, context);
      charged += points;
    });
    const signal = context.signal ?? context.request?.signal;
    load.shed(key);
    const work = async (): Promise<ExecutionResult> => {
      const turn = turns.pace(key, cost.points);
      if (turn) await turn;
      const leave = await load.enter(key, cost.points);
      try {
        if (signal?.aborted) throw clientGone();
        return await cancellation.run(() => execute(args));
      } finally {
        leave();
      }
    };
    let text = '';
    const settle = (): void => {
      const { sqlMs, workPoints } = cancellation;
      const points = sqlMs * SQL_POINTS_PER_MS + workPoints + answerPoints(text.length);
      const beyond = Math.ceil(points - charged);
      if (beyond <= 0) return;
      charged += beyond;
      this.settle(key, beyond, context);
    };
    let result: ExecutionResult;
    const working = work();
    try {
      result = await this.#options.running.run(working, {
        timeoutMs: limits.OPERATION_TIMEOUT_MS,
        signal,
        // A write runs to its end. Its client can't tell whether it was committed, and repeats it with the same key.
        cancel: isQuery ? (reason) => cancellation.cancel(reason) : null,
      });
      if (cost.points > MEASURED_POINTS_MIN) refuseLargeAnswer(result, 'ANSWER_BYTES_MAX', !isQuery);
      text = JSON.stringify(result);
      settle();
    } catch (error) {
      settle();
      working.then(settle, settle); // after a timeout, SQL can go on
      throw error;
    }
    const { answer } = context;
    if (asksForCost(context)) {
      return { ...result, extensions: { ...result.extensions, cost: answer?.points ?? cost.points } };
    }
    if (answer && !result.errors) {
      answer.text = text;
      if (isQuery && context.identity.role === null) answer.repeatable = context.head;
    }
    return result;
  }
}

function clientGone(): ReadoutError {
  return new ReadoutError('UNAVAILABLE', 'The client has gone.');
}

type Execute = (args: ExecutionArgs) => ExecutionResult | Promise<ExecutionResult>;

function asksForCost({ request, connectionParams }: OperationSource): boolean {
  return String(request?.headers.get(COST_HEADER) ?? connectionParams?.[COST_HEADER] ?? '') === '1';
}
