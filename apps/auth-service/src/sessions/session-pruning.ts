import { Inject, Injectable } from '@nestjs/common';
import { removeInBatches } from '@sallyport/nest-zero-trust';
import type { RepeatedJob } from '@sallyport/nest-zero-trust';
import type { Clock } from '@sallyport/tokens';
import { CLOCK } from '../app.tokens';
import { RevocationsRepository } from '../revocations/revocations.repository';
import { SessionsRepository } from './sessions.repository';

const INTERVAL_MS = 10 * 60 * 1000;

/**
 * Removes sessions that are past their end, successors that no grace hands out any more, and the records of revocations that have no effect any more. Only
 * housekeeping: every query looks at the end itself. Any number of replicas may run it; each skips the rows that
 * another is removing.
 */
@Injectable()
export class SessionPruning implements RepeatedJob {
  readonly name = 'session_pruning';

  constructor(
    private readonly sessions: SessionsRepository,
    private readonly revocations: RevocationsRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  pauseMs(): number {
    return INTERVAL_MS;
  }

  /** Removes what is due, batch after batch. */
  async run(stopping?: AbortSignal): Promise<void> {
    const now = this.clock();
    await this.sessions.closeGraces(now);
    for (const rows of [this.sessions, this.revocations]) {
      await removeInBatches(stopping, (limit) => rows.removeExpired(now, limit));
    }
  }
}
