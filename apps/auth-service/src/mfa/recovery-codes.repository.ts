import { Inject, Injectable } from '@nestjs/common';
import type { Database } from '@sallyport/persistence';
import { DATABASE } from '../app.tokens';
import type { AuthTables } from '../auth.tables';
import type { AuthConnection } from '../revocations/record-revocation';
import type { HashedCodes } from './recovery-code';

/** Stores the hashes of recovery codes. */
@Injectable()
export class RecoveryCodesRepository {
  constructor(@Inject(DATABASE) private readonly database: Database<AuthTables>) {}

  /** Gives an account another set; none of the one before works any more. */
  async replace(
    transaction: AuthConnection,
    accountId: string,
    { salt, hashes }: HashedCodes,
    now: Date,
  ): Promise<void> {
    await transaction.deleteFrom('recovery_codes').where('account_id', '=', accountId).execute();
    const rows = hashes.map((hash) => ({
      account_id: accountId,
      code_hash: hash,
      salt,
      created_at: now,
      used_at: null,
    }));
    await transaction.insertInto('recovery_codes').values(rows).execute();
  }

  /** The salt of the codes an account has; undefined when none is left. */
  async saltOf(accountId: string): Promise<Buffer | undefined> {
    const row = await this.database.db
      .selectFrom('recovery_codes')
      .select('salt')
      .where('account_id', '=', accountId)
      .where('used_at', 'is', null)
      .limit(1)
      .executeTakeFirst();
    return row?.salt;
  }

  async isLeft(accountId: string, hash: Buffer): Promise<boolean> {
    const row = await this.database.db
      .selectFrom('recovery_codes')
      .select('account_id')
      .where('account_id', '=', accountId)
      .where('code_hash', '=', hash)
      .where('used_at', 'is', null)
      .executeTakeFirst();
    return row !== undefined;
  }

  /** Uses a code up, which only one of several that do so at once achieves: one statement. */
  async use(
    transaction: AuthConnection,
    accountId: string,
    hash: Buffer,
    now: Date,
  ): Promise<boolean> {
    const { numUpdatedRows } = await transaction
      .updateTable('recovery_codes')
      .set({ used_at: now })
      .where('account_id', '=', accountId)
      .where('code_hash', '=', hash)
      .where('used_at', 'is', null)
      .executeTakeFirst();
    return numUpdatedRows === 1n;
  }

  async countLeft(accountId: string): Promise<number> {
    const { count } = await this.database.db
      .selectFrom('recovery_codes')
      .select((each) => each.fn.countAll<number>().as('count'))
      .where('account_id', '=', accountId)
      .where('used_at', 'is', null)
      .executeTakeFirstOrThrow();
    return count;
  }
}
