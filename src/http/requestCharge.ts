import type { IncomingMessage, ServerResponse } from 'node:http';
import { GraphQLError } from 'graphql';
import type { ClientAddresses } from './clientAddress.ts';
import type { Guard } from './guard.ts';
import { REQUEST_POINTS } from './prices.ts';
import { sendJson } from './server.ts';

/** Whether a request comes from what watches over the service: it must not be told that it is down because it was asked too often. */
export const isProbe = ({ url = '' }: IncomingMessage): boolean => url === '/health' || url === '/ready';

/** Who has spent all its points is told so late: one that asks again at once must not keep the process busy with refusing. */
export const REFUSAL_DELAY_MS = 250;

export interface RequestChargeOptions {
  readonly guard: Guard;
  readonly addresses: ClientAddresses;
}

/**
 * Takes the price of a request from its token or address, before anything is looked at; true where there is not enough left and the
 * request was answered with 429. Its connection is closed then, so that a flood pays for its connections, too.
 */
export function requestCharge({ guard, addresses }: RequestChargeOptions) {
  return (request: IncomingMessage, response: ServerResponse): boolean => {
    const client = addresses.of(request);
    if (isProbe(request)) {
      guard.settle(client.key, REQUEST_POINTS, { client });
      return false;
    }
    const { authorization = null } = request.headers;
    try {
      const payer = guard.payerOf({ client, request: { headers: { get: () => authorization } } });
      guard.spend(payer, REQUEST_POINTS, { client });
      return false;
    } catch (error) {
      sendUnpaid(response, error);
      return true;
    }
  };
}

/** Answers a request that its client can't pay for, by the error that the guard has thrown; late. */
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
