import type { Generated } from 'kysely';

export interface AccountsTable {
  id: Generated<string>;
  email: string;
  password_hash: string;
  scopes: string[];
  created_at: Date;
  password_changed_at: Date;
  /** Of a password that others may know, until there is a new one. */
  compromised_password_hash: Generated<string | null>;
  locked_at: Generated<Date | null>;
  /** Grows with every new password and every change of the second factors: who proved something else is told apart. */
  password_version: Generated<number>;
  /** No access token of the account may carry a smaller `iat`; whole seconds. */
  tokens_valid_from: Generated<Date>;
  /** Names the account to authenticators: random, and the same for all its passkeys. */
  user_handle: Generated<Buffer>;
}
