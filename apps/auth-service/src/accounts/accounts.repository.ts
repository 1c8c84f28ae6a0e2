import { Inject, Injectable } from '@nestjs/common';
import type { Database } from '@sallyport/persistence';
import { sql } from 'kysely';
import type { RawBuilder, Selectable } from 'kysely';
import { DATABASE } from '../app.tokens';
import type { AuthTables } from '../auth.tables';
import type { AuthConnection } from '../revocations/record-revocation';
import type { Account } from './account';
import type { AccountsTable } from './accounts.tables';
import type { EmailAddress } from './email-address';

/** Stores accounts. */
@Injectable()
export class AccountsRepository {
  constructor(@Inject(DATABASE) private readonly database: Database<AuthTables>) {}

  /** Undefined says that the address has an account already. */
  async create(
    account: Omit<Account, 'id' | 'passwordVersion' | 'lockedAt'>,
    connection: AuthConnection = this.database.db,
  ): Promise<Account | undefined> {
    const row = await connection
      .insertInto('accounts')
      .values({
        email: account.email,
        password_hash: account.passwordHash,
        scopes: [...account.scopes],
        created_at: account.createdAt,
        password_changed_at: account.createdAt,
      })
      .onConflict((conflict) => conflict.column('email').doNothing())
      .returningAll()
      .executeTakeFirst();
    return row && toAccount(row);
  }

  async findByEmail(email: EmailAddress): Promise<Account | undefined> {
    const row = await this.database.db
      .selectFrom('accounts')
      .selectAll()
      .where('email', '=', email)
      .executeTakeFirst();
    return row && toAccount(row);
  }

  /** The same, and keeps it as it is until the transaction ends. */
  async findForUpdate(
    transaction: AuthConnection,
    email: EmailAddress,
  ): Promise<Account | undefined> {
    const row = await transaction
      .selectFrom('accounts')
      .selectAll()
      .where('email', '=', email)
      .forNoKeyUpdate()
      .executeTakeFirst();
    return row && toAccount(row);
  }

  /** @param id a UUID. */
  async findById(id: string): Promise<Account | undefined> {
    const row = await this.database.db
      .selectFrom('accounts')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    return row && toAccount(row);
  }

  /**
   * Sets a new password; resolves with its version. Undefined when the password was changed since this account was read,
   * or the account locked.
   */
  async setPassword(
    connection: AuthConnection,
    { id, passwordVersion }: Account,
    { passwordHash, now }: { readonly passwordHash: string; readonly now: Date },
  ): Promise<number | undefined> {
    const row = await connection
      .updateTable('accounts')
      .set({
        password_hash: passwordHash,
        password_version: passwordVersion + 1,
        password_changed_at: now,
        compromised_password_hash: null,
      })
      .where('id', '=', id)
      .where('password_version', '=', passwordVersion)
      .where('locked_at', 'is', null)
      .returning('password_version')
      .executeTakeFirst();
    return row?.password_version;
  }

  /**
   * Makes a password unusable that others may know, and starts an epoch: only a reset makes another one. Undefined when
   * there is no such account.
   *
   * @param unmatchable what no password matches, at the price of one that is tried
   */
  async voidPassword(
    transaction: AuthConnection,
    id: string,
    { unmatchable, now }: { readonly unmatchable: string; readonly now: Date },
  ): Promise<Date | undefined> {
    const row = await transaction
      .updateTable('accounts')
      .set((each) => ({
        compromised_password_hash: each.fn.coalesce('compromised_password_hash', 'password_hash'),
        password_hash: unmatchable,
        password_version: each('password_version', '+', 1),
        tokens_valid_from: nextEpoch(now),
      }))
      .where('id', '=', id)
      .returning('tokens_valid_from')
      .executeTakeFirst();
    return row?.tokens_valid_from;
  }

  /** The hash of the password that {@link voidPassword} made unusable, until there is a new one. */
  async compromisedHash(id: string): Promise<string | undefined> {
    const row = await this.database.db
      .selectFrom('accounts')
      .select('compromised_password_hash')
      .where('id', '=', id)
      .executeTakeFirst();
    return row?.compromised_password_hash ?? undefined;
  }

  /** Since when an account has its password. Undefined when there is no such account. */
  async passwordChangedAt(id: string): Promise<Date | undefined> {
    const row = await this.database.db
      .selectFrom('accounts')
      .select('password_changed_at')
      .where('id', '=', id)
      .executeTakeFirst();
    return row?.password_changed_at;
  }

  /**
   * Whether an account is as it was read, its credentials among it, and not locked; if so, it stays that way until the
   * transaction is over.
   */
  async hold(transaction: AuthConnection, { id, passwordVersion }: Account): Promise<boolean> {
    const row = await transaction
      .selectFrom('accounts')
      .select('id')
      .where('id', '=', id)
      .where('password_version', '=', passwordVersion)
      .where('locked_at', 'is', null)
      .forShare()
      .executeTakeFirst();
    return row !== undefined;
  }

  /**
   * Begins a change of the second factors: what was proved before, and a sign-in under way, is void. False when the
   * credentials changed since this account was read, or the account was locked.
   */
  async changeFactors(
    transaction: AuthConnection,
    { id, passwordVersion }: Account,
  ): Promise<boolean> {
    const { numUpdatedRows } = await transaction
      .updateTable('accounts')
      .set({ password_version: passwordVersion + 1 })
      .where('id', '=', id)
      .where('password_version', '=', passwordVersion)
      .where('locked_at', 'is', null)
      .executeTakeFirst();
    return numUpdatedRows === 1n;
  }

  /** Voids whatever of its credentials was proved before, and a sign-in under way. */
  async voidProofs(transaction: AuthConnection, id: string): Promise<void> {
    await transaction
      .updateTable('accounts')
      .set((each) => ({ password_version: each('password_version', '+', 1) }))
      .where('id', '=', id)
      .execute();
  }

  /** Keeps an account from signing in, and starts an epoch. Undefined when there is no such account. */
  async lock(connection: AuthConnection, id: string, now: Date): Promise<Date | undefined> {
    const row = await connection
      .updateTable('accounts')
      .set((each) => ({
        locked_at: each.fn.coalesce('locked_at', each.val(now)),
        tokens_valid_from: nextEpoch(now),
      }))
      .where('id', '=', id)
      .returning('tokens_valid_from')
      .executeTakeFirst();
    return row?.tokens_valid_from;
  }

  /** Lets an account sign in again. */
  async unlock(id: string): Promise<void> {
    await this.database.db
      .updateTable('accounts')
      .set({ locked_at: null })
      .where('id', '=', id)
      .execute();
  }

  /** Starts an epoch. Undefined when there is no such account. */
  async startEpoch(connection: AuthConnection, id: string, now: Date): Promise<Date | undefined> {
    const row = await connection
      .updateTable('accounts')
      .set({ tokens_valid_from: nextEpoch(now) })
      .where('id', '=', id)
      .returning('tokens_valid_from')
      .executeTakeFirst();
    return row?.tokens_valid_from;
  }

  /** What an account may do from now on; tokens that say otherwise are for the caller to end. */
  async setScopes(
    connection: AuthConnection,
    id: string,
    scopes: readonly string[],
  ): Promise<void> {
    await connection
      .updateTable('accounts')
      .set({ scopes: [...scopes] })
      .where('id', '=', id)
      .execute();
  }

  /** Removes an account with its sessions. */
  async delete(connection: AuthConnection, id: string): Promise<void> {
    await connection.deleteFrom('accounts').where('id', '=', id).execute();
  }

  /** Exchanges the hash of a password for another of the same; leaves a password changed meanwhile as it is. */
  async replacePasswordHash(account: Account, passwordHash: string): Promise<void> {
    await this.database.db
      .updateTable('accounts')
      .set({ password_hash: passwordHash })
      .where('id', '=', account.id)
      .where('password_hash', '=', account.passwordHash)
      .execute();
  }
}

/**
 * The next whole second: `iat` has no finer grain, so a token issued before it has a smaller one, and a token issued
 * from now on is given at least this. An epoch that lies ahead already stays: what was issued since ends with its session.
 */
function nextEpoch(now: Date): RawBuilder<Date> {
  return sql<Date>`greatest(
    date_trunc('second', ${now}::timestamptz) + interval '1 second', tokens_valid_from)`;
}

function toAccount(row: Selectable<AccountsTable>): Account {
  return {
    id: row.id,
    // Only parsed addresses are ever stored.
    email: row.email as EmailAddress,
    passwordHash: row.password_hash,
    scopes: row.scopes,
    createdAt: row.created_at,
    passwordVersion: row.password_version,
    lockedAt: row.locked_at ?? undefined,
  };
}
