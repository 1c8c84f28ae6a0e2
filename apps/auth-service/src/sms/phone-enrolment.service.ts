import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { ServiceError } from '@sallyport/nest-zero-trust';
import type { Principal } from '@sallyport/principal';
import type { Clock } from '@sallyport/tokens';
import { AccountsService } from '../accounts/accounts.service';
import { CLOCK } from '../app.tokens';
import { FactorChanges } from '../mfa/factor-changes';
import type { FactorChange } from '../mfa/factor-changes';
import { FactorRemovals } from '../mfa/factor-removals';
import { OwnCredentialsService } from '../mfa/own-credentials.service';
import { MFA_AUTHENTICATION } from '../mfa/second-factor';
import { SecondFactors } from '../mfa/second-factors';
import { raiseSession } from '../sessions/raise-session';
import { KEY_ENCRYPTION } from '../signing-keys/key-encryption';
import type { KeyEncryption } from '../signing-keys/key-encryption';
import { PhoneFactorsRepository } from './phone-factors.repository';
import { maskedPhoneNumber, parsePhoneNumber } from './phone-number';
import { sealPhoneNumber } from './sealed-phone-number';
import { boundToEnrolment, CODE_SECONDS } from './sms-code';
import { SmsCodeCheck } from './sms-code-check';
import { SmsMessages } from './sms-messages.service';

/** A number somebody wants to sign in with, as it arrived. */
export interface PresentedPhone {
  readonly phoneNumber: string;
  /** Whether they said to know the risk. */
  readonly acceptsRisk: boolean;
  readonly clientAddress: string | undefined;
}

/** A code is on its way. */
export interface BegunPhoneEnrolment {
  /** Masked. */
  readonly phoneNumber: string;
  /** Seconds in which the code works. */
  readonly expiresIn: number;
}

/** Puts phone numbers in use as second factors, and takes them away. */
@Injectable()
export class PhoneEnrolmentService {
  constructor(
    private readonly own: AccountsService,
    private readonly factors: PhoneFactorsRepository,
    private readonly messages: SmsMessages,
    private readonly codes: SmsCodeCheck,
    private readonly secondFactors: SecondFactors,
    private readonly credentials: OwnCredentialsService,
    private readonly changes: FactorChanges,
    private readonly removals: FactorRemovals,
    @Inject(KEY_ENCRYPTION) private readonly encryption: KeyEncryption,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Sends a code to a number. Nothing changes until it is confirmed; a number in use stays so until then.
   *
   * @throws ServiceError INVALID_ARGUMENT `risk_not_accepted`, `phone_number_refused`; NOT_FOUND `account_not_found`; and
   * what {@link SmsMessages} throws
   */
  async begin(principal: Principal, presented: PresentedPhone): Promise<BegunPhoneEnrolment> {
    const { countries } = this.messages.requireOffer();
    const { phoneNumber, acceptsRisk, clientAddress } = presented;
    if (!acceptsRisk) throw new ServiceError('INVALID_ARGUMENT', 'risk_not_accepted');
    const number = parsePhoneNumber(phoneNumber, countries);
    if (!number) throw new ServiceError('INVALID_ARGUMENT', 'phone_number_refused');
    const { id: accountId, passwordVersion } = await this.own.own(principal);
    const wanted = { accountId, number, clientAddress };
    await this.messages.admit(wanted);
    const named = { id: randomUUID(), accountId };
    const sealedNumber = await sealPhoneNumber(number, named, this.encryption);
    const maskedNumber = maskedPhoneNumber(number);
    const factor = { ...named, sealedNumber, maskedNumber, passwordVersion };
    await this.factors.begin(factor, this.clock());
    const { id: factorId } = named;
    await this.messages.send({ ...wanted, factorId, boundTo: boundToEnrolment(factorId) });
    return { phoneNumber: maskedNumber, expiresIn: CODE_SECONDS };
  }

  /**
   * Puts the number in use to which this code was sent, in the place of the one before, ends the other sessions, and gives
   * recovery codes when it is the first factor. The calling session counts as completed by the code from its next token on.
   *
   * @returns none where there was a factor before
   * @throws ServiceError UNAUTHENTICATED `mfa_refused`, also when nothing is being enrolled; FAILED_PRECONDITION
   * `sms_not_offered`; NOT_FOUND `account_not_found`; and what {@link FactorChanges} throws
   */
  async confirm(
    principal: Principal,
    presented: string,
    clientAddress: string | undefined,
  ): Promise<readonly string[]> {
    this.messages.requireOffer();
    this.changes.requireFeed();
    const account = await this.own.own(principal);
    await this.credentials.admitCode(account, { principal, clientAddress });
    const now = this.clock();
    const factor = await this.factors.pending(account.id, now);
    const code = factor && (await this.codes.check(boundToEnrolment(factor.id), presented, now));
    if (!factor || !code) {
      throw this.credentials.refuseCode('sms_code_refused', account, clientAddress);
    }
    const isFirst = !(await this.secondFactors.areInUse(account.id));
    const change: FactorChange = {
      account: { ...account, passwordVersion: factor.passwordVersion },
      principal,
      clientAddress,
      event: 'factor_enrolled',
      notice: 'phone_enrolled',
      make: async (transaction) => {
        if (!(await code.spend(transaction))) return false;
        await raiseSession(transaction, principal.sessionId ?? '', MFA_AUTHENTICATION.sms);
        return this.factors.activate(transaction, factor, now);
      },
    };
    if (isFirst) return this.changes.makeWithNewCodes(change);
    await this.changes.make(change);
    return [];
  }

  /**
   * Takes the number away, and ends the other sessions; also where no messages are sent any more.
   *
   * @throws ServiceError NOT_FOUND `factor_not_found`, `account_not_found`; and what {@link FactorRemovals.remove} does
   */
  async remove(
    principal: Principal,
    {
      password,
      clientAddress,
    }: { password: string | undefined; clientAddress: string | undefined },
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
      notice: 'phone_removed',
      take: (transaction) => this.factors.remove(transaction, account.id),
    });
  }
}
