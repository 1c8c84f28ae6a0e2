import { Inject, Injectable } from '@nestjs/common';
import type { Database } from '@sallyport/persistence';
import { DATABASE } from '../app.tokens';
import type { AuthTables } from '../auth.tables';
import type { AuthConnection } from '../revocations/record-revocation';
import type { ResetEnd } from './password-resets.tables';
import { resetTokenDigest } from './reset-token';
import type { ResetToken } from './reset-token';

/** Half an hour: the life of a link. */
export const RESET_LIFETIME_SECONDS = 30 * 60;

/** A link that was given out and not forgotten yet. */
export interface KnownReset {
  readonly accountId: string;
  /** Why it does not work; undefined when it does. */
  readonly refusal: ResetEnd | 'expired' | undefined;
}

/** Stores the links by which passwords are reset; an account has one that works at most. */
@Injectable()
export class PasswordResetsRepository {
  constructor(@Inject(DATABASE) private readonly database: Database<AuthTables>) {}

  /** Gives an account a link, and ends those of before. In a transaction that holds the account's row. */
  async open(
    connection: AuthConnection,
    accountId: string,
    token: ResetToken,
    { now, expiresAt }: { readonly now: Date; readonly expiresAt: Date },
  ): Promise<void> {
    await this.endAll(connection, accountId, { reason: 'replaced', now });
    await connection
      .insertInto('password_resets')
      .values({
        token_hash: resetTokenDigest(token),
        account_id: accountId,
        created_at: now,
        expires_at: expiresAt,
      })
      .execute();
  }

  /** What is known of a link; it may be used up the next moment: {@link use} decides. */
  async find(token: ResetToken, now: Date): Promise<KnownReset | undefined> {
    const row = await this.database.db
      .selectFrom('password_resets')
      .select(['account_id', 'expires_at', 'end_reason'])
      .where('token_hash', '=', resetTokenDigest(token))
      .executeTakeFirst();
    if (row === undefined) return undefined;
    const expired = row.expires_at <= now ? 'expired' : undefined;
    return { accountId: row.account_id, refusal: row.end_reason ?? expired };
  }

  /** Uses a link up, in one statement; whether it could be used. */
  async use(connection: AuthConnection, token: ResetToken, now: Date): Promise<boolean> {
    const row = await connection
      .updateTable('password_resets')
      .set({ ended_at: now, end_reason: 'used' })
      .where('token_hash', '=', resetTokenDigest(token))
      .where('ended_at', 'is', null)
      .where('expires_at', '>', now)
      .returning('account_id')
      .executeTakeFirst();
    return row !== undefined;
  }

  /** Ends the link of an account that still works, if there is one. */
  async endAll(
    connection: AuthConnection,
    accountId: string,
    { reason, now }: { readonly reason: ResetEnd; readonly now: Date },
  ): Promise<void> {
    await connection
      .updateTable('password_resets')
      .set({ ended_at: now, end_reason: reason })
      .where('account_id', '=', accountId)
      .where('ended_at', 'is', null)
      .execute();
  }

  /** Forgets links that have been past their end for a day: until then a refusal can say why. */
  async removeExpired(now: Date): Promise<void> {
    await this.database.db
      .deleteFrom('password_resets')
      .where('expires_at', '<', new Date(now.getTime() - 24 * 60 * 60 * 1000))
      .execute();
  }
}
