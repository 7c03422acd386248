import type { IncomingMessage, ServerResponse } from 'node:http';
import { GraphQLError } from 'graphql';
import type { ClientAddresses } from '../client/address.ts';
import { probeKey } from '../cost/budget.ts';
import { REQUEST_POINTS } from '../cost/prices.ts';
import type { Billing } from '../limits/billing.ts';
import { sendJson } from './send.ts';

/** Whether a request is a health check. It has a budget of its own: a monitor must not take a spent budget for an outage. */
export const isProbe = ({ url = '' }: IncomingMessage): boolean => url === '/health' || url === '/ready';

/** Delay of answers with status 429, so that a client that retries at once does not keep the process busy with refusals. */
export const REFUSAL_DELAY_MS = 250;

export interface RequestChargeOptions {
  readonly billing: Billing;
  readonly addresses: ClientAddresses;
}

/**
 * Charges a request to its token or address before anything else is done. Returns true where there were not enough points and
 * the request was answered with 429. Its connection is then closed, so that a client that floods has to open new connections.
 */
export function requestCharge({ billing, addresses }: RequestChargeOptions) {
  return (request: IncomingMessage, response: ServerResponse): boolean => {
    const client = addresses.of(request);
    const { authorization = null } = request.headers;
    try {
      const payer = isProbe(request) ? probeKey(client.key) : billing.presumedPayerOf(client, authorization);
      billing.spend(payer, REQUEST_POINTS, { client });
      return false;
    } catch (error) {
      sendUnpaid(response, error);
      return true;
    }
  };
}

/** Answers a request outside GraphQL with a masked error and its HTTP status. */
export function sendFailure(response: ServerResponse, error: GraphQLError): void {
  const { http = {}, ...shown } = error.extensions as {
    http?: { status?: number; headers?: Record<string, string> };
  };
  const { status = 500, headers = {} } = http;
  if (status === 429) sendUnpaid(response, error);
  else sendJson(response, status, { errors: [{ message: error.message, extensions: shown }] }, headers);
}

/** Answers a request, late, with the error of a charge that its client can't pay. */
export function sendUnpaid(response: ServerResponse, error: unknown): void {
  if (!(error instanceof GraphQLError)) throw error;
  const { http, ...extensions } = error.extensions;
  const { headers } = http as { headers: Record<string, string> };
  setTimeout(() => {
    if (!response.destroyed) {
      sendJson(response, 429, { errors: [{ message: error.message, extensions }] }, headers);
    }
  }, REFUSAL_DELAY_MS);
}
