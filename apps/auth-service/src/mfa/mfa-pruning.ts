import { Inject, Injectable } from '@nestjs/common';
import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { RepeatedPasses } from '@sallyport/nest-zero-trust';
import type { Logger } from '@sallyport/observability';
import type { Clock } from '@sallyport/tokens';
import { CLOCK, LOGGER } from '../app.tokens';
import { WebauthnChallengesRepository } from '../passkeys/webauthn-challenges.repository';
import { PhoneFactorsRepository } from '../sms/phone-factors.repository';
import { SmsCodesRepository } from '../sms/sms-codes.repository';
import { MfaChallengesRepository } from './mfa-challenges.repository';
import { TotpFactorsRepository } from './totp-factors.repository';

const INTERVAL_MS = 10 * 60 * 1000;
/** Keeps each statement, and the locks it takes, short. */
const BATCH_SIZE = 500;

/**
 * Removes challenges nobody met, codes nobody gave and enrolments nobody confirmed. Only housekeeping: every query looks at the end itself. Any
 * number of replicas may run it.
 */
@Injectable()
export class MfaPruning implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly passes = new RepeatedPasses(
    () => this.run(),
    () => INTERVAL_MS,
  );

  constructor(
    private readonly challenges: MfaChallengesRepository,
    private readonly factors: TotpFactorsRepository,
    private readonly passkeyChallenges: WebauthnChallengesRepository,
    private readonly phones: PhoneFactorsRepository,
    private readonly messages: SmsCodesRepository,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.passes.start();
  }

  onModuleDestroy(): Promise<void> {
    return this.passes.stop();
  }

  /** Removes what is due, batch after batch. Never rejects: what is left is taken the next time. */
  async run(): Promise<void> {
    const now = this.clock();
    try {
      for (const rows of [
        this.challenges,
        this.factors,
        this.passkeyChallenges,
        this.phones,
        this.messages,
      ]) {
        let removed = BATCH_SIZE;
        while (removed === BATCH_SIZE && !this.passes.isStopped) {
          removed = await rows.removeExpired(now, BATCH_SIZE);
        }
      }
    } catch (error) {
      this.logger.warn({ event: 'mfa_pruning_failed', error });
    }
  }
}
