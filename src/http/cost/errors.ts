import { GraphQLError } from 'graphql';
import { ReadoutError } from '../../base/errors.ts';
import type { Allowance } from '../client/allowance.ts';
import type { Budget } from './budget.ts';
import type { Cost } from './cost.ts';
import type { ExpensiveField } from './mostExpensive.ts';
import { rateHeaders } from './rate.ts';

/** The error for an operation that costs more than COST_MAX. */
export function tooExpensive(
  { points }: Cost,
  mostExpensive: ExpensiveField | null,
  max: number,
): GraphQLError {
  const most = mostExpensive ? `, most of it for “${mostExpensive.path}” (${mostExpensive.points})` : '';
  const message = `The operation costs ${points} points${most}; at most ${max} are allowed. Ask for smaller pages or fewer fields.`;
  return new GraphQLError(message, {
    extensions: {
      code: 'LIMIT_EXCEEDED',
      limit: 'COST_MAX',
      max,
      cost: points,
      ...(mostExpensive && { mostExpensive }),
      http: { status: 400, spec: true },
    },
  });
}

/**
 * The error for work of an operation that has begun, which the budget of its client does not cover.
 * @param work its points, its name as the subject of a sentence, and what the client can do to pay less.
 */
export function unaffordable(
  { points, name, advice }: { readonly points: number; readonly name: string; readonly advice: string },
  allowance: Allowance,
  { limit, max }: Budget,
): ReadoutError {
  const retryAfterSeconds = Number(rateHeaders(allowance)['Retry-After']);
  const { remaining } = allowance;
  return new ReadoutError(
    'LIMIT_EXCEEDED',
    `${name} costs ${points} points, and ${remaining} of ${max} a minute (${limit}) are left. ${advice}, or try again in ${retryAfterSeconds} s.`,
    undefined,
    { limit, max, cost: points, remaining, retryAfterSeconds },
  );
}

/** The error for a charge that the budget of a client does not cover. */
export function spent(allowance: Allowance, points: number, { limit, max }: Budget): GraphQLError {
  const headers = rateHeaders(allowance);
  const message = `This costs ${points} points, and ${allowance.remaining} of ${max} a minute (${limit}) are left. Try again in ${headers['Retry-After']} s.`;
  return new GraphQLError(message, {
    extensions: {
      code: 'LIMIT_EXCEEDED',
      limit,
      max,
      cost: points,
      remaining: allowance.remaining,
      retryAfterSeconds: Number(headers['Retry-After']),
      // A client that floods has to open new connections.
      http: { status: 429, headers: { ...headers, Connection: 'close' } },
    },
  });
}
