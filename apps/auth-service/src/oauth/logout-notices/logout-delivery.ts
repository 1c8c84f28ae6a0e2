import { Inject, Injectable } from '@nestjs/common';
import { eachBatch } from '@sallyport/nest-zero-trust';
import type { RepeatedJob } from '@sallyport/nest-zero-trust';
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
export class LogoutDelivery implements RepeatedJob {
  readonly name = 'logout_delivery';

  constructor(
    private readonly notices: LogoutNoticesRepository,
    @Inject(LOGOUT_TOKENS) private readonly tokens: SendsLogoutTokens,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  pauseMs(): number {
    return INTERVAL_MS;
  }

  /** Sends what is due, batch after batch. */
  run(stopping?: AbortSignal): Promise<void> {
    return eachBatch(stopping, async () => {
      const notices = await this.notices.take(BATCH_SIZE);
      await Promise.all(notices.map((notice) => this.attempt(notice)));
      return notices.length > 0;
    });
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
