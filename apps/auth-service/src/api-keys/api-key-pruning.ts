import { Inject, Injectable } from '@nestjs/common';
import { removeInBatches } from '@sallyport/nest-zero-trust';
import type { RepeatedJob } from '@sallyport/nest-zero-trust';
import type { Clock } from '@sallyport/tokens';
import { CLOCK } from '../app.tokens';
import { EndedApiKeysRepository } from './ended-api-keys.repository';

const INTERVAL_MS = 10 * 60 * 1000;

/**
 * Removes keys and previous secrets that ended more than 30 days ago. Only housekeeping: every query looks at the end
 * itself. Any number of replicas may run it; each skips the rows that another is removing.
 */
@Injectable()
export class ApiKeyPruning implements RepeatedJob {
  readonly name = 'api_key_pruning';

  constructor(
    private readonly ended: EndedApiKeysRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  pauseMs(): number {
    return INTERVAL_MS;
  }

  /** Removes what is due, batch after batch. */
  async run(stopping?: AbortSignal): Promise<void> {
    const now = this.clock();
    for (const what of ['removeKeys', 'removeSecrets'] as const) {
      await removeInBatches(stopping, (limit) => this.ended[what](now, limit));
    }
  }
}
