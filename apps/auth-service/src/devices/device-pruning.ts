import { Inject, Injectable } from '@nestjs/common';
import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { RepeatedPasses } from '@sallyport/nest-zero-trust';
import type { Logger } from '@sallyport/observability';
import type { Clock } from '@sallyport/tokens';
import { CLOCK, LOGGER } from '../app.tokens';
import { DevicesRepository } from './devices.repository';

const INTERVAL_MS = 60 * 60 * 1000;
/** Keeps each statement, and the locks it takes, short. */
const BATCH_SIZE = 500;

/** Removes devices that have not been used for too long. Only housekeeping: every query looks at the end itself. */
@Injectable()
export class DevicePruning implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly passes = new RepeatedPasses(
    () => this.run(),
    () => INTERVAL_MS,
  );

  constructor(
    private readonly devices: DevicesRepository,
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
      let removed = BATCH_SIZE;
      while (removed === BATCH_SIZE && !this.passes.isStopped) {
        removed = await this.devices.removeExpired(now, BATCH_SIZE);
      }
    } catch (error) {
      this.logger.warn({ event: 'device_pruning_failed', error });
    }
  }
}
