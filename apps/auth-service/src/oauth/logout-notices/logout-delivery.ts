import { Inject, Injectable } from '@nestjs/common';
import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { RepeatedPasses } from '@sallyport/nest-zero-trust';
import type { Logger } from '@sallyport/observability';
import { LOGGER } from '../../app.tokens';
import { LogoutNoticesRepository, MOST_ATTEMPTS } from './logout-notices.repository';
import type { LogoutNotice } from './logout-notices.repository';
import { LOGOUT_TOKENS } from './logout-tokens';
import type { SendsLogoutTokens } from './logout-tokens';

/** How long the end of a session waits for its client to be told, at most, while nothing is to be retried. */
const INTERVAL_MS = 1_000;

/** Sent at the same time; each takes as long as its client lets it, up to the timeout of a call. */
const BATCH_SIZE = 20;

/**
 * Tells clients that somebody's sign-in is over (OpenID Connect Back-Channel Logout 1.0), however it ended: after the end was
 * committed, so that no client holds one up. Any number of replicas may run it; each skips the notices that another has taken.
 */
@Injectable()
export class LogoutDelivery implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly passes = new RepeatedPasses(
    () => this.run(),
    () => INTERVAL_MS,
  );

  constructor(
    private readonly notices: LogoutNoticesRepository,
    @Inject(LOGOUT_TOKENS) private readonly tokens: SendsLogoutTokens,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.passes.start();
  }

  onModuleDestroy(): Promise<void> {
    return this.passes.stop();
  }

  /** Sends what is due, batch after batch. Never rejects: what is left is taken the next time. */
  async run(): Promise<void> {
    try {
      let taken = BATCH_SIZE;
      while (taken === BATCH_SIZE && !this.passes.isStopped) {
        const notices = await this.notices.take(BATCH_SIZE);
        await Promise.all(notices.map((notice) => this.attempt(notice)));
        taken = notices.length;
      }
    } catch (error) {
      this.logger.warn({ event: 'logout_delivery_failed', error });
    }
  }

  private async attempt(notice: LogoutNotice): Promise<void> {
    const { id, clientId: client, attempts } = notice;
    try {
      await this.tokens.send(notice);
    } catch (error) {
      this.logger.warn({ event: 'client_not_told_of_logout', client, attempts, error });
      if (attempts < MOST_ATTEMPTS) return;
    }
    await this.notices.remove(id);
  }
}
