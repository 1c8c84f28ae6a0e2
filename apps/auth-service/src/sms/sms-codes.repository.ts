import { Inject, Injectable } from '@nestjs/common';
import type { Database } from '@sallyport/persistence';
import { sql } from 'kysely';
import { DATABASE } from '../app.tokens';
import type { AuthTables } from '../auth.tables';
import { laterBy } from '../revocations/record-revocation';
import type { AuthConnection } from '../revocations/record-revocation';
import { CODE_SECONDS, RESEND_SECONDS, TRIES_PER_CODE } from './sms-code';
import type { CodeBinding } from './sms-code';

/** What is kept of a code that was sent. */
export interface SentCode {
  readonly boundTo: CodeBinding;
  readonly factorId: string;
  readonly mac: Buffer;
}

/** Stores the codes that were sent, one for each request. */
@Injectable()
export class SmsCodesRepository {
  constructor(@Inject(DATABASE) private readonly database: Database<AuthTables>) {}

  /** Seconds until another code may be sent for a request; 0 when one may now. */
  async secondsToWait(boundTo: CodeBinding, now: Date): Promise<number> {
    const row = await this.database.db
      .selectFrom('sms_codes')
      .select('created_at')
      .where('bound_to', '=', boundTo)
      .executeTakeFirst();
    if (!row) return 0;
    const waited = (now.getTime() - row.created_at.getTime()) / 1000;
    return Math.max(0, Math.ceil(RESEND_SECONDS - waited));
  }

  /**
   * Keeps a code, in the place of the one sent before for the same request. False when that one was sent a moment ago: of
   * many who ask at once one gets a message.
   */
  async keep({ boundTo, factorId, mac }: SentCode, now: Date): Promise<boolean> {
    const { rows } = await sql`
      INSERT INTO sms_codes (bound_to, factor_id, code_mac, attempts_left, created_at, expires_at)
      VALUES (${boundTo}, ${factorId}, ${mac}, ${TRIES_PER_CODE}::integer, ${now}::timestamptz,
        ${laterBy(now, CODE_SECONDS)}::timestamptz)
      ON CONFLICT (bound_to) DO UPDATE SET factor_id = excluded.factor_id,
        code_mac = excluded.code_mac, attempts_left = excluded.attempts_left,
        created_at = excluded.created_at, expires_at = excluded.expires_at
      WHERE sms_codes.created_at <= ${laterBy(now, -RESEND_SECONDS)}::timestamptz
      RETURNING bound_to`.execute(this.database.db);
    return rows.length > 0;
  }

  /** Whether a code was sent for a request that still works. */
  async isAwaited(boundTo: CodeBinding, now: Date): Promise<boolean> {
    const row = await this.database.db
      .selectFrom('sms_codes')
      .select('bound_to')
      .where('bound_to', '=', boundTo)
      .where('expires_at', '>', now)
      .executeTakeFirst();
    return row !== undefined;
  }

  /** Counts a try before it is looked at; gives what the code is to be compared with. Undefined when there is none left. */
  async take(boundTo: CodeBinding, now: Date): Promise<SentCode | undefined> {
    const row = await this.database.db
      .updateTable('sms_codes')
      .set((each) => ({ attempts_left: each('attempts_left', '-', 1) }))
      .where('bound_to', '=', boundTo)
      .where('expires_at', '>', now)
      .where('attempts_left', '>', 0)
      .returning(['factor_id', 'code_mac'])
      .executeTakeFirst();
    return row && { boundTo, factorId: row.factor_id, mac: row.code_mac };
  }

  /** Uses a code up, which only one of several that do so at once achieves: one statement. */
  async use(connection: AuthConnection, { boundTo, mac }: SentCode, now: Date): Promise<boolean> {
    const { numDeletedRows } = await connection
      .deleteFrom('sms_codes')
      .where('bound_to', '=', boundTo)
      .where('code_mac', '=', mac)
      .where('expires_at', '>', now)
      .executeTakeFirst();
    return numDeletedRows === 1n;
  }

  /** Forgets a code that nobody was sent. */
  async forget({ boundTo, mac }: SentCode): Promise<void> {
    await this.database.db
      .deleteFrom('sms_codes')
      .where('bound_to', '=', boundTo)
      .where('code_mac', '=', mac)
      .execute();
  }

  /** Removes up to `limit` codes that are past their end; says how many. */
  async removeExpired(now: Date, limit: number): Promise<number> {
    const { rows } = await sql`
      DELETE FROM sms_codes WHERE bound_to IN (
        SELECT bound_to FROM sms_codes WHERE expires_at <= ${now} LIMIT ${limit} FOR UPDATE SKIP LOCKED)
      RETURNING bound_to`.execute(this.database.db);
    return rows.length;
  }
}
