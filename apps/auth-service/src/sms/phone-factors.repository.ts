import { Inject, Injectable } from '@nestjs/common';
import type { Database } from '@sallyport/persistence';
import { sql } from 'kysely';
import type { Selectable } from 'kysely';
import { DATABASE } from '../app.tokens';
import type { AuthTables } from '../auth.tables';
import { PENDING_SECONDS } from '../mfa/second-factor';
import type { EnrolledFactor } from '../mfa/factor-kind';
import { laterBy } from '../revocations/record-revocation';
import type { AuthConnection } from '../revocations/record-revocation';
import type { SealedSecret } from '../signing-keys/key-encryption';
import type { PhoneFactorsTable } from './sms.tables';

/** A phone number of an account as it is stored. */
export interface PhoneFactor {
  readonly id: string;
  readonly accountId: string;
  readonly sealedNumber: SealedSecret;
  readonly maskedNumber: string;
  readonly passwordVersion: number;
}

/** Stores phone numbers, sealed. */
@Injectable()
export class PhoneFactorsRepository {
  constructor(@Inject(DATABASE) private readonly database: Database<AuthTables>) {}

  /** Begins an enrolment; one that was begun before is forgotten, with the code that was sent for it. */
  async begin({ id, accountId, ...factor }: PhoneFactor, now: Date): Promise<void> {
    const { sealedNumber } = factor;
    await this.database.db.transaction().execute(async (transaction) => {
      // Of enrolments begun at once the last one stands.
      await transaction
        .selectFrom('accounts')
        .select('id')
        .where('id', '=', accountId)
        .forUpdate()
        .execute();
      await transaction
        .deleteFrom('phone_factors')
        .where('account_id', '=', accountId)
        .where('state', '=', 'pending')
        .execute();
      await transaction
        .insertInto('phone_factors')
        .values({
          id,
          account_id: accountId,
          state: 'pending',
          sealed_number: sealedNumber.ciphertext,
          sealing_key_id: sealedNumber.keyId,
          sealing_algorithm: sealedNumber.algorithm,
          masked_number: factor.maskedNumber,
          password_version: factor.passwordVersion,
          risk_accepted_at: now,
          created_at: now,
          expires_at: laterBy(now, PENDING_SECONDS),
          confirmed_at: null,
          last_used_at: null,
        })
        .execute();
    });
  }

  /** The one that is being enrolled, if it can still be confirmed. */
  async pending(accountId: string, now: Date): Promise<PhoneFactor | undefined> {
    const row = await this.ofState('pending', accountId)
      .where('expires_at', '>', now)
      .executeTakeFirst();
    return row && toFactor(row);
  }

  /** The one in use. */
  async active(accountId: string): Promise<PhoneFactor | undefined> {
    const row = await this.ofState('active', accountId).executeTakeFirst();
    return row && toFactor(row);
  }

  /** What an account has in use: one at most. */
  async inUse(accountId: string, connection?: AuthConnection): Promise<readonly EnrolledFactor[]> {
    const rows = await this.ofState('active', accountId, connection).execute();
    return rows.map(({ id, masked_number, created_at, confirmed_at, last_used_at }) => ({
      id,
      type: 'sms',
      name: masked_number,
      enrolledAt: confirmed_at ?? created_at,
      lastUsedAt: last_used_at ?? undefined,
    }));
  }

  /** Takes the one in use away, with the codes that were sent to it. False when there is none. */
  async remove(transaction: AuthConnection, accountId: string): Promise<boolean> {
    const { numDeletedRows } = await transaction
      .deleteFrom('phone_factors')
      .where('account_id', '=', accountId)
      .where('state', '=', 'active')
      .executeTakeFirst();
    return numDeletedRows === 1n;
  }

  /** Puts a pending number in use, in the place of the one before. False when it is not pending any more. */
  async activate(
    transaction: AuthConnection,
    { id, accountId }: Pick<PhoneFactor, 'id' | 'accountId'>,
    now: Date,
  ): Promise<boolean> {
    await this.remove(transaction, accountId);
    const { numUpdatedRows } = await transaction
      .updateTable('phone_factors')
      .set({ state: 'active', confirmed_at: now, expires_at: null })
      .where('id', '=', id)
      .where('state', '=', 'pending')
      .where('expires_at', '>', now)
      .executeTakeFirst();
    return numUpdatedRows === 1n;
  }

  async noteUse(transaction: AuthConnection, id: string, now: Date): Promise<void> {
    await transaction
      .updateTable('phone_factors')
      .set({ last_used_at: now })
      .where('id', '=', id)
      .execute();
  }

  /** Those whose numbers another key seals than this one. */
  async listSealedUnderOtherThan(keyId: string): Promise<readonly PhoneFactor[]> {
    const rows = await this.database.db
      .selectFrom('phone_factors')
      .selectAll()
      .where('sealing_key_id', '!=', keyId)
      .execute();
    return rows.map(toFactor);
  }

  /** Tells whether the number was still sealed as it was read. */
  async replaceSeal({ id, sealedNumber }: PhoneFactor, after: SealedSecret): Promise<boolean> {
    const { numUpdatedRows } = await this.database.db
      .updateTable('phone_factors')
      .set({
        sealed_number: after.ciphertext,
        sealing_key_id: after.keyId,
        sealing_algorithm: after.algorithm,
      })
      .where('id', '=', id)
      .where('sealed_number', '=', sealedNumber.ciphertext)
      .executeTakeFirst();
    return numUpdatedRows === 1n;
  }

  /** Removes up to `limit` enrolments that were never confirmed; says how many. */
  async removeExpired(now: Date, limit: number): Promise<number> {
    const { rows } = await sql`
      DELETE FROM phone_factors WHERE id IN (
        SELECT id FROM phone_factors WHERE expires_at <= ${now} LIMIT ${limit} FOR UPDATE SKIP LOCKED)
      RETURNING id`.execute(this.database.db);
    return rows.length;
  }

  private ofState(
    state: 'pending' | 'active',
    accountId: string,
    connection: AuthConnection = this.database.db,
  ) {
    return connection
      .selectFrom('phone_factors')
      .selectAll()
      .where('account_id', '=', accountId)
      .where('state', '=', state);
  }
}

function toFactor(row: Selectable<PhoneFactorsTable>): PhoneFactor {
  return {
    id: row.id,
    accountId: row.account_id,
    sealedNumber: {
      ciphertext: row.sealed_number,
      keyId: row.sealing_key_id,
      algorithm: row.sealing_algorithm,
    },
    maskedNumber: row.masked_number,
    passwordVersion: row.password_version,
  };
}
