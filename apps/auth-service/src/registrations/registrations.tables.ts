import type { Generated, GeneratedAlways } from 'kysely';

/** What somebody asked for; whether the address has an account is looked up afterwards. */
export interface RegistrationRequestsTable {
  id: GeneratedAlways<number>;
  email: string;
  client_address: string | null;
  correlation_id: string | null;
  requested_at: Date;
}

/** Why a link no longer works before its time: it was used, or another one for the same address was. */
export type RegistrationEnd = 'used' | 'superseded';

/** There is no password in it: that is chosen by whoever has the link. */
export interface PendingRegistrationsTable {
  /** SHA-256 of the token. */
  token_hash: Buffer;
  email: string;
  created_at: Date;
  expires_at: Date;
  ended_at: Generated<Date | null>;
  end_reason: Generated<RegistrationEnd | null>;
}
