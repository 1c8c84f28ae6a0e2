import { Inject, Injectable } from '@nestjs/common';
import type { Database } from '@sallyport/persistence';
import type { Account } from '../accounts/account';
import { AccountsRepository } from '../accounts/accounts.repository';
import { DATABASE } from '../app.tokens';
import type { AuthTables } from '../auth.tables';
import type { AuthConnection } from '../revocations/record-revocation';
import type { Attempted } from '../sessions/sessions.repository';
import { MfaChallengesRepository } from './mfa-challenges.repository';
import type { MfaToken } from './mfa-token';
import type { Authenticated } from './second-factor';
import { SPENT } from './second-factor-codes';
import type { RightCode } from './second-factor-codes';

/** Opens something for an account, in the transaction that uses up what it takes. */
export type Opens<Opened> = (
  transaction: AuthConnection,
  account: Account,
  how: Authenticated,
) => Promise<Attempted<Opened>>;

/** Nothing was opened and nothing used up. */
export class EntryLost extends Error {
  override readonly name = 'EntryLost';

  /** @param reason of the security event */
  constructor(readonly reason: string) {
    super(`nothing was opened: ${reason}`);
  }
}

/** Undoes a transaction that is to be repeated with the key that signs now. */
class KeyChanged extends Error {}

/** Lets in whoever has met a challenge, or has needed none. */
@Injectable()
export class ChallengeEntry {
  constructor(
    private readonly accounts: AccountsRepository,
    private readonly challenges: MfaChallengesRepository,
    @Inject(DATABASE) private readonly database: Database<AuthTables>,
  ) {}

  /**
   * Uses up the challenge and the code, and opens what they are for: all or nothing, so that of requests with the same
   * challenge or the same code one gets in.
   *
   * @param account with the version of the credentials that the challenge was opened for
   * @param token of the challenge; none where the code is enough by itself
   * @throws EntryLost
   */
  async enter<Opened>(
    { token, account, code }: { token?: MfaToken; account: Account; code: RightCode },
    open: Opens<Opened>,
  ): Promise<Opened | 'key_changed'> {
    try {
      return await this.database.db.transaction().execute(async (transaction) => {
        // The account first, as whoever changes its factors locks them.
        const held = await this.accounts.hold(transaction, account);
        if (!held) throw new EntryLost('account_changed');
        const met = token === undefined || (await this.challenges.consume(transaction, token));
        if (!met) throw new EntryLost('mfa_challenge_refused');
        const spent = await code.spend(transaction);
        if (!spent) throw new EntryLost(SPENT[code.method]);
        const opened = await open(transaction, account, code.how);
        if (opened === undefined) throw new EntryLost('account_changed');
        if (opened === 'key_changed') throw new KeyChanged();
        return opened;
      });
    } catch (error) {
      if (error instanceof KeyChanged) return 'key_changed';
      throw error;
    }
  }
}
