import { Inject, Injectable } from '@nestjs/common';
import { OwnerNotices } from '../mail/owner-notices';
import type { AuthConnection } from '../revocations/record-revocation';
import { KEY_ENCRYPTION } from '../signing-keys/key-encryption';
import type { KeyEncryption } from '../signing-keys/key-encryption';
import { boundToChallenge, boundToSession } from '../sms/sms-code';
import type { CodeBinding } from '../sms/sms-code';
import { SmsCodeCheck } from '../sms/sms-code-check';
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
  | 'sms_code_refused'
  | 'recovery_code_refused'
  | AssertionRefusal;

/** What a code that was right is refused with when it had been used. */
export const SPENT: Readonly<Record<MfaMethod, CodeRefusal>> = {
  totp: 'totp_code_replayed',
  passkey: 'passkey_counter_rollback',
  sms: 'sms_code_refused',
  recovery_code: 'recovery_code_refused',
};

/** What a code completes: a sign-in whose password was right, or the step-up of a session. */
export type ProvedRequest = { readonly signIn: MfaToken } | { readonly stepUpIn: string };

/** Says whether a code is one of an account's second factors. Whoever asks has counted the attempt. */
@Injectable()
export class SecondFactorCodes {
  constructor(
    private readonly factors: TotpFactorsRepository,
    private readonly recoveryCodes: RecoveryCodesRepository,
    private readonly passkeys: PasskeyAssertions,
    private readonly notices: OwnerNotices,
    private readonly messages: SmsCodeCheck,
    @Inject(KEY_ENCRYPTION) private readonly encryption: KeyEncryption,
  ) {}

  /**
   * @param account with the version of the credentials it was challenged for
   * @param request what it is to complete; a passkey is asked for, and a text message sent, for one request, and is worth nothing
   * for any other
   */
  async check(
    account: Pick<Account, 'id' | 'passwordVersion'>,
    { method, code }: PresentedCode,
    now: Date,
    request?: ProvedRequest,
  ): Promise<RightCode | CodeRefusal> {
    switch (method) {
      case 'totp':
        return this.checkTotp(account.id, code, now);
      case 'passkey':
        return this.checkPasskey(account, code, request);
      case 'sms':
        return this.checkSms(code, now, request);
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

  private async checkPasskey(
    account: Pick<Account, 'id' | 'passwordVersion'>,
    assertion: string,
    request: ProvedRequest | undefined,
  ): Promise<RightCode | CodeRefusal> {
    if (request === undefined || !('signIn' in request)) return 'passkey_challenge_refused';
    return this.passkeys.check(assertion, {
      purpose: 'second_factor',
      account,
      boundTo: request.signIn,
    });
  }

  private async checkSms(
    presented: string,
    now: Date,
    request: ProvedRequest | undefined,
  ): Promise<RightCode | CodeRefusal> {
    const code = request && (await this.messages.check(bindingOf(request), presented, now));
    if (!code) return 'sms_code_refused';
    return {
      method: 'sms',
      how: MFA_AUTHENTICATION.sms,
      spend: (transaction) => code.spend(transaction),
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

function bindingOf(request: ProvedRequest): CodeBinding {
  return 'signIn' in request ? boundToChallenge(request.signIn) : boundToSession(request.stepUpIn);
}
