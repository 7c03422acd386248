import {
  createRemoteJWKSet,
  errors,
  type FlattenedJWSInput,
  type JWSHeaderParameters,
  type JWTPayload,
  jwtVerify,
} from 'jose';
import { ReadoutError } from '../../base/errors.ts';
import type { Identity, Role } from '../../domain/access/identity.ts';
import type { ReportError } from '../errors.ts';

const ALGORITHMS = ['RS256', 'ES256'];
const JWKS_TIMEOUT_MS = 5_000;
/** Minimum time between two requests for the issuer's keys, whatever tokens arrive. */
const JWKS_INTERVAL_MS_MIN = 10_000;
/** Keys older than this are fetched again. While the issuer does not answer, they stay in use until the age below. */
const KEYS_FRESH_MS = 600_000;
const KEYS_AGE_MS_MAX = 3_600_000;
/** Subject (`sub`) of a JSON Web Token. Beyond it UNAUTHENTICATED. @limit characters */
export const SUBJECT_LENGTH_MAX = 200;
/** The latest time that a Date can hold. */
const EXPIRY_MS_MAX = 8.64e15;
/** Strongest first. */
const ROLES: readonly Role[] = ['recorder', 'reader'];

/** An issuer of JSON Web Tokens. */
export interface JwtOptions {
  readonly jwksUrl: string;
  readonly issuer: string;
  readonly audience: string;
  /** Claim with the role. Of a list, the strongest role counts. */
  readonly roleClaim: string;
}

export interface JwtIssuerOptions extends JwtOptions {
  readonly report: ReportError;
  /** Milliseconds of a clock that never runs backwards. */
  readonly now?: () => number;
}

/** Identifies clients by JSON Web Tokens of one issuer. */
export class JwtIssuer {
  readonly #options: JwtOptions;
  readonly #keys: IssuerKeys;
  /** Prefix of the subject in a name, so that no subject shares the name of a token of the record. */
  readonly #namespace: string;

  constructor(options: JwtIssuerOptions) {
    this.#options = options;
    this.#keys = new IssuerKeys(options);
    const { issuer } = options;
    this.#namespace = (URL.canParse(issuer) && new URL(issuer).host) || issuer;
  }

  /** @throws ReadoutError UNAUTHENTICATED for an invalid token, UNAVAILABLE where it can't be verified now. */
  async identify(token: string): Promise<Identity> {
    const { issuer, audience } = this.#options;
    try {
      const { payload } = await jwtVerify(token, this.#keys.find, {
        issuer,
        audience,
        algorithms: ALGORITHMS,
        requiredClaims: ['exp', 'sub'],
      });
      return this.#identityOf(payload);
    } catch (error) {
      if (!(error instanceof errors.JOSEError)) throw error;
      throw new ReadoutError(
        'UNAUTHENTICATED',
        'This token is not valid here: ask its issuer for a new one.',
        undefined,
        undefined,
        { cause: error },
      );
    }
  }

  #identityOf(payload: JWTPayload): Identity {
    const { sub, exp = 0 } = payload;
    const { roleClaim } = this.#options;
    // PostgreSQL stores no NUL, and a control character would break a line of the log.
    if (typeof sub !== 'string' || !/^[^\p{Cc}\p{Cs}]+$/u.test(sub) || sub.length > SUBJECT_LENGTH_MAX) {
      throw new ReadoutError(
        'UNAUTHENTICATED',
        `The subject of this token must be a text of at most ${SUBJECT_LENGTH_MAX} characters, without control characters.`,
      );
    }
    const claim = payload[roleClaim];
    const claimed: readonly unknown[] = Array.isArray(claim) ? claim : [claim];
    const role = ROLES.find((name) => claimed.includes(name));
    if (!role) {
      throw new ReadoutError(
        'UNAUTHENTICATED',
        `This token names no role: its claim “${roleClaim}” must be reader or recorder.`,
      );
    }
    const expiresAt = new Date(Math.min(exp * 1_000, EXPIRY_MS_MAX));
    return { name: `${this.#namespace}:${sub}`, role, tokenId: null, expiresAt };
  }
}

/** The keys of an issuer. They are fetched again when they are old, and for a key that is not among them. */
class IssuerKeys {
  readonly #set: ReturnType<typeof createRemoteJWKSet>;
  readonly #report: ReportError;
  readonly #now: () => number;
  #askedAtMs = Number.NEGATIVE_INFINITY;
  #fetchedAtMs = Number.NEGATIVE_INFINITY;
  #asking: Promise<void> | null = null;

  constructor({ jwksUrl, report, now = () => performance.now() }: JwtIssuerOptions) {
    // The time of the next request is decided here, because the library uses the wall clock and retries at every failure.
    this.#set = createRemoteJWKSet(new URL(jwksUrl), {
      timeoutDuration: JWKS_TIMEOUT_MS,
      cooldownDuration: Number.POSITIVE_INFINITY,
      cacheMaxAge: Number.POSITIVE_INFINITY,
    });
    this.#report = report;
    this.#now = now;
  }

  /**
   * The key that a token names.
   * @throws JOSEError where the issuer has no such key; ReadoutError UNAVAILABLE where it does not answer.
   */
  readonly find = async (header: JWSHeaderParameters, token: FlattenedJWSInput) => {
    if (this.#ageMs > KEYS_FRESH_MS) await this.#fetch();
    if (this.#ageMs > KEYS_AGE_MS_MAX) throw issuerAway();
    try {
      return await this.#set(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      await this.#fetch();
      if (this.#fetchedAtMs < this.#askedAtMs) throw issuerAway();
      return this.#set(header, token);
    }
  };

  get #ageMs(): number {
    return this.#now() - this.#fetchedAtMs;
  }

  /** Fetches the keys, unless they were requested a moment ago. */
  #fetch(): Promise<void> {
    if (this.#asking) return this.#asking;
    if (this.#now() - this.#askedAtMs < JWKS_INTERVAL_MS_MIN) return Promise.resolve();
    const askedAtMs = this.#now();
    this.#askedAtMs = askedAtMs;
    this.#asking = this.#set
      .reload()
      .then(
        () => {
          this.#fetchedAtMs = askedAtMs;
        },
        (error: unknown) => this.#report(error, 'jwks'),
      )
      .finally(() => {
        this.#asking = null;
      });
    return this.#asking;
  }
}

function issuerAway(): ReadoutError {
  return new ReadoutError(
    'UNAVAILABLE',
    'The issuer of this token can’t be asked now. Try again shortly.',
    undefined,
    { retryAfterSeconds: JWKS_INTERVAL_MS_MIN / 1_000 },
  );
}
