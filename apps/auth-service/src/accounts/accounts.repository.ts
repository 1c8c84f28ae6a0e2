import { Inject, Injectable } from '@nestjs/common';
import type { Database } from '@sallyport/persistence';
import type { Selectable } from 'kysely';
import { DATABASE } from '../app.tokens';
import type { AuthTables } from '../auth.tables';
import type { Account } from './account';
import type { AccountsTable } from './accounts.tables';
import type { EmailAddress } from './email-address';

/** Stores accounts. */
@Injectable()
export class AccountsRepository {
  constructor(@Inject(DATABASE) private readonly database: Database<AuthTables>) {}

  /** Undefined says that the address has an account already. */
  async create(account: Omit<Account, 'id'>): Promise<Account | undefined> {
    const row = await this.database.db
      .insertInto('accounts')
      .values({
        email: account.email,
        password_hash: account.passwordHash,
        scopes: [...account.scopes],
        created_at: account.createdAt,
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

  /** @param id a UUID. */
  async findById(id: string): Promise<Account | undefined> {
    const row = await this.database.db
      .selectFrom('accounts')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    return row && toAccount(row);
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

function toAccount(row: Selectable<AccountsTable>): Account {
  return {
    id: row.id,
    // Only parsed addresses are ever stored.
    email: row.email as EmailAddress,
    passwordHash: row.password_hash,
    scopes: row.scopes,
    createdAt: row.created_at,
  };
}
