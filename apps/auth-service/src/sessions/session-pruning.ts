import { Inject, Injectable } from '@nestjs/common';
import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import type { Logger } from '@sallyport/observability';
import type { Clock } from '@sallyport/tokens';
import { CLOCK, LOGGER } from '../app.tokens';
import { SessionsRepository } from './sessions.repository';

const INTERVAL_MS = 10 * 60 * 1000;
/** Keeps each statement, and the locks it takes, short. */
const BATCH_SIZE = 500;

/**
 * Removes sessions that are past their end. Only housekeeping: every query looks at the end itself.
 * Any number of replicas may run it; each skips the rows that another is removing.
 */
@Injectable()
export class SessionPruning implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;
  private pass: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(
    private readonly sessions: SessionsRepository,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.schedule();
  }

  /** Waits for the pass that is under way. */
  async onModuleDestroy(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.pass;
  }

  /** Removes what is due, batch after batch. Never rejects: what is left is taken the next time. */
  async run(): Promise<void> {
    const now = this.clock();
    try {
      let removed = BATCH_SIZE;
      while (removed === BATCH_SIZE && !this.stopped) {
        removed = await this.sessions.removeExpired(now, BATCH_SIZE);
      }
    } catch (error) {
      this.logger.warn({ event: 'session_pruning_failed', error });
    }
  }

  private schedule(): void {
    this.timer = setTimeout(() => {
      this.pass = this.run().then(() => {
        if (!this.stopped) this.schedule();
      });
    }, INTERVAL_MS);
  }
}
