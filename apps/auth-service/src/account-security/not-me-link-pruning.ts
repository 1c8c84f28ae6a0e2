import { Inject, Injectable } from '@nestjs/common';
import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { RepeatedPasses } from '@sallyport/nest-zero-trust';
import type { Logger } from '@sallyport/observability';
import type { Clock } from '@sallyport/tokens';
import { CLOCK, LOGGER } from '../app.tokens';
import { NotMeLinksRepository } from './not-me-links.repository';

const INTERVAL_MS = 60 * 60 * 1000;

/** Forgets links of notices that have been past their end for a day. Only housekeeping: every query looks at the end itself. */
@Injectable()
export class NotMeLinkPruning implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly passes = new RepeatedPasses(
    () => this.run(),
    () => INTERVAL_MS,
  );

  constructor(
    private readonly links: NotMeLinksRepository,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.passes.start();
  }

  onModuleDestroy(): Promise<void> {
    return this.passes.stop();
  }

  /** Never rejects: what is left is taken the next time. */
  async run(): Promise<void> {
    try {
      await this.links.removeExpired(this.clock());
    } catch (error) {
      this.logger.warn({ event: 'not_me_link_pruning_failed', error });
    }
  }
}
