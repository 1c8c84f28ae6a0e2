import { Inject, Injectable } from '@nestjs/common';
import { removeInBatches } from '@sallyport/nest-zero-trust';
import type { RepeatedJob } from '@sallyport/nest-zero-trust';
import type { Clock } from '@sallyport/tokens';
import { CLOCK } from '../app.tokens';
import { DevicesRepository } from './devices.repository';

const INTERVAL_MS = 60 * 60 * 1000;

/** Removes devices that have not been used for too long. Only housekeeping: every query looks at the end itself. */
@Injectable()
export class DevicePruning implements RepeatedJob {
  readonly name = 'device_pruning';

  constructor(
    private readonly devices: DevicesRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  pauseMs(): number {
    return INTERVAL_MS;
  }

  async run(stopping?: AbortSignal): Promise<void> {
    const now = this.clock();
    await removeInBatches(stopping, (limit) => this.devices.removeExpired(now, limit));
  }
}
