import type { Generated } from 'kysely';

/** Why a link no longer works before its time: it was used, or another one of the account. */
export type NotMeEnd = 'used' | 'superseded';

/** Links in notices, by which owners say that it was not them. */
export interface NotMeLinksTable {
  /** SHA-256 of the token. */
  token_hash: Buffer;
  account_id: string;
  /** Whether the account had a second factor before what the notice tells of and after it. */
  had_second_factor: boolean;
  expires_at: Date;
  ended_at: Generated<Date | null>;
  end_reason: Generated<NotMeEnd | null>;
}
