import { ServiceError } from '@sallyport/nest-zero-trust';
import { isUuid } from '../is-uuid';
import type { Account } from './account';
import type { AccountsRepository } from './accounts.repository';
import { parseEmailAddress } from './email-address';

/**
 * The account that an operator means, by its id or its e-mail address.
 *
 * @throws ServiceError NOT_FOUND `account_not_found`
 */
export async function findNamedAccount(
  accounts: AccountsRepository,
  named: string,
): Promise<Account> {
  const account = isUuid(named)
    ? await accounts.findById(named)
    : await accounts.findByEmail(parseEmailAddress(named));
  if (!account) throw accountNotFound();
  return account;
}

export function accountNotFound(): ServiceError {
  return new ServiceError('NOT_FOUND', 'account_not_found');
}
