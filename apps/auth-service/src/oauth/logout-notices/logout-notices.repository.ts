import { Inject, Injectable } from '@nestjs/common';
import type { Database } from '@sallyport/persistence';
import type { Clock } from '@sallyport/tokens';
import { sql } from 'kysely';
import { CLOCK, DATABASE } from '../../app.tokens';
import type { AuthTables } from '../../auth.tables';
import { laterBy } from '../../revocations/record-revocation';

/** Seconds after each attempt until the next; after the last one there is none. */
const RETRY_AFTER_SECONDS = [5, 30, 120] as const;

export const MOST_ATTEMPTS = RETRY_AFTER_SECONDS.length + 1;

/** That a client is to be told that somebody's sign-in is over. */
export interface LogoutNotice {
  readonly id: string;
  readonly clientId: string;
  readonly accountId: string;
  /** By which the client knows the sign-in; undefined when by the account alone. */
  readonly clientSid: string | undefined;
  /** Including the one it was taken for. */
  readonly attempts: number;
}

/** The outbox of logout tokens: at least once each, unless the client cannot be reached. */
@Injectable()
export class LogoutNoticesRepository {
  constructor(
    @Inject(DATABASE) private readonly database: Database<AuthTables>,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Takes notices that are due for an attempt; nobody else takes them until the next one is. */
  async take(limit: number): Promise<readonly LogoutNotice[]> {
    const now = this.clock();
    const [first, second, third] = RETRY_AFTER_SECONDS.map((seconds) => laterBy(now, seconds));
    const { rows } = await sql<{
      readonly id: number;
      readonly client_id: string;
      readonly account_id: string;
      readonly client_sid: string | null;
      readonly attempts: number;
    }>`
      UPDATE oauth_logout_notices SET attempts = attempts + 1,
        due_at = CASE attempts WHEN 0 THEN ${first}::timestamptz WHEN 1 THEN ${second}::timestamptz
          ELSE ${third}::timestamptz END
      WHERE id IN (
        SELECT id FROM oauth_logout_notices WHERE due_at <= ${now}
        ORDER BY due_at LIMIT ${limit} FOR UPDATE SKIP LOCKED)
      RETURNING id, client_id, account_id, client_sid, attempts`.execute(this.database.db);
    return rows.map((row) => ({
      id: String(row.id),
      clientId: row.client_id,
      accountId: row.account_id,
      clientSid: row.client_sid ?? undefined,
      attempts: row.attempts,
    }));
  }

  /** Forgets a notice: the client was told, or will not be. */
  async remove(id: string): Promise<void> {
    await this.database.db
      .deleteFrom('oauth_logout_notices')
      .where('id', '=', Number(id))
      .execute();
  }
}
