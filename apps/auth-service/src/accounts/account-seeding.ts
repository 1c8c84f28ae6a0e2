import { Inject, Injectable } from '@nestjs/common';
import type { Clock } from '@sallyport/tokens';
import { CLOCK } from '../app.tokens';
import type { Password } from '../passwords/password';
import { PASSWORD_HASHING } from '../passwords/password-hashing';
import type { PasswordHashing } from '../passwords/password-hashing';
import { AccountsRepository } from './accounts.repository';
import type { EmailAddress } from './email-address';

/** An account that exists from the first start on, for people to try. */
export interface SeedAccount {
  readonly email: EmailAddress;
  readonly password: Password;
  readonly scopes: readonly string[];
}

/** Creates accounts that an operator lists, instead of people who register. */
@Injectable()
export class AccountSeeding {
  constructor(
    private readonly accounts: AccountsRepository,
    @Inject(PASSWORD_HASHING) private readonly passwords: PasswordHashing,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Creates those that do not exist; leaves those that do as their owners have made them. */
  async seed(listed: readonly SeedAccount[]): Promise<void> {
    for (const { email, password, scopes } of listed) {
      if (await this.accounts.findByEmail(email)) continue;
      const passwordHash = await this.passwords.hash(password);
      await this.accounts.create({ email, passwordHash, scopes, createdAt: this.clock() });
    }
  }
}
