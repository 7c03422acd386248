import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ExecutionResult, GraphQLError } from 'graphql';
import { type GraphQLParams, processRegularResult } from 'graphql-yoga';
import { setErrors } from '../../observe/operations.ts';
import { type Departure, type OperationSource, sourceRequest } from '../client/operation.ts';
import { chooseType } from '../server/negotiation.ts';
import type { CachedAnswer } from './cache.ts';
import type { KnownQueries } from './known.ts';
import type { Endpoint } from './yoga.ts';

/** The forms that an answer can have. A client that accepts everything gets the first. */
const ANSWER_TYPES = ['application/json', 'application/graphql-response+json'] as const;
export type AnswerType = (typeof ANSWER_TYPES)[number];

/** An answer as it is sent. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** The answer for the cache; null where it is for this client alone. */
  readonly cached: CachedAnswer | null;
}

/** The form that a client prefers; null where it accepts neither. */
export function answerTypeOf(accept: string | undefined): AnswerType | null {
  return chooseType(accept, ANSWER_TYPES);
}

export interface AnswerOptions {
  readonly endpoint: Endpoint;
  readonly known: KnownQueries;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly params: GraphQLParams;
  readonly type: AnswerType;
  readonly source: OperationSource;
  readonly mask: (error: unknown) => GraphQLError;
}

/**
 * Runs an operation and serialises its result. A known query runs without Yoga, any other operation with all its plugins.
 * Yoga's HTTP layer is left out: it would build a Request and a Response from bytes that this service has in another form.
 */
export async function answerOperation(options: AnswerOptions): Promise<Answer> {
  const { endpoint, response, type, source, mask } = options;
  const gone = new ResponseClosed(response);
  let result: ExecutionResult;
  try {
    result = (await runKnown(options, gone)) ?? (await runAny(options, gone));
  } catch (error) {
    result = { errors: [mask(error)] }; // the operation was refused, or a parameter is missing or of the wrong type
  } finally {
    gone.stop();
  }
  setErrors(source.facts, result.errors as readonly GraphQLError[] | undefined);
  if (result.errors) return fromResponse(processRegularResult(result, endpoint.fetchAPI, type));
  const { repeatable = null, points = 0, pointsOnce = 0, text } = source.answer ?? {};
  const body = Buffer.from(text ?? JSON.stringify(result));
  const contentType = `${type}; charset=utf-8`;
  const operation = source.facts?.name ?? null;
  const price = points - pointsOnce;
  const cached = repeatable && { head: repeatable, contentType, body, points: price, operation };
  return { status: 200, headers: { 'content-type': contentType }, body, cached };
}

/** The departure of the client of a response: until `stop`, the response was closed before it was answered. */
class ResponseClosed implements Departure {
  readonly #response: ServerResponse;
  #listeners: (() => void)[] = [];
  aborted = false;

  constructor(response: ServerResponse) {
    this.#response = response;
    response.once('close', this.#close);
  }

  addEventListener(_: 'abort', listener: () => void): void {
    this.#listeners.push(listener);
  }

  removeEventListener(_: 'abort', listener: () => void): void {
    this.#listeners = this.#listeners.filter((known) => known !== listener);
  }

  stop(): void {
    this.#response.off('close', this.#close);
  }

  #close = (): void => {
    this.aborted = true;
    for (const listener of this.#listeners) listener();
  };
}

/** Runs a query that the endpoint has answered before; null for any other operation. */
async function runKnown(
  { known, request, params, source, mask }: AnswerOptions,
  signal: Departure,
): Promise<ExecutionResult | null> {
  const document = known.find(params);
  if (!document) return null;
  const result = await known.run(document, params, { ...source, request: sourceRequest(request, signal) });
  return result.errors ? { ...result, errors: result.errors.map(mask) } : result;
}

async function runAny(
  { endpoint, request, params, source }: AnswerOptions,
  gone: Departure,
): Promise<ExecutionResult> {
  const { Request } = endpoint.fetchAPI;
  const controller = new AbortController();
  gone.addEventListener('abort', () => controller.abort());
  const { signal } = controller;
  const headers = request.headers as Record<string, string>;
  const origin = new Request('http://readout/graphql', { method: request.method as string, headers, signal });
  return (await endpoint.getResultForParams({ params, request: origin }, source)) as ExecutionResult;
}

async function fromResponse(response: Response): Promise<Answer> {
  const body = Buffer.from(await response.arrayBuffer());
  return { status: response.status, headers: Object.fromEntries(response.headers), body, cached: null };
}
