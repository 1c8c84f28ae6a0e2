import { Inject, Injectable } from '@nestjs/common';
import type { Database } from '@sallyport/persistence';
import { sql } from 'kysely';
import type { Selectable } from 'kysely';
import { DATABASE } from '../app.tokens';
import type { AuthTables } from '../auth.tables';
import { laterBy } from '../revocations/record-revocation';
import type { AuthConnection } from '../revocations/record-revocation';
import type { SealedSecret } from '../signing-keys/key-encryption';
import type { EnrolledFactor, FactorKind } from './factor-kind';
import type { TotpFactorsTable } from './mfa.tables';
import { PENDING_SECONDS } from './second-factor';

/** A TOTP factor as it is stored. */
export interface TotpFactor {
  readonly id: string;
  readonly accountId: string;
  readonly sealedSecret: SealedSecret;
  readonly passwordVersion: number;
  /** Undefined while it is being enrolled. */
  readonly confirmedAt: Date | undefined;
}

/** Stores TOTP factors, their secrets sealed. */
@Injectable()
export class TotpFactorsRepository implements FactorKind {
  constructor(@Inject(DATABASE) private readonly database: Database<AuthTables>) {}

  /** Begins an enrolment; one that was begun before is forgotten. */
  async begin(
    { id, accountId, sealedSecret, passwordVersion }: Omit<TotpFactor, 'confirmedAt'>,
    now: Date,
  ): Promise<Date> {
    const expiresAt = laterBy(now, PENDING_SECONDS);
    const pending = {
      id,
      sealed_secret: sealedSecret.ciphertext,
      sealing_key_id: sealedSecret.keyId,
      sealing_algorithm: sealedSecret.algorithm,
      password_version: passwordVersion,
      created_at: now,
      expires_at: expiresAt,
    };
    await this.database.db
      .insertInto('totp_factors')
      .values({ ...pending, account_id: accountId, state: 'pending', confirmed_at: null })
      .onConflict((conflict) => conflict.columns(['account_id', 'state']).doUpdateSet(pending))
      .execute();
    return expiresAt;
  }

  /** The one that is being enrolled, if it can still be confirmed. */
  async pending(accountId: string, now: Date): Promise<TotpFactor | undefined> {
    const row = await this.ofState('pending', accountId)
      .where('expires_at', '>', now)
      .executeTakeFirst();
    return row && toFactor(row);
  }

  /** The one in use. */
  async active(accountId: string): Promise<TotpFactor | undefined> {
    const row = await this.ofState('active', accountId).executeTakeFirst();
    return row && toFactor(row);
  }

  /** {@link FactorKind.inUse}: one at most. */
  async inUse(accountId: string, connection?: AuthConnection): Promise<readonly EnrolledFactor[]> {
    const rows = await this.ofState('active', accountId, connection).execute();
    return rows.map(({ id, created_at, confirmed_at }) => ({
      id,
      type: 'totp',
      name: undefined,
      enrolledAt: confirmed_at ?? created_at,
      lastUsedAt: undefined,
    }));
  }

  /** Takes the one in use away. False when there is none. */
  async remove(transaction: AuthConnection, accountId: string): Promise<boolean> {
    const { numDeletedRows } = await transaction
      .deleteFrom('totp_factors')
      .where('account_id', '=', accountId)
      .where('state', '=', 'active')
      .executeTakeFirst();
    return numDeletedRows === 1n;
  }

  /** Puts a pending factor in use, in the place of the one before. False when it is not pending any more. */
  async activate(
    transaction: AuthConnection,
    { id, accountId }: Pick<TotpFactor, 'id' | 'accountId'>,
    { step, now }: { readonly step: number; readonly now: Date },
  ): Promise<boolean> {
    await this.remove(transaction, accountId);
    const { numUpdatedRows } = await transaction
      .updateTable('totp_factors')
      .set({ state: 'active', last_step: step, confirmed_at: now, expires_at: null })
      .where('id', '=', id)
      .where('state', '=', 'pending')
      .where('expires_at', '>', now)
      .executeTakeFirst();
    return numUpdatedRows === 1n;
  }

  /** Accepts the code of a time step, once and never after a later one (RFC 6238 section 5.2): one statement. */
  async acceptStep(transaction: AuthConnection, id: string, step: number): Promise<boolean> {
    const { numUpdatedRows } = await transaction
      .updateTable('totp_factors')
      .set({ last_step: step })
      .where('id', '=', id)
      .where('state', '=', 'active')
      .where('last_step', '<', step)
      .executeTakeFirst();
    return numUpdatedRows === 1n;
  }

  /** Those whose secrets another key seals than this one. */
  async listSealedUnderOtherThan(keyId: string): Promise<readonly TotpFactor[]> {
    const rows = await this.database.db
      .selectFrom('totp_factors')
      .selectAll()
      .where('sealing_key_id', '!=', keyId)
      .execute();
    return rows.map(toFactor);
  }

  /** Tells whether the secret was still sealed as it was read. */
  async replaceSeal({ id, sealedSecret }: TotpFactor, after: SealedSecret): Promise<boolean> {
    const { numUpdatedRows } = await this.database.db
      .updateTable('totp_factors')
      .set({
        sealed_secret: after.ciphertext,
        sealing_key_id: after.keyId,
        sealing_algorithm: after.algorithm,
      })
      .where('id', '=', id)
      .where('sealed_secret', '=', sealedSecret.ciphertext)
      .executeTakeFirst();
    return numUpdatedRows === 1n;
  }

  /** Removes up to `limit` enrolments that were never confirmed; says how many. */
  async removeExpired(now: Date, limit: number): Promise<number> {
    const { rows } = await sql`
      DELETE FROM totp_factors WHERE id IN (
        SELECT id FROM totp_factors WHERE expires_at <= ${now} LIMIT ${limit} FOR UPDATE SKIP LOCKED)
      RETURNING id`.execute(this.database.db);
    return rows.length;
  }

  private ofState(
    state: 'pending' | 'active',
    accountId: string,
    connection: AuthConnection = this.database.db,
  ) {
    return connection
      .selectFrom('totp_factors')
      .selectAll()
      .where('account_id', '=', accountId)
      .where('state', '=', state);
  }
}

function toFactor(row: Selectable<TotpFactorsTable>): TotpFactor {
  return {
    id: row.id,
    accountId: row.account_id,
    sealedSecret: {
      ciphertext: row.sealed_secret,
      keyId: row.sealing_key_id,
      algorithm: row.sealing_algorithm,
    },
    passwordVersion: row.password_version,
    confirmedAt: row.confirmed_at ?? undefined,
  };
}
