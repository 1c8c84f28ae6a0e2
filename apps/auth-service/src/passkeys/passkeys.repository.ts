import { Inject, Injectable } from '@nestjs/common';
import type { Database } from '@sallyport/persistence';
import type { Selectable } from 'kysely';
import { DATABASE } from '../app.tokens';
import type { AuthTables } from '../auth.tables';
import type { EnrolledFactor, FactorKind } from '../mfa/factor-kind';
import type { AuthConnection } from '../revocations/record-revocation';
import type { Passkey } from './passkey';
import type { PasskeysTable } from './passkeys.tables';

/** What an accepted assertion says of its passkey. */
export interface PasskeyUse {
  readonly signCount: number;
  readonly backedUp: boolean;
  readonly now: Date;
  /** Whether the password was right as well. */
  readonly isAfterPassword: boolean;
}

/** Stores passkeys. */
@Injectable()
export class PasskeysRepository implements FactorKind {
  constructor(@Inject(DATABASE) private readonly database: Database<AuthTables>) {}

  /** The oldest first. */
  async list(accountId: string, connection?: AuthConnection): Promise<readonly Passkey[]> {
    const rows = await (connection ?? this.database.db)
      .selectFrom('passkeys')
      .selectAll()
      .where('account_id', '=', accountId)
      .orderBy('created_at')
      .orderBy('id')
      .execute();
    return rows.map(toPasskey);
  }

  /**
   * {@link FactorKind.inUse}: those that may be clones among them. They complete no sign-in, but an account that has one is
   * none whose password is enough.
   */
  async inUse(accountId: string, connection?: AuthConnection): Promise<readonly EnrolledFactor[]> {
    return (await this.list(accountId, connection)).map((passkey) => ({
      id: passkey.id,
      type: 'passkey',
      name: passkey.name,
      enrolledAt: passkey.createdAt,
      lastUsedAt: passkey.lastUsedAt,
      isRefused: passkey.suspectedCloneAt !== undefined,
    }));
  }

  async findByCredentialId(credentialId: Buffer): Promise<Passkey | undefined> {
    const row = await this.database.db
      .selectFrom('passkeys')
      .selectAll()
      .where('credential_id', '=', credentialId)
      .executeTakeFirst();
    return row && toPasskey(row);
  }

  /** What authenticators know an account by (WebAuthn Level 3 section 14.6.1). @throws Error when there is no such account */
  async userHandleOf(accountId: string): Promise<Buffer> {
    const { user_handle } = await this.database.db
      .selectFrom('accounts')
      .select('user_handle')
      .where('id', '=', accountId)
      .executeTakeFirstOrThrow();
    return user_handle;
  }

  /** False when somebody has a passkey of this credential id, whoever it is. */
  async add(transaction: AuthConnection, passkey: Passkey): Promise<boolean> {
    const { numInsertedOrUpdatedRows } = await transaction
      .insertInto('passkeys')
      .values({
        id: passkey.id,
        account_id: passkey.accountId,
        credential_id: passkey.credentialId,
        public_key: passkey.publicKey,
        sign_count: passkey.signCount,
        transports: [...passkey.transports],
        aaguid: passkey.aaguid,
        backup_eligible: passkey.backupEligible,
        backed_up: passkey.backedUp,
        name: passkey.name,
        created_at: passkey.createdAt,
        last_used_at: null,
        suspected_clone_at: null,
      })
      .onConflict((conflict) => conflict.column('credential_id').doNothing())
      .executeTakeFirst();
    return numInsertedOrUpdatedRows === 1n;
  }

  /**
   * Takes down a use, unless one with the same or a later counter came before: one statement. Where the authenticator keeps
   * no counter, both are zero (WebAuthn Level 3 section 6.1.1).
   */
  async use(
    transaction: AuthConnection,
    id: string,
    { signCount, backedUp, now, isAfterPassword }: PasskeyUse,
  ): Promise<boolean> {
    const { numUpdatedRows } = await transaction
      .updateTable('passkeys')
      .set({
        ...{ sign_count: signCount, backed_up: backedUp, last_used_at: now },
        ...(isAfterPassword && { needs_password: false }),
      })
      .where('id', '=', id)
      // Its account may have been compromised since it was looked at.
      .where('needs_password', 'in', isAfterPassword ? [true, false] : [false])
      .where('suspected_clone_at', 'is', null)
      .where('sign_count', signCount === 0 ? '=' : '<', signCount)
      .executeTakeFirst();
    return numUpdatedRows === 1n;
  }

  /** Accepts it for nothing any more. False when that was so already. */
  async suspect(transaction: AuthConnection, id: string, now: Date): Promise<boolean> {
    const { numUpdatedRows } = await transaction
      .updateTable('passkeys')
      .set({ suspected_clone_at: now })
      .where('id', '=', id)
      .where('suspected_clone_at', 'is', null)
      .executeTakeFirst();
    return numUpdatedRows === 1n;
  }

  /** Undefined when the account has no such passkey. */
  async rename(accountId: string, id: string, name: string): Promise<Passkey | undefined> {
    const row = await this.database.db
      .updateTable('passkeys')
      .set({ name })
      .where('id', '=', id)
      .where('account_id', '=', accountId)
      .returningAll()
      .executeTakeFirst();
    return row && toPasskey(row);
  }

  /** False when the account has no such passkey. */
  async remove(transaction: AuthConnection, accountId: string, id: string): Promise<boolean> {
    const { numDeletedRows } = await transaction
      .deleteFrom('passkeys')
      .where('id', '=', id)
      .where('account_id', '=', accountId)
      .executeTakeFirst();
    return numDeletedRows === 1n;
  }
}

function toPasskey(row: Selectable<PasskeysTable>): Passkey {
  return {
    id: row.id,
    accountId: row.account_id,
    credentialId: row.credential_id,
    publicKey: row.public_key,
    signCount: row.sign_count,
    transports: row.transports,
    aaguid: row.aaguid,
    backupEligible: row.backup_eligible,
    backedUp: row.backed_up,
    name: row.name,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at ?? undefined,
    suspectedCloneAt: row.suspected_clone_at ?? undefined,
    needsPassword: row.needs_password,
  };
}
