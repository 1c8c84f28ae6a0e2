import { Inject, Injectable } from '@nestjs/common';
import { correlationId } from '@sallyport/observability';
import type { Clock } from '@sallyport/tokens';
import { parseEmailAddress } from '../accounts/email-address';
import { CLOCK } from '../app.tokens';
import { NewPasswords } from '../passwords/new-passwords.service';
import { ATTEMPT_THROTTLE } from '../throttling/attempt-throttle';
import type { AttemptThrottle } from '../throttling/attempt-throttle';
import { RegistrationRequestsRepository } from './registration-requests.repository';

/** What somebody who registers sends, as it arrived. */
export interface PresentedRegistration {
  readonly email: string;
  /** Empty when none was sent. */
  readonly password: string;
  readonly clientAddress: string | undefined;
}

/** Takes in requests for an account that are answered by mail. */
@Injectable()
export class RegistrationRequestsService {
  constructor(
    private readonly requests: RegistrationRequestsRepository,
    private readonly newPasswords: NewPasswords,
    @Inject(ATTEMPT_THROTTLE) private readonly throttle: AttemptThrottle,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Writes down that an account is asked for. Looks nothing up and hashes nothing: who asks for an address with an account and
   * for one without is given the same answer because the same is done, and learns nothing from the time it takes (ASVS 5 6.3.8).
   *
   * A password is looked at, so that one the policy refuses is refused early, and forgotten: whoever registers somebody else's
   * address would otherwise choose the password of the account that its owner then confirms.
   *
   * @throws ServiceError INVALID_ARGUMENT `email_invalid`, and what {@link NewPasswords.parse} and
   * {@link AttemptThrottle.admit} throw.
   */
  async request({
    email: presented,
    password,
    clientAddress,
  }: PresentedRegistration): Promise<void> {
    const email = parseEmailAddress(presented);
    if (password !== '') this.newPasswords.parse(password, { email, hasSecondFactor: false });
    await this.throttle.admit('registration', { email, clientAddress });
    await this.requests.add({ email, clientAddress, correlationId: correlationId() }, this.clock());
  }
}
