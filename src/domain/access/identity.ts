import { ReadoutError } from '../../base/errors.ts';
import type { TokenRole } from '../../db/generated/enums.ts';

export type Role = TokenRole;

/** The client of an operation. */
export interface Identity {
  /** The `by` of every change that it makes. */
  readonly name: string;
  /** Null for a client without a token. */
  readonly role: Role | null;
  /** Id of its token in the record; null for a JSON Web Token. */
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

/** @throws ReadoutError UNAUTHENTICATED without a token. For a record that needs one to read. */
export function requireReader(identity: Identity): void {
  if (identity.role === null) {
    throw new ReadoutError(
      'UNAUTHENTICATED',
      'Reading this record needs a token. Send it as “Authorization: Bearer <token>”.',
    );
  }
}
