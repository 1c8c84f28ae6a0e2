import { Inject, Injectable } from '@nestjs/common';
import type { Database } from '@sallyport/persistence';
import { sql } from 'kysely';
import type { Account } from '../accounts/account';
import { DATABASE } from '../app.tokens';
import type { AuthTables } from '../auth.tables';
import { laterBy } from '../revocations/record-revocation';
import type { AuthConnection } from '../revocations/record-revocation';
import { mfaTokenDigest } from './mfa-token';
import type { MfaToken } from './mfa-token';
import { CHALLENGE_SECONDS, CODES_PER_CHALLENGE } from './second-factor';

/** Somebody who has given the right password of an account, and is to give a code. */
export interface MfaChallenge {
  readonly accountId: string;
  readonly passwordVersion: number;
  readonly expiresAt: Date;
}

/** Stores challenges, by the digests of their tokens. */
@Injectable()
export class MfaChallengesRepository {
  constructor(@Inject(DATABASE) private readonly database: Database<AuthTables>) {}

  /**
   * Opens a challenge, in the place of one of the same name, whose code by text message is void. False when the account was locked, or its password or
   * factors changed, since it was read.
   */
  async open(
    token: MfaToken,
    { id, passwordVersion }: Pick<Account, 'id' | 'passwordVersion'>,
    now: Date,
  ): Promise<boolean> {
    const { rows } = await sql`
      WITH voided AS (DELETE FROM sms_codes WHERE bound_to = ${mfaTokenDigest(token)})
      INSERT INTO mfa_challenges
        (token_hash, account_id, password_version, attempts_left, created_at, expires_at)
      SELECT ${mfaTokenDigest(token)}, id, password_version, ${CODES_PER_CHALLENGE}::integer,
        ${now}::timestamptz, ${laterBy(now, CHALLENGE_SECONDS)}::timestamptz
      FROM accounts
      WHERE id = ${id} AND password_version = ${passwordVersion} AND locked_at IS NULL
      ON CONFLICT (token_hash) DO UPDATE SET account_id = excluded.account_id,
        password_version = excluded.password_version, attempts_left = excluded.attempts_left,
        created_at = excluded.created_at, expires_at = excluded.expires_at
      RETURNING token_hash`.execute(this.database.db);
    return rows.length > 0;
  }

  /** The challenge, if a code may be given for it. */
  async find(token: MfaToken, now: Date): Promise<MfaChallenge | undefined> {
    const row = await this.database.db
      .selectFrom('mfa_challenges')
      .selectAll()
      .where('token_hash', '=', mfaTokenDigest(token))
      .where('expires_at', '>', now)
      .where('attempts_left', '>', 0)
      .executeTakeFirst();
    return (
      row && {
        accountId: row.account_id,
        passwordVersion: row.password_version,
        expiresAt: row.expires_at,
      }
    );
  }

  /** Counts a code before it is looked at, so that codes given at once count one by one. False when none is left. */
  async takeAttempt(token: MfaToken, now: Date): Promise<boolean> {
    const { numUpdatedRows } = await this.database.db
      .updateTable('mfa_challenges')
      .set((each) => ({ attempts_left: each('attempts_left', '-', 1) }))
      .where('token_hash', '=', mfaTokenDigest(token))
      .where('expires_at', '>', now)
      .where('attempts_left', '>', 0)
      .executeTakeFirst();
    return numUpdatedRows === 1n;
  }

  /** Ends a challenge in the transaction that opens what it was for: it opens nothing else. False when it has ended. */
  async consume(transaction: AuthConnection, token: MfaToken): Promise<boolean> {
    const { numDeletedRows } = await transaction
      .deleteFrom('mfa_challenges')
      .where('token_hash', '=', mfaTokenDigest(token))
      .executeTakeFirst();
    return numDeletedRows === 1n;
  }

  /** Forgets a challenge that nobody means to meet. */
  async drop(token: MfaToken): Promise<void> {
    await this.consume(this.database.db, token);
  }

  /** Removes up to `limit` challenges that are past their end; says how many. */
  async removeExpired(now: Date, limit: number): Promise<number> {
    const { rows } = await sql`
      DELETE FROM mfa_challenges WHERE token_hash IN (
        SELECT token_hash FROM mfa_challenges WHERE expires_at <= ${now}
        LIMIT ${limit} FOR UPDATE SKIP LOCKED)
      RETURNING token_hash`.execute(this.database.db);
    return rows.length;
  }
}
