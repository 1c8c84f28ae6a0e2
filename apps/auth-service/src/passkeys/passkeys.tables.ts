import type { Generated } from 'kysely';

/** Credential ids and public keys as the authenticator gave them; the private key never leaves it. */
export interface PasskeysTable {
  id: string;
  account_id: string;
  credential_id: Buffer;
  /** COSE_Key (RFC 9052 section 7). */
  public_key: Buffer;
  /** The signature counter of the last use; stays 0 where the authenticator keeps none. */
  sign_count: number;
  transports: string[];
  /** Model of the authenticator; zeros where it does not say. */
  aaguid: string;
  /** Whether it can be on several devices. Said once, when it is made. */
  backup_eligible: boolean;
  /** Whether it is, as the last use said. */
  backed_up: boolean;
  name: string;
  created_at: Date;
  last_used_at: Date | null;
  /** When its counter did not grow; it is accepted for nothing since. */
  suspected_clone_at: Date | null;
  /** Set when its account was compromised, until it completes a sign-in by password. */
  needs_password: Generated<boolean>;
}

/** What a challenge is for: an answer to one of them is none to another. */
export type ChallengePurpose = 'enrol' | 'login' | 'second_factor' | 'step_up';

/** Challenges are kept as their SHA-256, and so is what they are bound to. */
export interface WebauthnChallengesTable {
  challenge_hash: Buffer;
  purpose: ChallengePurpose;
  /** Null, as the two that follow, where nobody has said yet who they are. */
  account_id: string | null;
  /** Of the account when it was asked: with another password or other factors set meanwhile, the challenge is void. */
  password_version: number | null;
  /** The session or the sign-in that it was given to. */
  bound_to: Buffer | null;
  expires_at: Date;
}
