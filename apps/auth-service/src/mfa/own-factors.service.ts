import { Injectable } from '@nestjs/common';
import { ServiceError } from '@sallyport/nest-zero-trust';
import type { Principal } from '@sallyport/principal';
import type { Account } from '../accounts/account';
import { AccountsService } from '../accounts/accounts.service';
import { FactorChanges } from './factor-changes';
import type { EnrolledFactor } from './factor-kind';
import { FactorRemovals } from './factor-removals';
import { OwnCredentialsService } from './own-credentials.service';
import type { PresentedProof } from './own-credentials.service';
import { RecoveryCodesRepository } from './recovery-codes.repository';
import type { RightCode } from './second-factor-codes';
import { SecondFactors } from './second-factors';
import { TotpFactorsRepository } from './totp-factors.repository';

/** What somebody has. */
export interface OwnFactors {
  readonly factors: readonly EnrolledFactor[];
  readonly recoveryCodesLeft: number;
}

/** What somebody signed in does with the second factors they have. */
@Injectable()
export class OwnFactorsService {
  constructor(
    private readonly own: AccountsService,
    private readonly secondFactors: SecondFactors,
    private readonly factors: TotpFactorsRepository,
    private readonly recoveryCodes: RecoveryCodesRepository,
    private readonly credentials: OwnCredentialsService,
    private readonly changes: FactorChanges,
    private readonly removals: FactorRemovals,
  ) {}

  /** @throws ServiceError NOT_FOUND `account_not_found` */
  async list(principal: Principal): Promise<OwnFactors> {
    const { id } = await this.own.own(principal);
    const factors = await this.secondFactors.list(id);
    const recoveryCodesLeft = factors.length > 0 ? await this.recoveryCodes.countLeft(id) : 0;
    return { factors, recoveryCodesLeft };
  }

  /**
   * Removes the app, and ends the other sessions.
   *
   * @throws ServiceError what {@link FactorRemovals.remove} does; and as {@link OwnFactorsService.regenerate} does
   */
  async removeTotp(principal: Principal, presented: PresentedProof): Promise<void> {
    this.changes.requireFeed();
    const account = await this.own.own(principal);
    if (!(await this.factors.active(account.id))) {
      throw new ServiceError('NOT_FOUND', 'factor_not_found');
    }
    const { password, clientAddress } = presented;
    const code = await this.credentials.proveFactor(account, presented);
    await this.removals.remove({
      account,
      principal,
      clientAddress,
      password,
      take: async (transaction) =>
        (await code.spend(transaction)) && this.factors.remove(transaction, account.id),
    });
  }

  /**
   * Gives another set of recovery codes, and ends the other sessions.
   *
   * @throws ServiceError NOT_FOUND `account_not_found`, `factor_not_found`; and what {@link OwnCredentialsService} and
   * {@link FactorChanges} throw
   */
  async regenerate(principal: Principal, presented: PresentedProof): Promise<readonly string[]> {
    const { account, code } = await this.prove(principal, presented);
    const { clientAddress } = presented;
    return this.changes.makeWithNewCodes({
      account,
      principal,
      clientAddress,
      event: 'recovery_codes_regenerated',
      make: (transaction) => code.spend(transaction),
    });
  }

  private async prove(
    principal: Principal,
    presented: PresentedProof,
  ): Promise<{ readonly account: Account; readonly code: RightCode }> {
    this.changes.requireFeed();
    const account = await this.own.own(principal);
    await this.credentials.provePassword(account, presented);
    const hasFactor = await this.secondFactors.areInUse(account.id);
    if (!hasFactor) throw new ServiceError('NOT_FOUND', 'factor_not_found');
    return { account, code: await this.credentials.proveFactor(account, presented) };
  }
}
