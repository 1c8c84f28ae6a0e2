import { Inject, Injectable } from '@nestjs/common';
import type { OwnEvent, ReadsOwnEvents } from '@sallyport/audit';
import { OWN_EVENTS } from '../../account-security/own-events.token';
import { AccountsRepository } from '../../accounts/accounts.repository';
import { RecoveryCodesRepository } from '../../mfa/recovery-codes.repository';
import { SecondFactors } from '../../mfa/second-factors';
import type { ShownFactors } from '../pages/account/factors.section';

/** As many as fit a page; the API has the rest. */
const MOST_SHOWN = 20;

/** What the account page shows of how somebody signs in, and of what happened. */
@Injectable()
export class ShownSecurity {
  constructor(
    private readonly accounts: AccountsRepository,
    private readonly secondFactors: SecondFactors,
    private readonly recoveryCodes: RecoveryCodesRepository,
    @Inject(OWN_EVENTS) private readonly events: ReadsOwnEvents,
  ) {}

  async of(accountId: string): Promise<ShownFactors & { readonly events: readonly OwnEvent[] }> {
    const [passwordChangedAt, factors, recoveryCodesLeft, { events }] = await Promise.all([
      this.accounts.passwordChangedAt(accountId),
      this.secondFactors.list(accountId),
      this.recoveryCodes.countLeft(accountId),
      this.events.list(accountId, { pageSize: MOST_SHOWN, pageToken: '' }),
    ]);
    return { passwordChangedAt, factors, recoveryCodesLeft, events };
  }
}
