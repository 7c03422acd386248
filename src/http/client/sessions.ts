import type { Identity } from '../../domain/access/identity.ts';
import type { TokenAuth } from './auth.ts';

/** How often tokens are checked. A stream outlives its token by at most this long. */
const CHECK_INTERVAL_MS = 2_000;

interface Session {
  readonly identity: Identity;
  readonly end: (reason: string) => void;
}

/** The open sockets and streams of token holders. Each ends soon after its token expires or is revoked. */
export class Sessions {
  readonly #auth: TokenAuth;
  readonly #sessions = new Set<Session>();
  readonly #report: (error: unknown) => void;
  readonly #timer: NodeJS.Timeout;

  constructor(auth: TokenAuth, report: (error: unknown) => void) {
    this.#auth = auth;
    this.#report = report;
    this.#timer = setInterval(() => void this.#check(), CHECK_INTERVAL_MS);
  }

  /** Ends a stream when its token becomes invalid. @returns a function to call when the stream has ended for another reason. */
  add(identity: Identity, end: (reason: string) => void): () => void {
    if (identity.role === null) return () => undefined;
    const session = { identity, end };
    this.#sessions.add(session);
    return () => void this.#sessions.delete(session);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #check(): Promise<void> {
    if (this.#sessions.size === 0) return;
    try {
      const ids = [...this.#sessions].flatMap(({ identity }) => identity.tokenId ?? []);
      const invalid = await this.#auth.invalid([...new Set(ids)]);
      const now = new Date();
      for (const session of this.#sessions) {
        const { tokenId, expiresAt } = session.identity;
        const expired = expiresAt !== null && expiresAt <= now;
        if (!expired && !(tokenId !== null && invalid.has(tokenId))) continue;
        this.#sessions.delete(session);
        session.end(expired ? 'The token has expired' : 'The token was revoked');
      }
    } catch (error) {
      this.#report(error); // the database does not answer; the next check tries again
    }
  }
}
