import { Inject, Injectable } from '@nestjs/common';
import { OwnerNotices } from '../mail/owner-notices';
import type { AuthConnection } from '../revocations/record-revocation';
import { KEY_ENCRYPTION } from '../signing-keys/key-encryption';
import type { KeyEncryption } from '../signing-keys/key-encryption';
import type { CodeBinding } from '../sms/sms-code';
import { SmsCodeCheck } from '../sms/sms-code-check';
import { hashPresentedCode } from './recovery-code';
import { RecoveryCodesRepository } from './recovery-codes.repository';
import type { MfaMethod, PresentedCode } from './second-factor';
import { openTotpSecret } from './sealed-totp-secret';
import { matchingStep } from './totp';
import { TotpFactorsRepository } from './totp-factors.repository';

/** A code that is right, and not used up yet. */
export interface RightCode {
  readonly method: MfaMethod;
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
  | 'sms_code_refused'
  | 'recovery_code_refused';

/** What a code that was right is refused with when it had been used. */
export const SPENT: Readonly<Record<MfaMethod, CodeRefusal>> = {
  totp: 'totp_code_replayed',
  sms: 'sms_code_refused',
  recovery_code: 'recovery_code_refused',
};

/** Says whether a code is one of an account's second factors. Whoever asks has counted the attempt. */
@Injectable()
export class SecondFactorCodes {
  constructor(
    private readonly factors: TotpFactorsRepository,
    private readonly recoveryCodes: RecoveryCodesRepository,
    private readonly notices: OwnerNotices,
    private readonly messages: SmsCodeCheck,
    @Inject(KEY_ENCRYPTION) private readonly encryption: KeyEncryption,
  ) {}

  /** @param boundTo what a text message is sent for; without it none is right */
  async check(
    accountId: string,
    { method, code }: PresentedCode,
    now: Date,
    boundTo?: CodeBinding,
  ): Promise<RightCode | CodeRefusal> {
    switch (method) {
      case 'totp':
        return this.checkTotp(accountId, code, now);
      case 'sms':
        return this.checkSms(code, now, boundTo);
      case 'recovery_code':
        return this.checkRecoveryCode(accountId, code, now);
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
      spend: (transaction) => this.factors.acceptStep(transaction, factor.id, step),
    };
  }

  private async checkSms(
    presented: string,
    now: Date,
    boundTo: CodeBinding | undefined,
  ): Promise<RightCode | CodeRefusal> {
    const code = boundTo && (await this.messages.check(boundTo, presented, now));
    if (!code) return 'sms_code_refused';
    return { method: 'sms', spend: (transaction) => code.spend(transaction) };
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
      spend: async (transaction) => {
        if (!(await this.recoveryCodes.use(transaction, accountId, hash, now))) return false;
        await this.notices.send(transaction, accountId, { kind: 'recovery_code_used', now });
        return true;
      },
    };
  }
}
