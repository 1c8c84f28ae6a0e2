import { Inject, Injectable } from '@nestjs/common';
import { OwnerNotices } from '../mail/owner-notices';
import type { AuthConnection } from '../revocations/record-revocation';
import { KEY_ENCRYPTION } from '../signing-keys/key-encryption';
import type { KeyEncryption } from '../signing-keys/key-encryption';
import { hashPresentedCode } from './recovery-code';
import { RecoveryCodesRepository } from './recovery-codes.repository';
import type { Account } from '../accounts/account';
import { PasskeyAssertions } from '../passkeys/passkey-assertions';
import type { AssertionRefusal } from '../passkeys/passkey-assertions';
import type { MfaToken } from './mfa-token';
import { MFA_AUTHENTICATION } from './second-factor';
import type { Authenticated, MfaMethod, PresentedCode } from './second-factor';
import { openTotpSecret } from './sealed-totp-secret';
import { matchingStep } from './totp';
import { TotpFactorsRepository } from './totp-factors.repository';

/** A code that is right, and not used up yet. */
export interface RightCode {
  readonly method: MfaMethod;
  /** What a session says that it opens, or completes. */
  readonly how: Authenticated;
  /**
   * Uses it up in the transaction of what it is for; of a recovery code the owner is told. False when another request did
   * before.
   */
  spend(transaction: AuthConnection): Promise<boolean>;
}

/** Why a code is not accepted; for the security event alone. */
export type CodeRefusal =
  | 'mfa_method_unknown'
  | 'totp_code_refused'
  | 'totp_code_replayed'
  | 'recovery_code_refused'
  | AssertionRefusal;

/** What a code that was right is refused with when it had been used. */
export const SPENT: Readonly<Record<MfaMethod, CodeRefusal>> = {
  totp: 'totp_code_replayed',
  passkey: 'passkey_counter_rollback',
  recovery_code: 'recovery_code_refused',
};

/** Says whether a code is one of an account's second factors. Whoever asks has counted the attempt. */
@Injectable()
export class SecondFactorCodes {
  constructor(
    private readonly factors: TotpFactorsRepository,
    private readonly recoveryCodes: RecoveryCodesRepository,
    private readonly passkeys: PasskeyAssertions,
    private readonly notices: OwnerNotices,
    @Inject(KEY_ENCRYPTION) private readonly encryption: KeyEncryption,
  ) {}

  /**
   * @param account with the version of the credentials it was challenged for
   * @param signIn what it is to complete; a passkey is asked for one sign-in, and completes no other and nothing else
   */
  async check(
    account: Pick<Account, 'id' | 'passwordVersion'>,
    { method, code }: PresentedCode,
    now: Date,
    signIn?: MfaToken,
  ): Promise<RightCode | CodeRefusal> {
    switch (method) {
      case 'totp':
        return this.checkTotp(account.id, code, now);
      case 'passkey':
        if (signIn === undefined) return 'passkey_challenge_refused';
        return this.passkeys.check(code, { purpose: 'second_factor', account, boundTo: signIn });
      case 'recovery_code':
        return this.checkRecoveryCode(account.id, code, now);
      default:
        return 'mfa_method_unknown';
    }
  }

  private async checkTotp(
    accountId: string,
    code: string,
    now: Date,
  ): Promise<RightCode | CodeRefusal> {
    const factor = await this.factors.active(accountId);
    if (!factor) return 'totp_code_refused';
    const step = await matchingStep(await openTotpSecret(factor, this.encryption), code, now);
    if (step === undefined) return 'totp_code_refused';
    return {
      method: 'totp',
      how: MFA_AUTHENTICATION.totp,
      spend: (transaction) => this.factors.acceptStep(transaction, factor.id, step),
    };
  }

  private async checkRecoveryCode(
    accountId: string,
    code: string,
    now: Date,
  ): Promise<RightCode | CodeRefusal> {
    const salt = await this.recoveryCodes.saltOf(accountId);
    const hash = salt && (await hashPresentedCode(code, salt));
    if (!hash || !(await this.recoveryCodes.isLeft(accountId, hash)))
      return 'recovery_code_refused';
    return {
      method: 'recovery_code',
      how: MFA_AUTHENTICATION.recovery_code,
      spend: async (transaction) => {
        if (!(await this.recoveryCodes.use(transaction, accountId, hash, now))) return false;
        await this.notices.send(transaction, accountId, { kind: 'recovery_code_used', now });
        return true;
      },
    };
  }
}
