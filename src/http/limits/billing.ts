import type { Limits } from '../../config/limits.ts';
import { ANONYMOUS, type Identity } from '../../domain/access/identity.ts';
import type { Client } from '../client/address.ts';
import { authorizationOf, type TokenAuth } from '../client/auth.ts';
import type { OperationSource } from '../client/operation.ts';
import { budgetOf, tokenKey } from '../cost/budget.ts';
import { spent, unaffordable } from '../cost/errors.ts';
import type { PointCounts } from '../cost/pointCounts.ts';
import { TOKEN_LOOKUP_POINTS } from '../cost/prices.ts';
import type { Rate } from '../cost/rate.ts';
import type { Load } from '../load/load.ts';
import type { Turns } from '../load/turns.ts';

/** Pays for operations that the service itself runs. */
export const THIS_PROCESS: Client = { key: 'this process', exempt: true };

export interface BillingOptions {
  readonly limits: Limits;
  readonly rate: Rate;
  readonly points: PointCounts;
  readonly load: Load;
  readonly turns: Turns;
  /** The cache of tokens. */
  readonly tokens: Pick<TokenAuth, 'recall'>;
}

/** Finds out who pays for work, and takes the points. */
export class Billing {
  readonly #options: BillingOptions;

  constructor(options: BillingOptions) {
    this.#options = options;
  }

  /** Who pays for a request before its token is verified: the token if the cache has it, and the address otherwise. */
  presumedPayerOf(client: Client, authorization: string | null): string {
    const holder = authorization ? this.#options.tokens.recall(authorization).holder : null;
    return this.payerOf(holder ?? ANONYMOUS, { client });
  }

  /** Who pays for an operation: its token, or its address without a token. */
  payerOf(
    { role, name }: Pick<Identity, 'role' | 'name'>,
    { client = THIS_PROCESS }: OperationSource,
  ): string {
    if (role === null) return client.key;
    return tokenKey({ role, name });
  }

  /**
   * Takes points from a budget.
   * @throws GraphQLError LIMIT_EXCEEDED where not enough points are left.
   */
  spend(key: string, points: number, { client = THIS_PROCESS, answer }: OperationSource): void {
    if (answer) answer.points += points;
    this.#count(key, points);
    const allowance = client.exempt ? null : this.#options.rate.take(key, points);
    this.#options.points.count(points, allowance?.within ?? true);
    if (!allowance) return;
    if (answer) answer.allowance = allowance;
    if (!allowance.within) throw spent(allowance, points, budgetOf(key, this.#options.limits));
  }

  /**
   * Takes points for work whose result is cached. They are not included in the price of a cached answer.
   * @throws GraphQLError LIMIT_EXCEEDED where not enough points are left.
   */
  spendOnce(key: string, points: number, source: OperationSource): void {
    const { answer } = source;
    if (answer) answer.pointsOnce = (answer.pointsOnce ?? 0) + points;
    this.spend(key, points, source);
  }

  /**
   * Takes points for work of a running operation that is about to begin.
   * @throws ReadoutError LIMIT_EXCEEDED where not enough points are left.
   */
  prepay(
    key: string,
    work: { readonly points: number; readonly name: string; readonly advice: string },
    { client = THIS_PROCESS, answer }: OperationSource,
  ): void {
    if (!client.exempt) {
      const allowance = this.#options.rate.take(key, work.points);
      if (answer) answer.allowance = { ...allowance, within: true }; // the rest of the operation goes on
      if (!allowance.within) {
        this.#options.points.count(work.points, false);
        throw unaffordable(work, allowance, budgetOf(key, this.#options.limits));
      }
    }
    this.#options.points.count(work.points, true);
    if (answer) answer.points += work.points;
    this.#count(key, work.points);
  }

  /**
   * Settlement: takes points for finished work, even where not enough are left.
   * @param points negative where some are given back.
   * @returns milliseconds until the budget is no longer below zero.
   */
  settle(key: string, points: number, { client = THIS_PROCESS, answer }: OperationSource): number {
    if (answer) answer.points += points;
    this.#count(key, points);
    this.#options.points.count(points, true);
    if (client.exempt) return 0;
    const allowance = this.#options.rate.settle(key, points);
    if (answer) answer.allowance = { ...allowance, within: true };
    return allowance.within ? 0 : allowance.waitMs;
  }

  /** Charges a cached answer like a new one. @returns whether its client had enough points. */
  repeats(points: number, source: OperationSource & { readonly identity: Identity }): boolean {
    const { client = THIS_PROCESS, answer } = source;
    const key = this.payerOf(source.identity, source);
    this.#count(key, points);
    const due = Math.max(0, points - (answer?.points ?? 0));
    const allowance = client.exempt ? null : this.#options.rate.take(key, due);
    this.#options.points.count(due, allowance?.within ?? true);
    if (!allowance) return true;
    if (answer) answer.allowance = allowance;
    return allowance.within;
  }

  /**
   * Charges the client of an operation.
   * @throws GraphQLError LIMIT_EXCEEDED where not enough points are left.
   */
  charge(points: number, source: OperationSource & { readonly identity: Identity }): void {
    this.spend(this.payerOf(source.identity, source), points, source);
  }

  /**
   * Charges the look-up of a token, unless the cache has it.
   * @throws GraphQLError LIMIT_EXCEEDED where not enough points are left.
   */
  chargeTokenLookup(source: OperationSource): void {
    const authorization = authorizationOf(source);
    if (!authorization || this.#options.tokens.recall(authorization).fresh) return;
    const { client = THIS_PROCESS } = source;
    this.spendOnce(this.presumedPayerOf(client, authorization), TOKEN_LOOKUP_POINTS, source);
  }

  /** Counts work of a client towards its share of the event loop. */
  #count(key: string, points: number): void {
    const { load, turns } = this.#options;
    load.charge(key, points);
    turns.charge(key, points);
  }
}
