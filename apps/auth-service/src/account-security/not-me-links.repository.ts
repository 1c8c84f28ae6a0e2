import { Inject, Injectable } from '@nestjs/common';
import type { Database } from '@sallyport/persistence';
import { sql } from 'kysely';
import { DATABASE } from '../app.tokens';
import type { AuthTables } from '../auth.tables';
import { linkTokenDigest } from '../mail/link-token';
import type { LinkToken } from '../mail/link-token';
import { laterBy } from '../revocations/record-revocation';
import type { AuthConnection } from '../revocations/record-revocation';
import type { NotMeEnd } from './not-me-links.tables';

/** A week: for so long a notice may lie unread and its link still work. */
export const NOT_ME_LIFETIME_SECONDS = 7 * 24 * 60 * 60;

/** For how long a refusal can say why. */
const REMEMBERED_SECONDS = 24 * 60 * 60;

/** What a notice tells of. */
export interface ToldEvent {
  readonly accountId: string;
  readonly hadSecondFactor: boolean;
  readonly now: Date;
}

/** A link that was given out and not forgotten yet. */
export interface KnownNotMeLink {
  readonly accountId: string;
  /** Why it does not work; undefined when it does. */
  readonly refusal: NotMeEnd | 'expired' | undefined;
}

/** A link that was just used up. */
export type UsedNotMeLink = Pick<ToldEvent, 'hadSecondFactor'>;

/** Stores the links in notices by which owners say that it was not them. */
@Injectable()
export class NotMeLinksRepository {
  constructor(@Inject(DATABASE) private readonly database: Database<AuthTables>) {}

  async open(
    transaction: AuthConnection,
    token: LinkToken,
    { accountId, hadSecondFactor, now }: ToldEvent,
  ): Promise<void> {
    await transaction
      .insertInto('not_me_links')
      .values({
        token_hash: linkTokenDigest(token),
        account_id: accountId,
        had_second_factor: hadSecondFactor,
        expires_at: laterBy(now, NOT_ME_LIFETIME_SECONDS),
      })
      .execute();
  }

  /** What is known of a link; it may be used up the next moment: {@link use} decides. */
  async find(token: LinkToken, now: Date): Promise<KnownNotMeLink | undefined> {
    const row = await this.database.db
      .selectFrom('not_me_links')
      .select(['account_id', 'expires_at', 'end_reason'])
      .where('token_hash', '=', linkTokenDigest(token))
      .executeTakeFirst();
    if (row === undefined) return undefined;
    const expired = row.expires_at <= now ? 'expired' : undefined;
    return { accountId: row.account_id, refusal: row.end_reason ?? expired };
  }

  /** Uses a link up, in one statement. Undefined when it could not be used. */
  async use(
    transaction: AuthConnection,
    token: LinkToken,
    now: Date,
  ): Promise<UsedNotMeLink | undefined> {
    const row = await transaction
      .updateTable('not_me_links')
      .set({ ended_at: now, end_reason: 'used' })
      .where('token_hash', '=', linkTokenDigest(token))
      .where('ended_at', 'is', null)
      .where('expires_at', '>', now)
      .returning('had_second_factor')
      .executeTakeFirst();
    return row && { hadSecondFactor: row.had_second_factor };
  }

  /** Ends the links of an account that still work: what they are for was done. */
  async endAll(transaction: AuthConnection, accountId: string, now: Date): Promise<void> {
    await transaction
      .updateTable('not_me_links')
      .set({ ended_at: now, end_reason: 'superseded' })
      .where('account_id', '=', accountId)
      .where('ended_at', 'is', null)
      .execute();
  }

  /** Forgets up to `limit` links that have been past their end for a day; says how many. */
  async removeExpired(now: Date, limit: number): Promise<number> {
    const { numAffectedRows = 0n } = await sql`
      DELETE FROM not_me_links WHERE token_hash IN (
        SELECT token_hash FROM not_me_links
        WHERE expires_at < ${laterBy(now, -REMEMBERED_SECONDS)} LIMIT ${limit}
        FOR UPDATE SKIP LOCKED)`.execute(this.database.db);
    return Number(numAffectedRows);
  }
}
