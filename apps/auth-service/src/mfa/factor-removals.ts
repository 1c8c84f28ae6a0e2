import { Inject, Injectable } from '@nestjs/common';
import { ServiceError } from '@sallyport/nest-zero-trust';
import type { Principal } from '@sallyport/principal';
import type { Account } from '../accounts/account';
import type { NoticeKind } from '../mail/mail-kind';
import { isLongEnough } from '../passwords/new-password';
import { parsePresentedPassword } from '../passwords/password';
import type { AuthConnection } from '../revocations/record-revocation';
import { FactorChanges } from './factor-changes';
import { MFA_POLICY } from './mfa-policy';
import type { MfaPolicy } from './mfa-policy';
import { OwnCredentialsService } from './own-credentials.service';
import { removeSecondFactors } from './remove-second-factors';
import { SecondFactors } from './second-factors';

/** A factor that its owner, who has proved to be that, takes away. */
export interface FactorRemoval {
  /** With the version of the credentials that were proved. */
  readonly account: Account;
  readonly principal: Principal;
  readonly clientAddress: string | undefined;
  /** As it arrived; needed where no factor is left. */
  readonly password: string | undefined;
  /** What the owner is told, where `factor_removed` says too little. */
  readonly notice?: NoticeKind;
  /** Takes it away. False undoes it all. */
  readonly take: (transaction: AuthConnection) => Promise<boolean>;
}

/** Takes factors of any kind away, and with the last one what came with it. */
@Injectable()
export class FactorRemovals {
  constructor(
    private readonly factors: SecondFactors,
    private readonly changes: FactorChanges,
    private readonly credentials: OwnCredentialsService,
    @Inject(MFA_POLICY) private readonly policy: MfaPolicy,
  ) {}

  /**
   * Takes a factor away, and ends the other sessions. Where none is left the password, which is then the only factor, has to
   * be as long as that takes: nobody gets a short one by way of a factor. Who has to have a factor keeps one that completes a
   * sign-in: a passkey that is refused, or a number where no messages are sent, is none.
   *
   * @throws ServiceError FAILED_PRECONDITION `factor_required`, `password_required`, `longer_password_required`; what
   * {@link OwnCredentialsService.provePassword} throws when a password is presented; and what {@link FactorChanges.make}
   * throws
   */
  async remove({ take, password, ...change }: FactorRemoval): Promise<void> {
    const { account, principal, clientAddress } = change;
    if (password !== undefined) {
      await this.credentials.provePassword(account, { password, principal, clientAddress });
    }
    await this.changes.make({
      ...change,
      event: 'factor_removed',
      make: async (transaction) => {
        const wereUsable = await this.factors.areUsable(account.id, transaction);
        if (!(await take(transaction))) return false;
        // The account is locked by the change: of two removals the second one sees what the first has left.
        const areUsable = await this.factors.areUsable(account.id, transaction);
        if (wereUsable && !areUsable) this.assertNoneRequired(account);
        if (await this.factors.areInUse(account.id, transaction)) return true;
        this.assertNoneRequired(account);
        assertPasswordMayBeAlone(password);
        // What came with the last one goes with it.
        await removeSecondFactors(transaction, account.id);
        return true;
      },
    });
  }

  private assertNoneRequired({ scopes }: Account): void {
    if (scopes.some((scope) => this.policy.requiredForScopes.has(scope))) {
      throw new ServiceError('FAILED_PRECONDITION', 'factor_required');
    }
  }
}

function assertPasswordMayBeAlone(password: string | undefined): void {
  if (password === undefined) throw new ServiceError('FAILED_PRECONDITION', 'password_required');
  if (!isLongEnough(parsePresentedPassword(password), { hasSecondFactor: false })) {
    throw new ServiceError('FAILED_PRECONDITION', 'longer_password_required');
  }
}
