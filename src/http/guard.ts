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
import type { Cancellation } from '../db/cancellation.ts';
import type { DatabaseWatch } from '../db/watch.ts';
import { ReadoutError } from '../errors.ts';
import type { Limits } from '../limits.ts';
import type { Context } from '../schema/builder.ts';
import { authorizationOf } from './auth.ts';
import type { Client } from './clientAddress.ts';
import { type Cost, costOf } from './cost.ts';
import { faultOf, faultOfVariables, parseWithin, VARIABLES_BYTES_MAX } from './documentLimits.ts';
import { type Load, unavailable } from './load.ts';
import { type Rate, rateHeaders, type Standing } from './rate.ts';
import type { TrustedDocuments } from './trusted.ts';

const COST_HEADER = 'x-readout-cost';
/** What reading a document costs, whatever comes of it: a point for each so many bytes. */
const BYTES_PER_POINT = 1_000;

export interface GuardOptions {
  readonly limits: Limits;
  readonly load: Load;
  readonly rate: Rate;
  readonly watch: Pick<DatabaseWatch, 'away'>;
  /** Whether the schema may be asked for and names may be suggested. */
  readonly explore: boolean;
  /** What those without a token may run; null: anything. */
  readonly trusted: TrustedDocuments | null;
  /** Whether clients on this very machine count like others. */
  readonly countsLocal: boolean;
}

/** What the transports put into the context of an operation. */
export interface Asked {
  readonly client?: Client;
  readonly request?: Request;
  readonly connectionParams?: Readonly<Record<string, unknown>>;
  /** Aborted when the client has gone or has completed the operation. */
  readonly signal?: AbortSignal;
  /** Filled in with headers that the answer is to carry, where it can carry any. */
  readonly answer?: { headers: Record<string, string> };
}

type GuardedContext = Context & Asked & { readonly cancellation?: Cancellation };

const HERE: Client = { key: 'this process', local: true };

/**
 * Stands before every operation, over HTTP, server-sent events and WebSocket alike: what it may ask for, what it costs, how
 * much of that its client may spend, when it runs and for how long.
 */
export class Guard {
  readonly #options: GuardOptions;
  readonly #stops = new Set<(reason: ReadoutError) => void>();

  constructor(options: GuardOptions) {
    this.#options = options;
  }

  plugin(): Plugin {
    const { limits, explore } = this.#options;
    return {
      onParse: ({ params, context, setParseFn }) => {
        const text = String((params.source as Source).body ?? params.source);
        this.#begin(text, context as Asked);
        setParseFn((source: string | Source) => parseWithin(source, limits));
      },
      onValidate: ({ params, setResult, setValidationFn, addValidationRule }) => {
        const fault = faultOf(params.documentAST, limits);
        if (fault) setResult([fault]);
        if (explore) return;
        addValidationRule(NoSchemaIntrospectionCustomRule);
        setValidationFn(((schema, document, rules, typeInfo, options) =>
          validate(schema, document, rules, { ...options, hideSuggestions: true }, typeInfo)) as typeof validate);
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
   * Costs an operation and takes the cost from what its client may spend.
   * @throws GraphQLError or ReadoutError LIMIT_EXCEEDED.
   */
  admit({ schema, document, operationName, variableValues, contextValue }: ExecutionArgs): Cost {
    const { limits } = this.#options;
    const context = contextValue as GuardedContext;
    const bytesMax = context.identity.role === null ? VARIABLES_BYTES_MAX : limits.BODY_BYTES_MAX;
    const fault = faultOfVariables(variableValues ?? {}, bytesMax);
    if (fault) throw fault;
    const operation = getOperationAST(document, operationName);
    if (!operation) return { points: 0, dearest: null }; // the executor says so
    const cost = costOf(schema, document, operation, variableValues ?? {});
    if (cost.points > limits.COST_MAX) throw tooDear(cost, limits.COST_MAX);
    const { identity, client = HERE } = context;
    this.spend(identity.role === null ? client.key : `token ${identity.name}`, cost.points, context);
    return cost;
  }

  /**
   * Takes points from what somebody may spend.
   * @throws ReadoutError LIMIT_EXCEEDED where they have not enough left.
   */
  spend(key: string, points: number, { client = HERE, answer }: Asked): void {
    if (client.local && !this.#options.countsLocal) return;
    const standing = this.#options.rate.take(key, points);
    if (answer) Object.assign(answer.headers, rateHeaders(standing));
    if (!standing.within) throw spent(standing, points);
  }

  /** Ends what runs, for a reason that concerns all of it. */
  stopAll(reason: ReadoutError): void {
    for (const stop of this.#stops) stop(reason);
  }

  /** Whatever can be told before a document is looked into. */
  #begin(text: string, asked: Asked): void {
    const { load, watch, trusted } = this.#options;
    load.shed();
    if (watch.away) throw unavailable('The database does not answer at the moment. Try again shortly.');
    if (trusted && authorizationOf(asked) === null && !trusted.has(text)) {
      throw new ReadoutError(
        'FORBIDDEN',
        'Without a token only the operations that this service has been given beforehand can be run. Send the id of one of them.',
      );
    }
    this.spend((asked.client ?? HERE).key, Math.ceil(text.length / BYTES_PER_POINT), asked);
  }

  async #run(args: ExecutionArgs, cost: Cost, execute: Execute): Promise<ExecutionResult> {
    const context = args.contextValue as GuardedContext;
    const isQuery = getOperationAST(args.document, args.operationName)?.operation === OperationTypeNode.QUERY;
    const signal = context.signal ?? context.request?.signal;
    const leave = await this.#options.load.enter((context.client ?? HERE).key);
    const stopped = Promise.withResolversLike();
    const stop = (reason: ReadoutError): void => {
      if (isQuery) context.cancellation?.cancel(reason);
      stopped.reject(reason);
    };
    const gone = (): void => {
      // A write goes on to its end: its client can't tell how far it has come, and asks again with the same key.
      if (isQuery) stop(new ReadoutError('UNAVAILABLE', 'The client has gone.'));
    };
    return stopped as never;
  }
}

type Execute = (args: ExecutionArgs) => ExecutionResult | Promise<ExecutionResult>;
