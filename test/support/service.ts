import { vi } from 'vitest';
import type { AppOptions } from '../../src/app/setup.ts';
import { type App, serve } from '../../src/app.ts';
import { parseConfig } from '../../src/config/config.ts';
import type { Database } from '../../src/db/client.ts';
import type { TokenRole } from '../../src/db/generated/enums.ts';
import { makeToken, storeToken } from '../../src/domain/access/token.ts';
import type { Answer, Variables } from './graphql.ts';
import { waitForLocksForever } from './locks.ts';
import { PATIENT_SETTINGS, WAIT_MAX_MS } from './until.ts';

/** A service in this process that listens on a port of its own, over a database that others may serve as well. */
export interface TestService extends App {
  /** Errors that were masked before clients. */
  readonly masked: unknown[];
  readonly notices: string[];
  /** Runs an operation over HTTP. */
  ask<Data>(query: string, variables?: Variables, headers?: Record<string, string>): Promise<Answer<Data>>;
}

/** Starts a service over a database; `settings` are those of the environment. */
export async function startTestService(
  url: string,
  settings: Readonly<Record<string, string>> = {},
  options: Pick<AppOptions, 'tracing' | 'logOperation'> = {},
): Promise<TestService> {
  const masked: unknown[] = [];
  const notices: string[] = [];
  const config = parseConfig({
    ...{ PORT: '0', DATABASE_URL: url, SEED: 'off' },
    // The tests run in the same process and from one address, and must not reach the limits.
    ...{ COST_PER_MINUTE: '10000000000', SOCKETS_PER_ADDRESS_MAX: '20000' },
    ...PATIENT_SETTINGS,
    ...settings,
  });
  const app = await serve(
    {
      ...options,
      config,
      notice: (message) => void notices.push(message),
      report: (error) => void masked.push(error),
    },
    url,
  );
  for (const { pool } of [app.db, app.liveDb]) waitForLocksForever(pool);
  return {
    ...app,
    masked,
    notices,
    async ask<Data>(query: string, variables: Variables = {}, headers: Record<string, string> = {}) {
      const response = await fetch(`${app.origin}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json', ...headers },
        body: JSON.stringify({ query, variables }),
      });
      return (await response.json()) as Answer<Data>;
    },
  };
}

/**
 * Waits until a service has read a change and delivered it.
 * @throws Error that names what it waited for.
 */
export async function delivered(
  { tailer, hub }: Pick<TestService, 'tailer' | 'hub'>,
  position: bigint,
): Promise<void> {
  if (!(await tailer.reached(position, WAIT_MAX_MS)))
    throw new Error(`timed out waiting for change ${position}`);
  await hub.drain(WAIT_MAX_MS);
}

/** The points that clients of a service pay from now on, whatever returns to their budgets in the meantime. */
export function countPaid({ rate }: Pick<TestService, 'rate'>): () => number {
  const [take, settle] = [vi.spyOn(rate, 'take'), vi.spyOn(rate, 'settle')];
  const sum = (): number => {
    const taken = take.mock.calls.filter((_, i) => take.mock.results[i]?.value.within);
    return [...taken, ...settle.mock.calls].reduce((points, [, paid]) => points + paid, 0);
  };
  const before = sum();
  return () => sum() - before;
}

/** The headers, or connection parameters, of a client with a new token of this role. */
export async function bearer(
  db: Database,
  role: TokenRole,
  name: string = role,
  expiresAt: Date | null = null,
): Promise<{ authorization: string }> {
  const token = makeToken();
  await storeToken(db.prisma, token, { name, role, expiresAt });
  return { authorization: `Bearer ${token}` };
}
