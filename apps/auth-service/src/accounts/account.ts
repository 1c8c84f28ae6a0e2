import type { EmailAddress } from './email-address';

/** Someone who signs in here. */
export interface Account {
  /** UUID; the subject of the account's tokens. Never given to another account. */
  readonly id: string;
  readonly email: EmailAddress;
  /** What `PasswordHashing` made of the password. */
  readonly passwordHash: string;
  /** What tokens issued from now on may carry. */
  readonly scopes: readonly string[];
  readonly createdAt: Date;
  /** Grows with every new password and every change of the second factors. */
  readonly passwordVersion: number;
  /** Since when an operator keeps it from signing in. */
  readonly lockedAt: Date | undefined;
}

/** What anyone may do with what is their own. Every other scope is granted by an operator. */
export const NEW_ACCOUNT_SCOPES = [
  'orders:read',
  'orders:write',
  'billing:read',
  'billing:refund',
  'api-keys:manage',
] as const;
