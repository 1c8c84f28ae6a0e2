import { Inject, Injectable } from '@nestjs/common';
import { removeInBatches } from '@sallyport/nest-zero-trust';
import type { RepeatedJob } from '@sallyport/nest-zero-trust';
import type { Clock } from '@sallyport/tokens';
import { CLOCK } from '../app.tokens';
import { ArtifactsRepository } from './artifacts.repository';
import { ConsentsRepository } from './consents/consents.repository';

const INTERVAL_MS = 10 * 60 * 1000;

/**
 * Removes codes, tokens, consents and whatever else of the authorization server is past its end. Only housekeeping: every query looks
 * at the end itself. Any number of replicas may run it; each skips the rows that another is removing.
 */
@Injectable()
export class ArtifactPruning implements RepeatedJob {
  readonly name = 'artifact_pruning';

  constructor(
    private readonly artifacts: ArtifactsRepository,
    private readonly consents: ConsentsRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  pauseMs(): number {
    return INTERVAL_MS;
  }

  /** Removes what is due, batch after batch. */
  async run(stopping?: AbortSignal): Promise<void> {
    await removeInBatches(stopping, (limit) => this.artifacts.removeExpired(limit));
    await this.consents.removeOutdated(this.clock());
  }
}
