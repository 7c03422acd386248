import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { GraphQLError } from 'graphql';
import type { Client, ClientAddresses } from '../client/address.ts';
import { probeKey } from '../cost/budget.ts';
import { PIECE_POINTS, REQUEST_POINTS } from '../cost/prices.ts';
import type { Billing } from '../limits/billing.ts';
import { sendJson } from './send.ts';

/** Whether a request is a health check or a scrape. It has a budget of its own: a monitor must not take a spent budget for an outage. */
export const isProbe = ({ url = '' }: IncomingMessage): boolean =>
  url === '/health' || url === '/ready' || url === '/metrics';

/** Delay of answers with status 429, so that a client that retries at once does not keep the process busy with refusals. */
export const REFUSAL_DELAY_MS = 250;

export interface RequestChargesOptions {
  readonly billing: Billing;
  readonly addresses: ClientAddresses;
}

/** Charges the token or address of a request for receiving it, before anything else is done. */
export class RequestCharges {
  readonly #options: RequestChargesOptions;

  constructor(options: RequestChargesOptions) {
    this.#options = options;
  }

  /**
   * Charges for a request.
   * @returns null, or the error where there are not enough points. The request is then answered with it, and its connection is closed, so that
   *   a client that floods has to open new connections.
   */
  charge(request: IncomingMessage): GraphQLError | null {
    const { payer, client } = this.#payerOf(request);
    try {
      this.#options.billing.spend(payer, REQUEST_POINTS, { client });
      return null;
    } catch (error) {
      if (error instanceof GraphQLError) return error;
      throw error;
    }
  }

  /** Charges for small pieces of a body, which are parsed already. @returns whether there were enough points. */
  paysPieces(request: IncomingMessage, pieces: number): boolean {
    const { payer, client } = this.#payerOf(request);
    return this.#options.billing.settle(payer, pieces * PIECE_POINTS, { client }) === 0;
  }

  /** Charges the address of a connection for a request that can't be read. @returns whether it had enough points. */
  paysBroken(socket: Socket): boolean {
    const { billing, addresses } = this.#options;
    const key = addresses.ofPeer(socket);
    if (key === null) return true;
    try {
      billing.spend(key, REQUEST_POINTS, { client: { key, exempt: false } });
      return true;
    } catch {
      return false;
    }
  }

  #payerOf(request: IncomingMessage): { readonly payer: string; readonly client: Client } {
    const { billing, addresses } = this.#options;
    const client = addresses.of(request);
    const { authorization = null } = request.headers;
    const payer = isProbe(request) ? probeKey(client.key) : billing.presumedPayerOf(client, authorization);
    return { payer, client };
  }
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

/** Answers a request, after a delay, with the error of a charge that its client can't pay. */
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
