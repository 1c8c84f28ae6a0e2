import { Inject, Injectable } from '@nestjs/common';
import type { EnrolledFactor, FactorKind } from '../mfa/factor-kind';
import type { AuthConnection } from '../revocations/record-revocation';
import { PhoneFactorsRepository } from './phone-factors.repository';
import { SMS_OFFER } from './sms-sender';
import type { SmsOffer } from './sms-sender';

/**
 * Phone numbers among the second factors. One that was confirmed stays a factor when text messages are switched off: its
 * account signs in with a recovery code then, and not with the password alone.
 */
@Injectable()
export class PhoneFactorKind implements FactorKind {
  constructor(
    private readonly factors: PhoneFactorsRepository,
    @Inject(SMS_OFFER) private readonly offer: SmsOffer | undefined,
  ) {}

  get isOffered(): boolean {
    return this.offer !== undefined;
  }

  inUse(accountId: string, connection?: AuthConnection): Promise<readonly EnrolledFactor[]> {
    return this.factors.inUse(accountId, connection);
  }
}
