import { createHash } from 'node:crypto';
import type { GraphQLError } from 'graphql';
import { LATE, within } from '../../base/within.ts';
import type { Database } from '../../db/client.ts';
import type { DatabaseWatch } from '../../db/watch.ts';
import { printSdl } from '../../schema/print.ts';
import type { ClientAddresses } from '../client/address.ts';
import type { TokenAuth } from '../client/auth.ts';
import { sourceRequest } from '../client/operation.ts';
import type { Guard } from '../limits/guard.ts';
import type { Load } from '../load/load.ts';
import { sendFailure } from './charge.ts';
import type { Route } from './dispatch.ts';
import { namesTag } from './headers.ts';
import { sendJson } from './send.ts';

const READY_TIMEOUT_MS = 2_000;

export interface HealthOptions {
  readonly db: Database;
  readonly watch: Pick<DatabaseWatch, 'isUnreachable'>;
  readonly load: Pick<Load, 'busy'>;
  readonly addresses: Pick<ClientAddresses, 'knownBy'>;
}

/** A request with this header asks `/health` how the address of its client is known. */
export const ADDRESS_HEADER = 'x-readout-address';

/** `/health`: the process answers. `/ready`: it can also read the record, and has room for more work. */
export function healthRoutes(options: HealthOptions): Route {
  let looking: Promise<string | null> | undefined;
  return async (request, response, url) => {
    if (url.pathname === '/health') {
      const asksAddress = request.headers[ADDRESS_HEADER] !== undefined;
      sendJson(response, 200, {
        status: 'ok',
        ...(asksAddress && { address: options.addresses.knownBy(request) }),
      });
      return true;
    }
    if (url.pathname !== '/ready') return false;
    // Concurrent checks share one query.
    looking ??= unreadyReason(options).finally(() => {
      looking = undefined;
    });
    const reason = await looking;
    sendJson(response, reason === null ? 200 : 503, { status: reason ?? 'ready' });
    return true;
  };
}

/** Why this process should get no new work; null where it is ready. It sends a query as new work would. */
async function unreadyReason({ db, watch, load }: HealthOptions): Promise<string | null> {
  if (watch.isUnreachable) return 'the database does not answer';
  if (load.busy) return 'there is too much to do';
  const answered = db.pool.query('SELECT 1').then(
    () => null,
    () => 'the database does not answer', // the pool reports the error
  );
  const reason = await within(READY_TIMEOUT_MS, answered);
  if (watch.isUnreachable) return 'the database does not answer';
  return reason === LATE ? 'no connection to the database is free' : reason;
}

export interface SdlOptions {
  readonly auth: TokenAuth;
  readonly guard: Guard;
  readonly addresses: ClientAddresses;
  readonly mask: (error: unknown) => GraphQLError;
}

/** `/schema.graphql`, for all clients that may read the record. */
export function sdlRoute({ auth, guard, addresses, mask }: SdlOptions): Route {
  let sdl: { readonly text: string; readonly etag: string } | undefined;
  return async (request, response, url) => {
    if (url.pathname !== '/schema.graphql') return false;
    try {
      const source = { client: addresses.of(request), request: sourceRequest(request) };
      guard.begin(source);
      await auth.identityOf(source);
    } catch (error) {
      sendFailure(response, mask(error));
      return true;
    }
    sdl ??= sdlWithTag();
    const headers = { 'cache-control': 'no-cache', etag: sdl.etag };
    if (namesTag(request.headers['if-none-match'], sdl.etag)) {
      response.writeHead(304, headers).end();
      return true;
    }
    response.writeHead(200, { ...headers, 'content-type': 'application/graphql; charset=utf-8' });
    response.end(sdl.text);
    return true;
  };
}

function sdlWithTag() {
  const text = printSdl();
  return { text, etag: `"${createHash('sha256').update(text).digest('base64url')}"` };
}
