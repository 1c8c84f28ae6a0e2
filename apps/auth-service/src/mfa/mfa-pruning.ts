import { Inject, Injectable } from '@nestjs/common';
import { removeInBatches } from '@sallyport/nest-zero-trust';
import type { RepeatedJob } from '@sallyport/nest-zero-trust';
import type { Clock } from '@sallyport/tokens';
import { CLOCK } from '../app.tokens';
import { WebauthnChallengesRepository } from '../passkeys/webauthn-challenges.repository';
import { PhoneFactorsRepository } from '../sms/phone-factors.repository';
import { SmsCodesRepository } from '../sms/sms-codes.repository';
import { MfaChallengesRepository } from './mfa-challenges.repository';
import { TotpFactorsRepository } from './totp-factors.repository';

const INTERVAL_MS = 10 * 60 * 1000;

/**
 * Removes challenges nobody met, codes nobody gave and enrolments nobody confirmed. Only housekeeping: every query looks at the end itself. Any
 * number of replicas may run it.
 */
@Injectable()
export class MfaPruning implements RepeatedJob {
  readonly name = 'mfa_pruning';

  constructor(
    private readonly challenges: MfaChallengesRepository,
    private readonly factors: TotpFactorsRepository,
    private readonly passkeyChallenges: WebauthnChallengesRepository,
    private readonly phones: PhoneFactorsRepository,
    private readonly messages: SmsCodesRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  pauseMs(): number {
    return INTERVAL_MS;
  }

  /** Removes what is due, batch after batch. */
  async run(stopping?: AbortSignal): Promise<void> {
    const now = this.clock();
    const all = [this.challenges, this.factors, this.passkeyChallenges, this.phones, this.messages];
    for (const rows of all) {
      await removeInBatches(stopping, (limit) => rows.removeExpired(now, limit));
    }
  }
}
