import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ExecutionResult, GraphQLError } from 'graphql';
import { type GraphQLParams, processRegularResult, type YogaServerInstance } from 'graphql-yoga';
import type { Context } from '../schema/builder.ts';
import type { Asked } from './guard.ts';
import type { CachedAnswer } from './responseCache.ts';

/** The forms that an answer can have. */
export type AnswerType = 'application/json' | 'application/graphql-response+json';

/** An answer as it goes out. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** The same for others who ask; null where it is for this client alone. */
  readonly cached: CachedAnswer | null;
}

/** The form that a client names first; null where it is another, or where it weighs several. */
export function answerTypeOf(accept: string | undefined): AnswerType | null {
  const [first = ''] = (accept ?? '*/*').split(',', 1);
  switch (first.trim().toLowerCase()) {
    case '*/*':
    case 'application/json':
      return 'application/json';
    case 'application/graphql-response+json':
      return 'application/graphql-response+json';
    default:
      return null;
  }
}

export interface AnswerOptions {
  readonly graphql: YogaServerInstance<object, Context>;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly params: GraphQLParams;
  readonly type: AnswerType;
  readonly asked: Asked;
  readonly mask: (error: unknown) => GraphQLError;
}

/**
 * Runs an operation with all plugins of the endpoint, and makes its answer. Only what is not about GraphQL is left out:
 * Yoga would make a Request and a Response of what is bytes before and after.
 */
export async function answerOperation(options: AnswerOptions): Promise<Answer> {
  const { graphql, request, response, params, type, asked, mask } = options;
  const { fetchAPI } = graphql;
  const gone = new AbortController();
  const leave = (): void => gone.abort();
  response.once('close', leave);
  const origin = new fetchAPI.Request('http://readout/graphql', {
    method: request.method as string,
    headers: request.headers as Record<string, string>,
    signal: gone.signal,
  });
  let result: ExecutionResult;
  try {
    result = (await graphql.getResultForParams({ params, request: origin }, asked)) as ExecutionResult;
  } catch (error) {
    result = { errors: [mask(error)] }; // a parameter that is missing or of the wrong type
  } finally {
    response.off('close', leave);
  }
  if (result.errors) return fromResponse(processRegularResult(result, fetchAPI, type));
  const body = Buffer.from(JSON.stringify(result));
  const contentType = `${type}; charset=utf-8`;
  const { repeatable = null, points = 0 } = asked.answer ?? {};
  const cached = repeatable && { head: repeatable, contentType, body, points };
  return { status: 200, headers: { 'content-type': contentType }, body, cached };
}

async function fromResponse(response: Response): Promise<Answer> {
  const body = Buffer.from(await response.arrayBuffer());
  return { status: response.status, headers: Object.fromEntries(response.headers), body, cached: null };
}
