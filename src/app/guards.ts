import { DatabaseWatch } from '../db/watch.ts';
import { ClientAddresses } from '../http/client/address.ts';
import { TokenAuth } from '../http/client/auth.ts';
import { JwtIssuer } from '../http/client/jwt.ts';
import { Sessions } from '../http/client/sessions.ts';
import { Billing } from '../http/limits/billing.ts';
import { Guard } from '../http/limits/guard.ts';
import { RunningOperations } from '../http/limits/running.ts';
import { readManifest, type TrustedDocuments } from '../http/limits/trusted.ts';
import { HeapGrowth } from '../http/load/heapGrowth.ts';
import { Load, unavailable } from '../http/load/load.ts';
import { UnreadAnswers } from '../http/load/unread.ts';
import type { Budgets } from './budgets.ts';
import type { Databases } from './databases.ts';
import type { Setup } from './setup.ts';

/** What decides whether, when and for how long a request is served. */
export interface Guards {
  readonly addresses: ClientAddresses;
  readonly auth: TokenAuth;
  readonly sessions: Sessions;
  readonly trusted: TrustedDocuments | null;
  readonly load: Load;
  readonly watch: DatabaseWatch;
  readonly running: RunningOperations;
  /** Who pays, and with how many points. */
  readonly billing: Billing;
  readonly guard: Guard;
  readonly unread: UnreadAnswers;
}

export function createGuards(
  setup: Setup,
  { rate, points, turns, crowd }: Budgets,
  databases: Databases,
): Guards {
  const { config, notice, report, stops } = setup;
  const { limits, trustProxy, exemptAddresses: exempt, jwt, readersNeedToken } = config;
  const { db, controlPool, canceller } = databases;
  const running = new RunningOperations();
  const load = new Load(limits, crowd);
  load.start();
  const heapGrowth = new HeapGrowth();
  stops.add('load', () => {
    heapGrowth.stop();
    load.stop();
  });
  const watch = new DatabaseWatch({
    pool: controlPool,
    notice,
    onOutage: () =>
      running.stopAll(unavailable('The database does not answer at the moment. Try again shortly.')),
  });
  watch.start();
  stops.add('watch', () => watch.stop());
  const trusted = config.trustedDocuments === undefined ? null : readManifest(config.trustedDocuments);
  if (trusted) notice(`Without a token only ${trusted.count} operations can be run.`);
  const issuer = jwt && new JwtIssuer({ ...jwt, report });
  const auth = new TokenAuth(db, { issuer, readersNeedToken });
  const sessions = new Sessions(auth, (error) => report(error, 'sessions'));
  stops.add('sessions', () => sessions.stop());
  const billing = new Billing({ limits, rate, points, load, turns, tokens: auth });
  const guard = new Guard({ limits, load, turns, billing, watch, running, canceller, trusted });
  const addresses = new ClientAddresses({ trustProxy, exempt, notice });
  const unread = new UnreadAnswers(limits.WRITE_TIMEOUT_MS);
  return { addresses, auth, sessions, trusted, load, watch, running, billing, guard, unread };
}
