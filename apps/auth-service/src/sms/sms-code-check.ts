import { timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { AuthConnection } from '../revocations/record-revocation';
import { KEY_ENCRYPTION } from '../signing-keys/key-encryption';
import type { KeyEncryption } from '../signing-keys/key-encryption';
import { PhoneFactorsRepository } from './phone-factors.repository';
import { parseSmsCode, smsCodeMac } from './sms-code';
import type { CodeBinding } from './sms-code';
import { SmsCodesRepository } from './sms-codes.repository';

/** A code that is right for a request, and not used up yet. */
export interface RightSmsCode {
  /** To whose phone it was sent. */
  readonly factorId: string;
  /** Uses it up in the transaction of what it is for. False when another request did before, or another code was sent. */
  spend(transaction: AuthConnection): Promise<boolean>;
}

/** Says whether a code is the last one that was sent for a request. */
@Injectable()
export class SmsCodeCheck {
  constructor(
    private readonly codes: SmsCodesRepository,
    private readonly factors: PhoneFactorsRepository,
    @Inject(KEY_ENCRYPTION) private readonly encryption: KeyEncryption,
  ) {}

  /** Undefined for any other one; each is counted before it is looked at. */
  async check(
    boundTo: CodeBinding,
    presented: string,
    now: Date,
  ): Promise<RightSmsCode | undefined> {
    const code = parseSmsCode(presented);
    const sent = code === undefined ? undefined : await this.codes.take(boundTo, now);
    if (code === undefined || sent === undefined) return undefined;
    if (!timingSafeEqual(await smsCodeMac(this.encryption, code, sent), sent.mac)) return undefined;
    const { factorId } = sent;
    return {
      factorId,
      spend: async (transaction) => {
        if (!(await this.codes.use(transaction, sent, now))) return false;
        await this.factors.noteUse(transaction, factorId, now);
        return true;
      },
    };
  }
}
