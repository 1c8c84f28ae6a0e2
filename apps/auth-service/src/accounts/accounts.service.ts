import { Injectable } from '@nestjs/common';
import { ServiceError } from '@sallyport/nest-zero-trust';
import type { Principal } from '@sallyport/principal';
import { isUuid } from '../is-uuid';
import type { Account } from './account';
import { AccountsRepository } from './accounts.repository';

/** What somebody signed in may know about their own account. */
@Injectable()
export class AccountsService {
  constructor(private readonly accounts: AccountsRepository) {}

  /** @throws ServiceError NOT_FOUND `account_not_found`, also for a principal that is no user of this service. */
  async own(principal: Principal): Promise<Account> {
    const hasAccount = principal.type === 'user' && isUuid(principal.id);
    const account = hasAccount ? await this.accounts.findById(principal.id) : undefined;
    if (!account) throw new ServiceError('NOT_FOUND', 'account_not_found');
    return account;
  }
}
