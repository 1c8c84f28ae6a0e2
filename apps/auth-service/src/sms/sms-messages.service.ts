import { Inject, Injectable } from '@nestjs/common';
import { ServiceError } from '@sallyport/nest-zero-trust';
import type { Logger, SecurityEvents } from '@sallyport/observability';
import type { Clock } from '@sallyport/tokens';
import { CLOCK, LOGGER, SECURITY_EVENTS, TOKEN_PROFILE } from '../app.tokens';
import { KEY_ENCRYPTION } from '../signing-keys/key-encryption';
import type { KeyEncryption } from '../signing-keys/key-encryption';
import { SMS_THROTTLE, SmsLimitReached } from '../throttling/sms-throttle';
import type { SmsThrottle, WantedMessage } from '../throttling/sms-throttle';
import type { AccessTokenProfile } from '../tokens/own-access-tokens';
import { newSmsCode, RESEND_SECONDS, smsCodeMac } from './sms-code';
import type { CodeBinding } from './sms-code';
import { SmsCodesRepository } from './sms-codes.repository';
import { SMS_OFFER, SmsNotSent } from './sms-sender';
import type { SmsOffer } from './sms-sender';
import { smsText } from './sms-text';

/** What a code is sent for. */
export interface WantedCode extends WantedMessage {
  readonly factorId: string;
  readonly boundTo: CodeBinding;
}

/**
 * Sends codes, while whoever asked for one waits: what does not go out now is of use to nobody later, they are told at once
 * and can take another way, and no code is kept in any form that could be read.
 */
@Injectable()
export class SmsMessages {
  constructor(
    private readonly codes: SmsCodesRepository,
    @Inject(SMS_OFFER) private readonly offer: SmsOffer | undefined,
    @Inject(SMS_THROTTLE) private readonly throttle: SmsThrottle,
    @Inject(KEY_ENCRYPTION) private readonly encryption: KeyEncryption,
    @Inject(TOKEN_PROFILE) private readonly profile: AccessTokenProfile,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(SECURITY_EVENTS) private readonly events: SecurityEvents,
  ) {}

  /** @throws ServiceError FAILED_PRECONDITION `sms_not_offered` where no operator has switched it on */
  requireOffer(): SmsOffer {
    if (!this.offer) throw new ServiceError('FAILED_PRECONDITION', 'sms_not_offered');
    return this.offer;
  }

  /** Counts a message that is to be sent. @throws ServiceError as {@link SmsThrottle.admit} does */
  admit(wanted: WantedMessage): Promise<void> {
    return this.throttle.admit(wanted);
  }

  /** @throws SmsLimitReached when the last message for this request is younger than {@link RESEND_SECONDS} */
  async requirePause(boundTo: CodeBinding): Promise<void> {
    const wait = await this.codes.secondsToWait(boundTo, this.clock());
    if (wait > 0) throw new SmsLimitReached(wait);
  }

  /**
   * Sends a code that was admitted; the one sent before for the same request is void.
   *
   * @throws ServiceError FAILED_PRECONDITION `sms_not_offered`; INVALID_ARGUMENT `phone_number_refused` when the provider
   * does not take the number; UNAVAILABLE `sms_not_sent`; and as {@link SmsMessages.requirePause} does
   */
  async send({ factorId, boundTo, ...wanted }: WantedCode): Promise<void> {
    const { sender } = this.requireOffer();
    const code = newSmsCode();
    const mac = await smsCodeMac(this.encryption, code, { boundTo, factorId });
    const sent = { boundTo, factorId, mac };
    if (!(await this.codes.keep(sent, this.clock()))) throw new SmsLimitReached(RESEND_SECONDS);
    try {
      await sender.send({ to: wanted.number, text: smsText(code, this.profile.issuer) });
    } catch (error) {
      await this.codes.forget(sent);
      throw this.notSent(error);
    }
    this.logger.info({ event: 'sms_sent', factor: factorId });
    this.events.record({
      type: 'authentication',
      outcome: 'succeeded',
      reason: 'sms_code_sent',
      principal: wanted.accountId,
      clientAddress: wanted.clientAddress,
    });
  }

  private notSent(error: unknown): ServiceError {
    const isFinal = error instanceof SmsNotSent && error.isFinal;
    this.logger.warn({ event: 'sms_not_sent', isFinal, error });
    return isFinal
      ? new ServiceError('INVALID_ARGUMENT', 'phone_number_refused')
      : new ServiceError('UNAVAILABLE', 'sms_not_sent', undefined, { cause: error });
  }
}
