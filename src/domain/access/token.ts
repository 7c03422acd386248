import { createHash, randomBytes } from 'node:crypto';
import { ReadoutError } from '../../base/errors.ts';
import type { Prisma } from '../../db/client.ts';
import type { Token } from '../../db/generated/client.ts';
import type { TokenRole } from '../../db/generated/enums.ts';

const TOKEN_BYTES = 24;
/** Makes a leaked token recognisable, for people and for scanners. */
const TOKEN_PREFIX = 'readout_';
const NAME_LENGTH_MAX = 100;

/** The digest that is stored instead of a token. The token cannot be computed from it. */
export function digestToken(token: string): string {
  return createHash('sha256').update(token, 'utf8').digest('hex');
}

export function makeToken(): string {
  return TOKEN_PREFIX + randomBytes(TOKEN_BYTES).toString('base64url');
}

interface NewToken {
  /** The client that uses it: the `by` of every change made with it. */
  readonly name: string;
  readonly role: TokenRole;
  readonly expiresAt?: Date | null;
}

/**
 * Stores a new token.
 * @throws ReadoutError INVALID_INPUT for an invalid name or an expiry in the past; CONFLICT if the name is taken.
 */
export async function storeToken(
  prisma: Prisma,
  token: string,
  { name, role, expiresAt }: NewToken,
): Promise<void> {
  // Names from JSON Web Tokens have a colon, so no token's name can equal one of them. A control character would break a line of the log.
  if (name.trim() === '' || name.length > NAME_LENGTH_MAX || /[:\p{Cc}]/u.test(name)) {
    throw new ReadoutError(
      'INVALID_INPUT',
      `A token needs a name of at most ${NAME_LENGTH_MAX} characters, without colons and control characters.`,
      ['name'],
    );
  }
  if (expiresAt && expiresAt <= new Date()) {
    throw new ReadoutError('INVALID_INPUT', 'The token would have expired already. Give a later time.', [
      'expires',
    ]);
  }
  if (await prisma.token.findUnique({ where: { name } })) {
    throw new ReadoutError('CONFLICT', `There is a token named “${name}”. Choose another name.`, ['name']);
  }
  await prisma.token.create({
    data: { name, role, digest: digestToken(token), expiresAt: expiresAt ?? null },
  });
}

/** Replaces the token of this name, or stores it. For a token from the settings. */
export async function setToken(prisma: Prisma, token: string, { name, role }: NewToken): Promise<void> {
  const digest = digestToken(token);
  await prisma.token.deleteMany({ where: { digest, name: { not: name } } });
  await prisma.token.upsert({
    where: { name },
    create: { name, role, digest },
    update: { role, digest, revokedAt: null, expiresAt: null },
  });
}

/** All tokens, oldest first. */
export function listTokens(prisma: Prisma): Promise<Token[]> {
  return prisma.token.findMany({ orderBy: { id: 'asc' } });
}

/** @throws ReadoutError NOT_FOUND if there is no valid token of this name. */
export async function revokeToken(prisma: Prisma, name: string): Promise<void> {
  const { count } = await prisma.token.updateMany({
    where: { name, revokedAt: null },
    data: { revokedAt: new Date() },
  });
  if (count === 0) throw new ReadoutError('NOT_FOUND', `There is no valid token named “${name}”.`, ['name']);
}

/** Whether a token may be used now. */
export function isValid(token: Pick<Token, 'revokedAt' | 'expiresAt'>): boolean {
  return token.revokedAt === null && (token.expiresAt === null || token.expiresAt > new Date());
}
