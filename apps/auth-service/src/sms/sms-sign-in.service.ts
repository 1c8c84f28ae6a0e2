import { Inject, Injectable } from '@nestjs/common';
import { ServiceError } from '@sallyport/nest-zero-trust';
import type { SecurityEvents } from '@sallyport/observability';
import type { Principal } from '@sallyport/principal';
import type { Clock } from '@sallyport/tokens';
import type { Account } from '../accounts/account';
import { AccountsRepository } from '../accounts/accounts.repository';
import { AccountsService } from '../accounts/accounts.service';
import { CLOCK, SECURITY_EVENTS } from '../app.tokens';
import { MfaChallengesRepository } from '../mfa/mfa-challenges.repository';
import { mfaRefused } from '../mfa/mfa-refusal';
import { parseMfaToken } from '../mfa/mfa-token';
import type { MfaToken } from '../mfa/mfa-token';
import { KEY_ENCRYPTION } from '../signing-keys/key-encryption';
import type { KeyEncryption } from '../signing-keys/key-encryption';
import { PhoneFactorsRepository } from './phone-factors.repository';
import type { PhoneFactor } from './phone-factors.repository';
import { openPhoneNumber } from './sealed-phone-number';
import { boundToChallenge, boundToSession, CODE_SECONDS, RESEND_SECONDS } from './sms-code';
import type { CodeBinding } from './sms-code';
import { SmsMessages } from './sms-messages.service';

/** A code is on its way. */
export interface SentLoginCode {
  /** Masked. */
  readonly phoneNumber: string;
  /** Seconds in which the code works. */
  readonly expiresIn: number;
  /** Seconds from when on there may be another one. */
  readonly resendAfter: number;
}

/** Sends the code of a sign-in whose password was right, or of a session that steps up. */
@Injectable()
export class SmsSignInService {
  constructor(
    private readonly challenges: MfaChallengesRepository,
    private readonly accounts: AccountsRepository,
    private readonly own: AccountsService,
    private readonly factors: PhoneFactorsRepository,
    private readonly messages: SmsMessages,
    @Inject(KEY_ENCRYPTION) private readonly encryption: KeyEncryption,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SECURITY_EVENTS) private readonly events: SecurityEvents,
  ) {}

  /** For a client of the API. @throws ServiceError as {@link SmsSignInService.send} does */
  async sendFor(presentedToken: string, clientAddress: string | undefined): Promise<SentLoginCode> {
    this.messages.requireOffer();
    const token = parseMfaToken(presentedToken);
    if (!token) throw this.refuse('mfa_challenge_refused', clientAddress);
    return this.send(token, clientAddress);
  }

  /**
   * Sends a code that completes this challenge and nothing else; the one sent for it before is void.
   *
   * @throws ServiceError UNAUTHENTICATED `mfa_refused` for a challenge that is none (any more), or of an account without a
   * number; UNAVAILABLE `sms_not_sent`; FAILED_PRECONDITION `sms_not_offered`; and what {@link SmsMessages} throws
   */
  async send(token: MfaToken, clientAddress: string | undefined): Promise<SentLoginCode> {
    this.messages.requireOffer();
    const now = this.clock();
    const challenge = await this.challenges.find(token, now);
    const account = challenge && (await this.accounts.findById(challenge.accountId));
    if (!account || account.lockedAt || account.passwordVersion !== challenge.passwordVersion) {
      throw this.refuse('mfa_challenge_refused', clientAddress, account);
    }
    const factor = await this.factors.active(account.id);
    if (!factor) throw this.refuse('sms_not_enrolled', clientAddress, account);
    const sent = await this.sendTo(factor, boundToChallenge(token), clientAddress);
    const left = Math.floor((challenge.expiresAt.getTime() - now.getTime()) / 1000);
    return { ...sent, expiresIn: Math.min(sent.expiresIn, left) };
  }

  /**
   * Sends a code with which the calling session steps up (RFC 9470), and nothing else is done.
   *
   * @throws ServiceError NOT_FOUND `factor_not_found`, `account_not_found`; and as {@link SmsSignInService.send} does
   */
  async sendForStepUp(
    principal: Principal,
    clientAddress: string | undefined,
  ): Promise<SentLoginCode> {
    this.messages.requireOffer();
    const { id } = await this.own.own(principal);
    const factor = await this.factors.active(id);
    if (!factor) throw new ServiceError('NOT_FOUND', 'factor_not_found');
    return this.sendTo(factor, boundToSession(principal.sessionId ?? ''), clientAddress);
  }

  private async sendTo(
    factor: PhoneFactor,
    boundTo: CodeBinding,
    clientAddress: string | undefined,
  ): Promise<SentLoginCode> {
    await this.messages.requirePause(boundTo);
    const number = await openPhoneNumber(factor, this.encryption);
    const wanted = { accountId: factor.accountId, number, clientAddress };
    await this.messages.admit(wanted);
    await this.messages.send({ ...wanted, factorId: factor.id, boundTo }).catch(unavailable);
    const { maskedNumber: phoneNumber } = factor;
    return { phoneNumber, expiresIn: CODE_SECONDS, resendAfter: RESEND_SECONDS };
  }

  private refuse(
    reason: string,
    clientAddress: string | undefined,
    account?: Account,
  ): ServiceError {
    this.events.record({
      type: 'authentication',
      outcome: 'refused',
      reason,
      ...(account && { principal: account.id }),
      clientAddress,
    });
    return mfaRefused();
  }
}

/** Whoever signs in has chosen the number long ago: there is nothing about it to mend now. */
function unavailable(error: unknown): never {
  if (error instanceof ServiceError && error.reason === 'phone_number_refused') {
    throw new ServiceError('UNAVAILABLE', 'sms_not_sent', undefined, { cause: error });
  }
  throw error;
}
