import { Inject, Injectable } from '@nestjs/common';
import type { Database } from '@sallyport/persistence';
import type { EmailAddress } from '../accounts/email-address';
import { DATABASE } from '../app.tokens';
import type { AuthTables } from '../auth.tables';
import type { AuthConnection } from '../revocations/record-revocation';
import { registrationTokenDigest } from './registration-token';
import type { RegistrationToken } from './registration-token';
import type { RegistrationEnd } from './registrations.tables';

/** An hour: the life of a link. */
export const REGISTRATION_LIFETIME_SECONDS = 60 * 60;

/** A link that was given out and not forgotten yet. */
export interface KnownRegistration {
  readonly email: EmailAddress;
  /** Why it does not work; undefined when it does. */
  readonly refusal: RegistrationEnd | 'expired' | undefined;
}

/**
 * Stores the links by which accounts are opened. An address may have several that work: none ends another by being asked for, or
 * anybody could end that of somebody else.
 */
@Injectable()
export class PendingRegistrationsRepository {
  constructor(@Inject(DATABASE) private readonly database: Database<AuthTables>) {}

  async open(
    connection: AuthConnection,
    email: EmailAddress,
    token: RegistrationToken,
    { now, expiresAt }: { readonly now: Date; readonly expiresAt: Date },
  ): Promise<void> {
    await connection
      .insertInto('pending_registrations')
      .values({
        token_hash: registrationTokenDigest(token),
        email,
        created_at: now,
        expires_at: expiresAt,
      })
      .execute();
  }

  /** What is known of a link; it may be used up the next moment: {@link use} decides. */
  async find(token: RegistrationToken, now: Date): Promise<KnownRegistration | undefined> {
    const row = await this.database.db
      .selectFrom('pending_registrations')
      .select(['email', 'expires_at', 'end_reason'])
      .where('token_hash', '=', registrationTokenDigest(token))
      .executeTakeFirst();
    if (row === undefined) return undefined;
    const expired = row.expires_at <= now ? 'expired' : undefined;
    // Only parsed addresses are ever stored.
    return { email: row.email as EmailAddress, refusal: row.end_reason ?? expired };
  }

  /** Uses a link up, in one statement, and ends the others of its address; whether it could be used. */
  async use(
    connection: AuthConnection,
    token: RegistrationToken,
    email: EmailAddress,
    now: Date,
  ): Promise<boolean> {
    const used = await connection
      .updateTable('pending_registrations')
      .set({ ended_at: now, end_reason: 'used' })
      .where('token_hash', '=', registrationTokenDigest(token))
      .where('ended_at', 'is', null)
      .where('expires_at', '>', now)
      .returning('email')
      .executeTakeFirst();
    if (used === undefined) return false;
    await connection
      .updateTable('pending_registrations')
      .set({ ended_at: now, end_reason: 'superseded' })
      .where('email', '=', email)
      .where('ended_at', 'is', null)
      .execute();
    return true;
  }

  /** Forgets links that have been past their end for a day: until then a refusal can say why. */
  async removeExpired(now: Date): Promise<void> {
    await this.database.db
      .deleteFrom('pending_registrations')
      .where('expires_at', '<', new Date(now.getTime() - 24 * 60 * 60 * 1000))
      .execute();
  }
}
