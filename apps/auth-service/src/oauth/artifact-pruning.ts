import { Inject, Injectable } from '@nestjs/common';
import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { RepeatedPasses } from '@sallyport/nest-zero-trust';
import type { Logger } from '@sallyport/observability';
import type { Clock } from '@sallyport/tokens';
import { CLOCK, LOGGER } from '../app.tokens';
import { ArtifactsRepository } from './artifacts.repository';
import { ConsentsRepository } from './consents/consents.repository';

const INTERVAL_MS = 10 * 60 * 1000;
/** Keeps each statement, and the locks it takes, short. */
const BATCH_SIZE = 500;

/**
 * Removes codes, tokens, consents and whatever else of the authorization server is past its end. Only housekeeping: every query looks
 * at the end itself. Any number of replicas may run it; each skips the rows that another is removing.
 */
@Injectable()
export class ArtifactPruning implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly passes = new RepeatedPasses(
    () => this.run(),
    () => INTERVAL_MS,
  );

  constructor(
    private readonly artifacts: ArtifactsRepository,
    private readonly consents: ConsentsRepository,
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
    try {
      let removed = BATCH_SIZE;
      while (removed === BATCH_SIZE && !this.passes.isStopped) {
        removed = await this.artifacts.removeExpired(BATCH_SIZE);
      }
      await this.consents.removeOutdated(this.clock());
    } catch (error) {
      this.logger.warn({ event: 'artifact_pruning_failed', error });
    }
  }
}
