import { ReadoutError } from '../../base/errors.ts';
import type { Database } from '../../db/client.ts';
import { onBehalfOf } from '../../db/pool/cancellation.ts';
import { ANONYMOUS, type Identity, requireReader } from '../../domain/access/identity.ts';
import { digestToken, isValid } from '../../domain/access/token.ts';
import type { JwtIssuer } from './jwt.ts';
import type { OperationSource } from './operation.ts';

/** How long the check of a token is valid. A revoked token works no longer than that. */
const TOKEN_CACHE_MS = 2_000;
const TOKEN_CACHE_LENGTH_MAX = 10_000;
/** An `Authorization` header. Beyond it UNAUTHENTICATED. @limit characters */
export const TOKEN_LENGTH_MAX = 8_192;
const BEARER = /^Bearer +(\S+)$/i;
const JWT_PATTERN = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** The bearer token of an `Authorization` header; null where there is no header. */
function parseBearer(authorization: string | null | undefined): string | null {
  if (authorization == null || authorization === '') return null;
  const match = BEARER.exec(authorization);
  if (!match || authorization.length > TOKEN_LENGTH_MAX) {
    throw new ReadoutError('UNAUTHENTICATED', 'The header Authorization must be “Bearer <token>”.');
  }
  return match[1] as string;
}

export interface TokenAuthOptions {
  /** The issuer of the JSON Web Tokens that are accepted; null for none. */
  readonly issuer?: JwtIssuer | null;
  /** Whether reading needs a token too. */
  readonly readersNeedToken?: boolean;
  /** Milliseconds of a clock that never runs backwards. */
  readonly now?: () => number;
}

/** A token when it was last checked. */
interface CheckedToken {
  /** Whose token it is; null where the record does not have it. */
  readonly holder: Identity | null;
  readonly revoked: boolean;
  /** When it has to be checked again, in milliseconds of the clock. */
  readonly untilMs: number;
}

/** Identifies clients by tokens of the record and of an issuer. */
export class TokenAuth {
  readonly #db: Database;
  readonly #issuer: JwtIssuer | null;
  readonly #readersNeedToken: boolean;
  readonly #now: () => number;
  readonly #cache = new Map<string, CheckedToken>();
  /** Look-ups that the cache answered, and those that PostgreSQL or the issuer did. */
  hits = 0;
  misses = 0;
  /** The last token and its digest, and the last header and its token, because one request needs them several times. */
  #last = { token: '', digest: digestToken('') };
  #lastHeader: { readonly authorization: string; readonly token: string | undefined } | null = null;

  constructor(db: Database, options: TokenAuthOptions = {}) {
    const { issuer = null, readersNeedToken = false, now = () => performance.now() } = options;
    this.#db = db;
    this.#issuer = issuer;
    this.#readersNeedToken = readersNeedToken;
    this.#now = now;
  }

  /** Cached look-ups. */
  get size(): number {
    return this.#cache.size;
  }

  /**
   * Identifies the client that sends an operation or opens a connection.
   * @throws ReadoutError UNAUTHENTICATED for an invalid token, or for a missing one where reading needs a token.
   */
  async identityOf(source: Bearer): Promise<Identity> {
    const identity = await this.identify(parseBearer(authorizationOf(source)), source.client?.key);
    if (this.#readersNeedToken) requireReader(identity);
    return identity;
  }

  /**
   * @param token as it was sent, or null.
   * @param address of the client that sent it, on whose behalf the token is looked up; undefined for the service itself.
   * @throws ReadoutError UNAUTHENTICATED for a token that is unknown, expired or revoked.
   */
  async identify(token: string | null, address?: string): Promise<Identity> {
    if (token === null) return ANONYMOUS;
    const holder = validHolderOf(await this.#check(token, address));
    if (!holder) {
      throw new ReadoutError(
        'UNAUTHENTICATED',
        'This token is unknown, expired or revoked. Ask for a new one, or send none to read what is public.',
      );
    }
    return holder;
  }

  /** What the cache knows of a token: its holder at the last check, and whether that check is still fresh. */
  recall(authorization: string): { readonly holder: Identity | null; readonly fresh: boolean } {
    const known = this.#find(authorization);
    return { holder: known?.holder ?? null, fresh: known !== undefined && known.untilMs > this.#now() };
  }

  /** Who sends a token, if the cache has a recent check that found it valid; null where `identityOf` has to check it. */
  holderOf(authorization: string): Identity | null {
    const known = this.#find(authorization);
    if (!known || known.untilMs <= this.#now()) return null;
    const holder = validHolderOf(known);
    if (holder) this.hits += 1;
    return holder;
  }

  /** What the cache has of the token of a header. */
  #find(authorization: string): CheckedToken | undefined {
    if (this.#lastHeader?.authorization !== authorization)
      this.#lastHeader = { authorization, token: BEARER.exec(authorization)?.[1] };
    const { token } = this.#lastHeader;
    return token === undefined ? undefined : this.#cache.get(this.#digestOf(token));
  }

  /** The ids, of those given, whose tokens have expired or were revoked. */
  async invalid(tokenIds: readonly number[]): Promise<Set<number>> {
    if (tokenIds.length === 0) return new Set();
    const rows = await this.#db.prisma.token.findMany({ where: { id: { in: [...tokenIds] } } });
    const valid = new Set(rows.filter(isValid).map(({ id }) => id));
    return new Set(tokenIds.filter((id) => !valid.has(id)));
  }

  #digestOf(token: string): string {
    if (token !== this.#last.token) this.#last = { token, digest: digestToken(token) };
    return this.#last.digest;
  }

  async #check(token: string, address: string | undefined): Promise<CheckedToken> {
    const digest = this.#digestOf(token);
    const known = this.#cache.get(digest);
    if (known && known.untilMs > this.#now()) {
      this.hits += 1;
      return known;
    }
    this.misses += 1;
    const found =
      this.#issuer && JWT_PATTERN.test(token)
        ? { holder: await this.#issuer.identify(token), revoked: false }
        : await this.#read(digest, address);
    const checked = { ...found, untilMs: this.#now() + TOKEN_CACHE_MS };
    if (this.#cache.size >= TOKEN_CACHE_LENGTH_MAX) this.#cache.clear();
    this.#cache.set(digest, checked);
    return checked;
  }

  /** By digest, so that the time of a comparison tells nothing about a guessed token. */
  async #read(
    digest: string,
    address: string | undefined,
  ): Promise<Pick<CheckedToken, 'holder' | 'revoked'>> {
    const read = async () => this.#db.prisma.token.findUnique({ where: { digest } });
    const row = await (address === undefined ? read() : onBehalfOf(address, read));
    if (!row) return { holder: null, revoked: false };
    const { id: tokenId, name, role, expiresAt, revokedAt } = row;
    return { holder: { name, role, tokenId, expiresAt }, revoked: revokedAt !== null };
  }
}

/** The holder of a token that is known, not revoked and not expired; null for others. */
function validHolderOf({ holder, revoked }: CheckedToken): Identity | null {
  const isUsable = holder && !revoked && !(holder.expiresAt && holder.expiresAt <= new Date());
  return isUsable ? holder : null;
}

type Bearer = Pick<OperationSource, 'client' | 'request' | 'connectionParams'>;

/** The `Authorization` of a request, or of the connection parameters of a socket. */
export function authorizationOf({ request, connectionParams }: Bearer): string | null {
  const header = request?.headers.get('authorization');
  if (header != null) return header;
  const param = connectionParams?.Authorization ?? connectionParams?.authorization;
  return typeof param === 'string' ? param : null;
}
