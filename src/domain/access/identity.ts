import { ReadoutError } from '../../base/errors.ts';
import type { TokenRole } from '../../db/generated/enums.ts';

export type Role = TokenRole;

/** Who is asking. */
export interface Identity {
  /** Stands as `by` with every change. */
  readonly name: string;
  /** Null for somebody without a token. */
  readonly role: Role | null;
  /** Of a token of the record's own. */
  readonly tokenId: number | null;
  readonly expiresAt: Date | null;
}

export const ANONYMOUS: Identity = { name: 'anonymous', role: null, tokenId: null, expiresAt: null };

/** @throws ReadoutError UNAUTHENTICATED without a token, FORBIDDEN with one that may only read. */
export function requireRecorder(identity: Identity): void {
  if (identity.role === null) {
    throw new ReadoutError(
      'UNAUTHENTICATED',
      'Recording needs a token. Send it as “Authorization: Bearer <token>”; over WebSocket in the connection parameters.',
    );
  }
  if (identity.role === 'reader') {
    throw new ReadoutError(
      'FORBIDDEN',
      `The token “${identity.name}” may read but not record. Use a recorder's token.`,
    );
  }
}

/** @throws ReadoutError UNAUTHENTICATED where reading needs a token and there is none. */
export function requireReader(identity: Identity): void {
  if (identity.role === null) {
    throw new ReadoutError(
      'UNAUTHENTICATED',
      'Reading this record needs a token. Send it as “Authorization: Bearer <token>”.',
    );
  }
}
