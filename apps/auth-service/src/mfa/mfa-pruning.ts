import { Inject, Injectable } from '@nestjs/common';
import { removeInBatches } from '@sallyport/nest-zero-trust';
import type { RepeatedJob } from '@sallyport/nest-zero-trust';
import type { Clock } from '@sallyport/tokens';
import { CLOCK } from '../app.tokens';
import { MfaChallengesRepository } from './mfa-challenges.repository';
import { TotpFactorsRepository } from './totp-factors.repository';

const INTERVAL_MS = 10 * 60 * 1000;

/**
 * Removes challenges nobody met and enrolments nobody confirmed. Only housekeeping: every query looks at the end itself. Any
 * number of replicas may run it.
 */
@Injectable()
export class MfaPruning implements RepeatedJob {
  readonly name = 'mfa_pruning';

  constructor(
    private readonly challenges: MfaChallengesRepository,
    private readonly factors: TotpFactorsRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  pauseMs(): number {
    return INTERVAL_MS;
  }

  /** Removes what is due, batch after batch. */
  async run(stopping?: AbortSignal): Promise<void> {
    const now = this.clock();
    for (const rows of [this.challenges, this.factors]) {
      await removeInBatches(stopping, (limit) => rows.removeExpired(now, limit));
    }
  }
}
