import { createRemoteJwksSigningKeyProvider, useJWT } from '@graphql-yoga/plugin-jwt';
import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Database } from '../db/client.ts';
import type { Token } from '../db/generated/client.ts';
import { digestToken, isValid } from '../domain/token.ts';
import { ReadoutError } from '../errors.ts';
import { ANONYMOUS, type Identity, type Role } from '../schema/identity.ts';
import type { Asked } from './asked.ts';

/** How long a token that was looked up is believed; a revoked one works no longer than that. */
const TOKEN_CACHE_MS = 2_000;
const TOKEN_CACHE_LENGTH_MAX = 10_000;
const TOKEN_LENGTH_MAX = 8_192;
const JWKS_TIMEOUT_MS = 5_000;
/** Tokens with made-up keys must not turn into as many requests to the issuer. */
const JWKS_REQUESTS_PER_MINUTE_MAX = 10;
const BEARER = /^Bearer +(\S+)$/i;
const JWT_PATTERN = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** Where JSON Web Tokens come from, if any are accepted. */
export interface JwtOptions {
  readonly jwksUrl: string;
  readonly issuer: string;
  readonly audience: string;
  /** Claim that holds the role; a list is searched for the strongest. */
  readonly roleClaim: string;
}

/** The bearer token of an `Authorization` header; null where there is no header. */
export function parseBearer(authorization: string | null | undefined): string | null {
  if (authorization == null || authorization === '') return null;
  const match = BEARER.exec(authorization);
  if (!match || authorization.length > TOKEN_LENGTH_MAX) {
    throw new ReadoutError('UNAUTHENTICATED', 'The header Authorization must be “Bearer <token>”.');
  }
  return match[1] as string;
}

/** Finds out who is asking, by tokens of the record's own. */
export class TokenAuth {
  readonly #db: Database;
  readonly #cache = new Map<string, { token: Token | null; until: number }>();

  constructor(db: Database) {
    this.#db = db;
  }

  /**
   * @param token as it was sent, or null.
   * @throws ReadoutError UNAUTHENTICATED for a token that is unknown, expired or revoked.
   */
  async identify(token: string | null): Promise<Identity> {
    if (token === null) return ANONYMOUS;
    const found = await this.#find(digestToken(token));
    if (!found || !isValid(found)) {
      throw new ReadoutError(
        'UNAUTHENTICATED',
        'This token is unknown, expired or revoked. Ask for a new one, or send none to read what is public.',
      );
    }
    return { name: found.name, role: found.role, tokenId: found.id, expiresAt: found.expiresAt };
  }

  /** What memory tells of who sends a token: whose it was when it was last looked up, and whether it need not be again. */
  recall(authorization: string): { readonly name: string | null; readonly fresh: boolean } {
    const [, token] = BEARER.exec(authorization) ?? [];
    const known = token === undefined ? undefined : this.#cache.get(digestToken(token));
    return { name: known?.token?.name ?? null, fresh: known !== undefined && known.until > Date.now() };
  }

  /** Of these tokens, the ones that can't be used any more. */
  async invalid(tokenIds: readonly number[]): Promise<Set<number>> {
    if (tokenIds.length === 0) return new Set();
    const rows = await this.#db.prisma.token.findMany({ where: { id: { in: [...tokenIds] } } });
    const valid = new Set(rows.filter(isValid).map(({ id }) => id));
    return new Set(tokenIds.filter((id) => !valid.has(id)));
  }

  /** By digest, so that neither comparison nor cache depends on how much of a guess is right. */
  async #find(digest: string): Promise<Token | null> {
    const known = this.#cache.get(digest);
    if (known && known.until > Date.now()) return known.token;
    const token = await this.#db.prisma.token.findUnique({ where: { digest } });
    if (this.#cache.size >= TOKEN_CACHE_LENGTH_MAX) this.#cache.clear();
    this.#cache.set(digest, { token, until: Date.now() + TOKEN_CACHE_MS });
    return token;
  }
}

const ROLES: readonly Role[] = ['admin', 'recorder', 'reader'];

type Bearer = Pick<Asked, 'request' | 'connectionParams'>;

/** The `Authorization` of a request, or of the connection parameters of a socket. */
export function authorizationOf({ request, connectionParams }: Bearer): string | null {
  const header = request?.headers.get('authorization');
  if (header != null) return header;
  const param = connectionParams?.Authorization ?? connectionParams?.authorization;
  return typeof param === 'string' ? param : null;
}

function identityOfJwt(payload: Record<string, unknown>, options: JwtOptions): Identity {
  const claim = payload[options.roleClaim];
  const claimed = (Array.isArray(claim) ? claim : [claim]).map(String);
  const role = ROLES.find((name) => claimed.includes(name)) ?? 'reader';
  const expiresAt = typeof payload.exp === 'number' ? new Date(payload.exp * 1_000) : null;
  return { name: String(payload.sub ?? 'unnamed'), role, tokenId: null, expiresAt };
}

/**
 * Puts the identity into every context, whichever way the operation came. A token of three parts goes to the JWT
 * plugin where an issuer is set; any other is looked up in the record.
 */
export function authPlugins(auth: TokenAuth, jwt: JwtOptions | null): Plugin[] {
  const identity: Plugin<{ jwt?: { payload: Record<string, unknown> } } & Bearer> = {
    async onContextBuilding({ context, extendContext }) {
      const found =
        context.jwt && jwt
          ? identityOfJwt(context.jwt.payload, jwt)
          : await auth.identify(parseBearer(authorizationOf(context)));
      extendContext({ identity: found } as never);
    },
  };
  return jwt ? [jwtPlugin(jwt), identity as Plugin] : [identity as Plugin];
}

/** A key under which no signature is good: an issuer that does not know the key of a token did not make the token. */
const NO_KEY = 'none';

function jwtPlugin(options: JwtOptions): Plugin {
  const findKey = createRemoteJwksSigningKeyProvider({
    jwksUri: options.jwksUrl,
    timeout: JWKS_TIMEOUT_MS,
    cache: true,
    rateLimit: true,
    jwksRequestsPerMinute: JWKS_REQUESTS_PER_MINUTE_MAX,
  });
  const { onYogaInit, onContextBuilding } = useJWT({
    signingKeyProviders: [
      async (kid) => {
        try {
          return await findKey(kid);
        } catch (error) {
          if (error instanceof Error && error.name === 'SigningKeyNotFoundError') return NO_KEY;
          throw error;
        }
      },
    ],
    tokenLookupLocations: [
      ({ request, serverContext }) => {
        const connectionParams = (serverContext as Bearer | undefined)?.connectionParams;
        const token = parseBearer(authorizationOf({ request, connectionParams } as Bearer));
        return token !== null && JWT_PATTERN.test(token) ? { token, prefix: 'Bearer' } : undefined;
      },
    ],
    tokenVerification: { issuer: options.issuer, audience: options.audience, algorithms: ['RS256', 'ES256'] },
    reject: { missingToken: false, invalidToken: true },
    extendContext: 'jwt',
  }) as Plugin;
  // The plugin's other hook would do the same for HTTP alone, and before errors get their codes.
  return {
    ...(onYogaInit && { onYogaInit }),
    async onContextBuilding(payload) {
      try {
        await onContextBuilding?.(payload);
      } catch (error) {
        if (error instanceof ReadoutError) throw error;
        throw error instanceof GraphQLError
          ? new ReadoutError('UNAUTHENTICATED', 'This token is not valid here: ask its issuer for a new one.')
          : new ReadoutError(
              'UNAVAILABLE',
              'The issuer of this token can’t be asked now. Try again shortly.',
            );
      }
    },
  };
}
