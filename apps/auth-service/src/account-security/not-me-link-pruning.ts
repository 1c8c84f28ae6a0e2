import { Inject, Injectable } from '@nestjs/common';
import { removeInBatches } from '@sallyport/nest-zero-trust';
import type { RepeatedJob } from '@sallyport/nest-zero-trust';
import type { Clock } from '@sallyport/tokens';
import { CLOCK } from '../app.tokens';
import { NotMeLinksRepository } from './not-me-links.repository';

const INTERVAL_MS = 60 * 60 * 1000;

/** Forgets links of notices that have been past their end for a day. Only housekeeping: every query looks at the end itself. */
@Injectable()
export class NotMeLinkPruning implements RepeatedJob {
  readonly name = 'not_me_link_pruning';

  constructor(
    private readonly links: NotMeLinksRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  pauseMs(): number {
    return INTERVAL_MS;
  }

  async run(stopping?: AbortSignal): Promise<void> {
    const now = this.clock();
    await removeInBatches(stopping, (limit) => this.links.removeExpired(now, limit));
  }
}
