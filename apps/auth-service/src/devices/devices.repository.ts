import { Inject, Injectable } from '@nestjs/common';
import type { Database } from '@sallyport/persistence';
import { sql } from 'kysely';
import type { EmailAddress } from '../accounts/email-address';
import { DATABASE } from '../app.tokens';
import type { AuthTables } from '../auth.tables';
import { laterBy } from '../revocations/record-revocation';
import type { AuthConnection } from '../revocations/record-revocation';
import { deviceTokenDigest } from './device-token';
import type { DeviceToken } from './device-token';
import { DEVICE_LIFETIME_SECONDS, MOST_DEVICES } from './trusted-device';
import type { CompletedSignIn, TrustedDevice } from './trusted-device';

/** A device, and what it was known by. */
export interface PresentedDevice extends TrustedDevice {
  readonly token: DeviceToken;
}

/** Stores the digests of the tokens that devices are known by. */
@Injectable()
export class DevicesRepository {
  constructor(@Inject(DATABASE) private readonly database: Database<AuthTables>) {}

  /** The device of the account with this address, of those that a browser presents. */
  async ofAddress(
    email: EmailAddress,
    presented: readonly DeviceToken[],
    now: Date,
  ): Promise<string | undefined> {
    const row = await this.database.db
      .selectFrom('trusted_devices')
      .innerJoin('accounts', 'accounts.id', 'trusted_devices.account_id')
      .select('trusted_devices.id')
      .where('token_hash', 'in', presented.map(deviceTokenDigest))
      .where('expires_at', '>', now)
      .where('accounts.email', '=', email)
      .executeTakeFirst();
    return row?.id;
  }

  /** Those that a browser presents, of whatever account. */
  async find(
    connection: AuthConnection,
    presented: readonly DeviceToken[],
    now: Date,
  ): Promise<readonly PresentedDevice[]> {
    if (presented.length === 0) return [];
    const rows = await connection
      .selectFrom('trusted_devices')
      .select(['id', 'account_id', 'token_hash'])
      .where('token_hash', 'in', presented.map(deviceTokenDigest))
      .where('expires_at', '>', now)
      .execute();
    return presented.flatMap((token) => {
      const row = rows.find(({ token_hash }) => token_hash.equals(deviceTokenDigest(token)));
      return row ? [{ id: row.id, accountId: row.account_id, token }] : [];
    });
  }

  /** Exchanges the token of a device, which one of several that do so at once achieves: one statement. */
  async renew(
    connection: AuthConnection,
    { id, token: presented }: PresentedDevice,
    token: DeviceToken,
    { sessionId, now }: Pick<CompletedSignIn, 'sessionId' | 'now'>,
  ): Promise<boolean> {
    const { numUpdatedRows } = await connection
      .updateTable('trusted_devices')
      .set({
        token_hash: deviceTokenDigest(token),
        last_used_at: now,
        expires_at: laterBy(now, DEVICE_LIFETIME_SECONDS),
        ...(sessionId !== undefined && { session_id: sessionId }),
      })
      .where('id', '=', id)
      .where('token_hash', '=', deviceTokenDigest(presented))
      .executeTakeFirst();
    return numUpdatedRows === 1n;
  }

  /** Of too many devices of an account those that were used longest ago are forgotten. */
  async add(
    connection: AuthConnection,
    token: DeviceToken,
    { accountId, sessionId, now }: Pick<CompletedSignIn, 'accountId' | 'sessionId' | 'now'>,
  ): Promise<void> {
    await connection
      .insertInto('trusted_devices')
      .values({
        account_id: accountId,
        token_hash: deviceTokenDigest(token),
        session_id: sessionId ?? null,
        created_at: now,
        last_used_at: now,
        expires_at: laterBy(now, DEVICE_LIFETIME_SECONDS),
      })
      .execute();
    await sql`
      DELETE FROM trusted_devices WHERE id IN (
        SELECT id FROM trusted_devices WHERE account_id = ${accountId}
        ORDER BY last_used_at DESC, id OFFSET ${MOST_DEVICES}
        FOR UPDATE SKIP LOCKED)`.execute(connection);
  }

  /** Removes up to so many that are past their end. @returns how many */
  async removeExpired(now: Date, limit: number): Promise<number> {
    const { numAffectedRows = 0n } = await sql`
      DELETE FROM trusted_devices WHERE id IN (
        SELECT id FROM trusted_devices WHERE expires_at <= ${now} LIMIT ${limit}
        FOR UPDATE SKIP LOCKED)`.execute(this.database.db);
    return Number(numAffectedRows);
  }
}
