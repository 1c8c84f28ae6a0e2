import { Injectable } from '@nestjs/common';
import { ServiceError } from '@sallyport/nest-zero-trust';
import type { Principal } from '@sallyport/principal';
import { AccountsService } from '../accounts/accounts.service';
import { FactorChanges } from './factor-changes';
import type { EnrolledFactor } from './factor-kind';
import { FactorRemovals } from './factor-removals';
import { RecoveryCodesRepository } from './recovery-codes.repository';
import { SecondFactors } from './second-factors';
import { TotpFactorsRepository } from './totp-factors.repository';

/** What somebody has. */
export interface OwnFactors {
  readonly factors: readonly EnrolledFactor[];
  readonly recoveryCodesLeft: number;
}

/** What somebody signed in, who has just authenticated, does with the second factors they have. */
@Injectable()
export class OwnFactorsService {
  constructor(
    private readonly own: AccountsService,
    private readonly secondFactors: SecondFactors,
    private readonly factors: TotpFactorsRepository,
    private readonly recoveryCodes: RecoveryCodesRepository,
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
   * @param password as it arrived; needed where no factor is left
   * @throws ServiceError NOT_FOUND `account_not_found`, `factor_not_found`; and what {@link FactorRemovals.remove} does
   */
  async removeTotp(
    principal: Principal,
    password: string | undefined,
    clientAddress: string | undefined,
  ): Promise<void> {
    this.changes.requireFeed();
    const account = await this.own.own(principal);
    if (!(await this.factors.active(account.id))) {
      throw new ServiceError('NOT_FOUND', 'factor_not_found');
    }
    await this.removals.remove({
      account,
      principal,
      clientAddress,
      password,
      take: (transaction) => this.factors.remove(transaction, account.id),
    });
  }

  /**
   * Gives another set of recovery codes, and ends the other sessions.
   *
   * @throws ServiceError NOT_FOUND `account_not_found`, `factor_not_found`; and what {@link FactorChanges} throws
   */
  async regenerate(
    principal: Principal,
    clientAddress: string | undefined,
  ): Promise<readonly string[]> {
    this.changes.requireFeed();
    const account = await this.own.own(principal);
    const hasFactor = await this.secondFactors.areInUse(account.id);
    if (!hasFactor) throw new ServiceError('NOT_FOUND', 'factor_not_found');
    return this.changes.makeWithNewCodes({
      account,
      principal,
      clientAddress,
      event: 'recovery_codes_regenerated',
      make: () => Promise.resolve(true),
    });
  }
}
