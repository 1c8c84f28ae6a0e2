import { Inject, Injectable } from '@nestjs/common';
import { ServiceError } from '@sallyport/nest-zero-trust';
import type { Principal } from '@sallyport/principal';
import type { Account } from '../accounts/account';
import { AccountsService } from '../accounts/accounts.service';
import { isLongEnough } from '../passwords/new-password';
import { parsePresentedPassword } from '../passwords/password';
import { FactorChanges } from './factor-changes';
import { MFA_POLICY } from './mfa-policy';
import type { MfaPolicy } from './mfa-policy';
import { OwnCredentialsService } from './own-credentials.service';
import type { PresentedProof } from './own-credentials.service';
import { RecoveryCodesRepository } from './recovery-codes.repository';
import { removeSecondFactors } from './remove-second-factors';
import type { RightCode } from './second-factor-codes';
import { TotpFactorsRepository } from './totp-factors.repository';

/** What somebody has. */
export interface OwnFactors {
  /** Since when there is an authenticator app. */
  readonly totpSince: Date | undefined;
  readonly recoveryCodesLeft: number;
}

/** What somebody signed in does with the second factors they have. */
@Injectable()
export class OwnFactorsService {
  constructor(
    private readonly own: AccountsService,
    private readonly factors: TotpFactorsRepository,
    private readonly recoveryCodes: RecoveryCodesRepository,
    private readonly credentials: OwnCredentialsService,
    private readonly changes: FactorChanges,
    @Inject(MFA_POLICY) private readonly policy: MfaPolicy,
  ) {}

  /** @throws ServiceError NOT_FOUND `account_not_found` */
  async list(principal: Principal): Promise<OwnFactors> {
    const { id } = await this.own.own(principal);
    const factor = await this.factors.active(id);
    const recoveryCodesLeft = factor ? await this.recoveryCodes.countLeft(id) : 0;
    return { totpSince: factor?.confirmedAt, recoveryCodesLeft };
  }

  /**
   * Removes the app and the recovery codes, and ends the other sessions. The password, which is then the only factor, has
   * to be as long as that takes: nobody gets a short one by way of a factor.
   *
   * @throws ServiceError FAILED_PRECONDITION `factor_required`, `longer_password_required`; and as {@link OwnFactorsService.regenerate} does
   */
  async remove(principal: Principal, presented: PresentedProof): Promise<void> {
    const { account, code } = await this.prove(principal, presented);
    if (account.scopes.some((scope) => this.policy.requiredForScopes.has(scope))) {
      throw new ServiceError('FAILED_PRECONDITION', 'factor_required');
    }
    if (!isLongEnough(parsePresentedPassword(presented.password), { hasSecondFactor: false })) {
      throw new ServiceError('FAILED_PRECONDITION', 'longer_password_required');
    }
    const { clientAddress } = presented;
    await this.changes.make({
      account,
      principal,
      clientAddress,
      event: 'factor_removed',
      make: async (transaction) => {
        if (!(await code.spend(transaction))) return false;
        await removeSecondFactors(transaction, account.id);
        return true;
      },
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
    const factor = await this.factors.active(account.id);
    if (!factor) throw new ServiceError('NOT_FOUND', 'factor_not_found');
    return { account, code: await this.credentials.proveFactor(account, presented) };
  }
}
