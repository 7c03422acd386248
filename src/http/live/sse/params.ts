import type { IncomingMessage } from 'node:http';
import { ReadoutError } from '../../../base/errors.ts';
import { type Bodies, Body, type BodyRefusal } from '../../body/bodies.ts';
import { JSON_TYPE, parseObject } from '../../body/parameter.ts';
import type { Client } from '../../client/address.ts';
import { bodyPoints } from '../../cost/prices.ts';
import type { Billing } from '../../limits/billing.ts';
import { documentIdOf } from '../../limits/trusted.ts';
import type { Holding } from '../../load/memory.ts';
import type { OperationParams } from '../operation.ts';

type Given = Readonly<Record<string, unknown>>;

/** A request for a stream. */
export interface StreamRequest {
  readonly request: IncomingMessage;
  readonly url: URL;
  readonly client: Client;
  /** The memory of the request. */
  readonly holding: Holding;
}

export interface ReadOptions {
  readonly bodies: Bodies;
  readonly billing: Billing;
}

/**
 * Reads the operation of a request from its body or its address.
 * @returns a refusal where the body can't be read; null where the client has gone.
 * @throws ReadoutError INVALID_INPUT for invalid parameters, GraphQLError LIMIT_EXCEEDED without enough points.
 */
export async function readParams(
  stream: StreamRequest,
  options: ReadOptions,
): Promise<OperationParams | BodyRefusal | null> {
  const { request, url } = stream;
  if (request.method !== 'POST') return paramsOf(Object.fromEntries(url.searchParams));
  const body = await readBody(stream, options);
  return body instanceof Body ? paramsOf(await parseBody(body, stream, options)) : body;
}

async function readBody(
  { request, holding }: StreamRequest,
  { bodies }: ReadOptions,
): Promise<Body | BodyRefusal | null> {
  if (!JSON_TYPE.test(request.headers['content-type'] ?? '')) {
    const message = 'Send the operation as JSON, with the header “content-type: application/json”.';
    throw new ReadoutError('INVALID_INPUT', message);
  }
  return bodies.read(request, holding);
}

async function parseBody(
  body: Body,
  { request, client, holding }: StreamRequest,
  { bodies, billing }: ReadOptions,
): Promise<Given> {
  const payer = billing.presumedPayerOf(client, request.headers.authorization ?? null);
  billing.spend(payer, bodyPoints(body.length), { client });
  const value = await bodies.parse(body, holding, () => payer);
  if (value === null) {
    throw new ReadoutError('INVALID_INPUT', 'The body must be a JSON object with “query”.');
  }
  return value;
}

/** The operation of a request. @throws ReadoutError INVALID_INPUT for invalid parameters. */
function paramsOf(given: Given): OperationParams {
  const { query = '', operationName, variables } = given;
  const documentId = documentIdOf({ ...given, extensions: parseObject('extensions', given.extensions) });
  if (typeof query !== 'string' || (query === '' && documentId === null)) {
    throw new ReadoutError('INVALID_INPUT', 'The parameter “query” must be a GraphQL document.', ['query']);
  }
  return {
    query,
    documentId,
    operationName: typeof operationName === 'string' && operationName !== '' ? operationName : null,
    variables: parseObject('variables', variables),
  };
}
