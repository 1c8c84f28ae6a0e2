import { Inject, Injectable } from '@nestjs/common';
import { correlationId } from '@sallyport/observability';
import type { Clock } from '@sallyport/tokens';
import { parseEmailAddress } from '../accounts/email-address';
import { CLOCK } from '../app.tokens';
import { ATTEMPT_THROTTLE } from '../throttling/attempt-throttle';
import type { AttemptThrottle } from '../throttling/attempt-throttle';
import { ResetRequestsRepository } from './reset-requests.repository';

/** Takes in requests for a new password. */
@Injectable()
export class ResetRequestsService {
  constructor(
    private readonly requests: ResetRequestsRepository,
    @Inject(ATTEMPT_THROTTLE) private readonly throttle: AttemptThrottle,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Writes down that a new password is asked for. Looks nothing up: who asks for an address with an account and for one without
   * is given the same answer because the same is done, and learns nothing from the time it takes (ASVS 5 6.3.8).
   *
   * @throws ServiceError INVALID_ARGUMENT `email_invalid`, and what {@link AttemptThrottle.admit} throws.
   */
  async request(presentedEmail: string, clientAddress: string | undefined): Promise<void> {
    const email = parseEmailAddress(presentedEmail);
    await this.throttle.admit('password_reset', { email, clientAddress });
    await this.requests.add({ email, clientAddress, correlationId: correlationId() }, this.clock());
  }
}
