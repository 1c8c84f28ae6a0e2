import type { Generated } from 'kysely';

export interface TotpFactorsTable {
  id: string;
  account_id: string;
  /** An account has at most one of each. */
  state: 'pending' | 'active';
  sealed_secret: Buffer;
  sealing_key_id: string;
  sealing_algorithm: string;
  /** Of the account, when its owner proved who they are to enrol it. */
  password_version: number;
  /** Time step of the last code that was accepted; nothing of it or before it is accepted again. */
  last_step: Generated<number>;
  created_at: Date;
  /** Until when it can be confirmed; null once it has been. */
  expires_at: Date | null;
  confirmed_at: Date | null;
}

export interface RecoveryCodesTable {
  account_id: string;
  code_hash: Buffer;
  /** The same for all codes of a set: one derivation tells whether a code is one of them. */
  salt: Buffer;
  created_at: Date;
  used_at: Date | null;
}

/** Tokens are kept as their SHA-256, 32 bytes. */
export interface MfaChallengesTable {
  token_hash: Buffer;
  account_id: string;
  /** Of the password that was verified: with another one set meanwhile, or other factors, the challenge is void. */
  password_version: number;
  attempts_left: number;
  created_at: Date;
  expires_at: Date;
}
